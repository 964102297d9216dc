import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.simulate import World
from nbo.tables import CustomerTables
from nbo.value import profitability, segment_profit

START, END = "2026-01-01", "2026-02-01"


def found(**columns):
    sales = {
        "customer_id": ["ann", "bob", "cy", None], "event_time": "2026-01-05",
        "amount": [90.0, 10.0, 4.0, 5.0], "margin": [30.0, 4.0, -6.0, 1.0],
    }  # fmt: skip
    return profitability(CustomerTables(transactions=pd.DataFrame(sales).assign(**columns)), START, END)


def test_segments_by_hand():
    table = segment_profit(found(), pd.DataFrame({"customer_id": ["ann", "cy"], "segment": ["gold", "blue"]}))
    # ann 30 of 29 in all; bob has no segment; the sale of nobody has a row of its own.
    assert table["segment"].tolist() == ["gold", "not known", "blue", "no customer"]
    assert table["profit"].tolist() == [30.0, 4.0, -6.0, 1.0]
    assert table["revenue"].tolist() == [90.0, 10.0, 4.0, 5.0]
    assert table["customers"].tolist() == [1, 1, 1, 0]
    assert table["with_loss"].tolist() == [0, 0, 1, 0]
    assert table["profit_share"].tolist() == pytest.approx([30 / 29, 4 / 29, -6 / 29, 1 / 29])
    assert table["profit_per_customer"].tolist()[:3] == [30.0, 4.0, -6.0]


def test_without_a_profit_in_all_there_are_no_shares_of_it():
    table = segment_profit(found(margin=[-30.0, 4.0, -6.0, 1.0]), pd.Series({"ann": "gold"}))
    assert table["profit_share"].isna().all()


def test_segments_of_a_simulated_world_add_up_to_the_tables_to_the_cent():
    world = World(customers=400, days=200, seed=3, live_days=30)
    tables = world.tables
    whole = profitability(tables, world.live_from - pd.Timedelta("90D"), world.live_from)
    ids = whole.customers["customer_id"]
    labels = pd.Series(np.array(["a", "b", "c"])[np.arange(len(ids)) % 3], index=ids).iloc[: len(ids) // 2]
    table = segment_profit(whole, labels)
    cents = (table[whole.lines] * 100).round().astype("int64").sum()
    assert cents.tolist() == whole.total_cents[whole.lines].sum().tolist()
    assert table["customers"].sum() == len(ids)


def test_a_customer_with_two_segments_is_refused():
    twice = pd.DataFrame({"customer_id": ["ann", "ann"], "segment": ["gold", "blue"]})
    with pytest.raises(InputError, match="segments.customer_id must be each customer once; 1 of 2 rows"):
        segment_profit(found(), twice)


def test_numbers_as_segments_keep_their_names_and_customers_of_all_periods_count():
    sales = pd.DataFrame(
        {"customer_id": [1, 2], "event_time": "2026-01-05", "amount": [9.0, 5.0], "margin": [4.0, 1.0]}
    )
    tables = CustomerTables(transactions=sales, customers=pd.DataFrame({"customer_id": [1, 2, 3]}))
    for by in (None, "month"):
        table = segment_profit(profitability(tables, START, END, by=by), pd.Series({1: 10, 3: 20}))
        assert table[["segment", "customers", "profit"]].values.tolist() == [
            ["10", 1, 4.0], ["not known", 1, 1.0], ["20", 1, 0.0], ["no customer", 0, 0.0],
        ]  # fmt: skip


def test_texts_as_ids_where_the_customers_have_numbers_are_refused():
    whole = found(customer_id=[1, 2, 3, 4])
    with pytest.raises(InputError, match="segments.customer_id must be of the kind .* it holds text such as '1'"):
        segment_profit(whole, pd.Series({"1": "gold"}))

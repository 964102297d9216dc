"""From sales and expense over profitability and RFM to lifetime value, each level reconciled to the tables."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nbo.datasets import load_cdnow
from nbo.errors import DataSetNotFoundError, InputError
from nbo.models import MBGNBD, GammaGamma, purchase_summary
from nbo.simulate import World
from nbo.tables import CustomerTables
from nbo.value import profitability, value_levels

DATA = Path(os.environ.get("NBO_DATA", Path(__file__).parents[2] / "../shared/data"))
NOW = "2026-02-01"


def by_hand() -> CustomerTables:
    return CustomerTables(
        customers=pd.DataFrame({"customer_id": ["ann", "bob", "cy"]}),
        transactions=pd.DataFrame(
            {
                "customer_id": ["ann", "ann", "bob", "zoe", "ann"],
                "event_time": ["2026-01-05", "2026-01-25", "2026-01-20", "2026-01-21", "2026-01-30"],
                "kind": ["sale", "sale", "sale", "sale", "return"],
                "amount": [10.0, 20.01, 5.0, 3.0, 10.0],
                "margin": [4.0, 8.0, 2.0, 1.0, -4.0],
            }
        ),
        cases=pd.DataFrame({"customer_id": ["bob"], "opened_at": ["2026-01-09"], "cost_to_serve": [2.5]}),
    )


def test_three_levels_from_one_table_by_hand():
    found = value_levels(by_hand(), NOW, clv=pd.Series({"bob": 9.5, "ann": 40.0, "nobody": 7.0}))
    rows = found.customers.set_index("customer_id")
    assert rows["sales"].tolist() == [30.01, 5, 0]
    assert rows["expense"].tolist() == [30.01 - (4 + 8 - 4), 3 + 2.5, 0]
    assert rows["profit"].tolist() == [8, -0.5, 0]
    assert rows["recency_days"].tolist()[:2] == [7, 12]
    assert np.isnan(rows.loc["cy", "recency_days"])
    assert rows["frequency"].tolist() == [2, 1, 0]
    assert rows["monetary"].tolist() == [30.01, 5, 0]
    assert rows.loc["cy", "segment"] == "no_purchase"
    assert rows["clv"].tolist()[:2] == [40, 9.5]


def test_each_level_reconciles_to_the_ledger_by_hand():
    found = value_levels(by_hand(), NOW, clv=pd.Series({"bob": 9.5, "ann": 40.0}))
    table = found.reconcile().set_index("what")
    assert table["level"].tolist() == [1, 1, 2, 2, 3, 3]
    assert table.loc["sales"].tolist()[1:] == [3501, 300, 3801, 0]
    assert table.loc["expense"].tolist()[1:] == [2201 + 550, 200, 2951, 0]
    assert table.loc["profit"].tolist()[1:] == [750, 100, 850, 0]
    assert table.loc["monetary"].tolist()[1:] == table.loc["purchases behind clv"].tolist()[1:] == [3501, 300, 3801, 0]
    assert table.loc["clv"].tolist()[1:] == [4950, 0, 4950, 0]


def test_each_level_reconciles_in_a_simulated_world_and_agrees_with_profitability():
    world = World(customers=800, days=250, seed=8)
    found = value_levels(world.tables, world.end, weeks=26)
    assert (found.reconcile()["difference"] == 0).all()
    profit = profitability(world.tables, found.profitability.start, world.end)
    assert np.rint(100 * found.customers["profit"]).astype("int64").tolist() == profit.cents["profit"].tolist()
    assert found.customers["clv"].notna().sum() == (found.customers["frequency"] > 0).sum() > 300
    assert set(found.customers["recency_score"]) <= {0, 1, 2, 3, 4, 5}


def test_the_third_level_is_the_models_of_purchases_on_the_public_transactions():
    try:
        tables = load_cdnow(DATA / "cdnow").tables
    except DataSetNotFoundError:
        pytest.skip("CDNOW is not in the folder of public data")
    found = value_levels(tables, "1997-10-01", weeks=39)
    table = found.reconcile().set_index("what")
    assert (table["difference"] == 0).all()
    sales = tables.transactions[tables.transactions["event_time"] < "1997-10-01"]
    assert table.loc["sales", "total"] == np.rint(100 * sales["amount"]).sum()
    paid = sales[sales["amount"] > 0]
    summary = purchase_summary(paid, "1997-10-01")
    # Who bought once may be gone, and what that purchase cost counts: MBG/NBD, and the first purchase in the spend.
    spend = GammaGamma(include_first=True).fit(summary).expected_spend(summary)
    expected = MBGNBD().fit(summary).expected_purchases(summary, 39) * spend
    mine = found.customers.set_index("customer_id")["clv"]
    # No cost of goods is published: all of the revenue is margin.
    assert mine[summary["customer_id"]].to_numpy() == pytest.approx(expected, abs=0.005)
    assert mine.drop(summary["customer_id"]).isna().all()


def test_later_rows_change_nothing_and_neither_does_order():
    tables = by_hand()
    now = value_levels(tables, NOW).customers
    more = pd.concat(
        [
            tables.transactions,
            tables.transactions.assign(event_time="2026-02-01"),
            tables.transactions.assign(event_time="2025-06-01", known_at="2026-02-01"),
        ]
    )
    grown = tables.replace(transactions=more.sample(frac=1, random_state=2))
    pd.testing.assert_frame_equal(value_levels(grown, NOW).customers, now)
    assert now["clv"].isna().all()


def test_bad_input_nothing_and_page():
    with pytest.raises(InputError, match="no row is known before 2026-02-01 00:00:00 to start from; give a start"):
        value_levels(CustomerTables(), NOW)
    assert len(value_levels(CustomerTables(), NOW, start="2026-01-01").customers) == 0
    with pytest.raises(TypeError, match="clv must be a Series by customer id; got list"):
        value_levels(by_hand(), NOW, clv=[1.0])
    with pytest.raises(InputError, match="clv's index must be each customer once"):
        value_levels(by_hand(), NOW, clv=pd.Series([1.0, 2.0], index=["ann", "ann"]))
    with pytest.raises(InputError, match="weeks must be above 0"):
        value_levels(by_hand(), NOW, weeks=0)
    assert "3 customers: sales 35.01" in value_levels(by_hand(), NOW)._repr_html_()

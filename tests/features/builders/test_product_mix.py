import math

import pandas as pd
import pytest

from nbo.features import TransactionFeatures
from nbo.tables import CustomerTables, Spine


def _row(as_of: str = "2026-06-30", **columns) -> dict:
    tables = CustomerTables(transactions=pd.DataFrame({"customer_id": "ann", **columns}))
    spine = Spine.at(as_of, ["ann"])
    return TransactionFeatures(windows=["30D"]).fit(tables, spine).build(tables, spine).loc[0].to_dict()


def test_the_mix_by_hand():
    row = _row(
        event_time=["2026-02-01", "2026-06-10", "2026-06-11", "2026-06-12", "2026-06-13"],
        category=["toys", "books", "books", "pets", None],
        channel=["shop", "web", "web", "web", "shop"],
        amount=[1.0, 2.0, 2.0, 12.0, 4.0],
    )
    shares = (2 / 3, 1 / 3)
    assert row["transactions__category__entropy__30D"] == pytest.approx(-sum(p * math.log(p) for p in shares))
    assert row["transactions__category__top_share__30D"] == 2 / 3
    assert row["transactions__category__top__30D"] == "books"
    # Of all money, also that of the sale without a category.
    assert row["transactions__amount_share__30D__category_books"] == 4 / 20
    assert row["transactions__amount_share__30D__category_toys"] == 0 / 20
    assert row["transactions__channel__top__30D"] == "web"
    assert row["transactions__amount_share__30D__channel_web"] == 16 / 20
    assert (row["transactions__category__earliest__all"], row["transactions__channel__earliest__all"]) == (
        "toys",
        "shop",
    )


def test_without_amounts_shares_are_of_sales():
    row = _row(event_time=["2026-06-10", "2026-06-11", "2026-06-12"], category=["books", "books", "pets"])
    assert row["transactions__share__30D__category_books"] == 2 / 3


def test_a_product_is_new_in_the_window_of_its_first_sale():
    row = _row(
        event_time=["2026-05-31", "2026-06-01", "2026-06-10", "2026-06-10", "2026-06-29"],
        product_id=["a", "b", "a", "b", "c"],
        kind=["sale", "return", "sale", "sale", "sale"],
    )
    # a is known from before; b came back before, but was never bought before; 30 days reach back to May 31.
    assert row["transactions__new_products__30D"] == 3
    later = _row(
        as_of="2026-07-01",
        event_time=["2026-05-31", "2026-06-01", "2026-06-10", "2026-06-10", "2026-06-29"],
        product_id=["a", "b", "a", "b", "c"],
        kind=["sale", "return", "sale", "sale", "sale"],
    )
    assert later["transactions__new_products__30D"] == 2
    assert later["transactions__new_product_share__30D"] == 2 / 3
    assert math.isnan(_row(event_time=["2026-01-01"], product_id=["a"])["transactions__new_product_share__30D"])


def test_all_history_has_no_new_products():
    tables = CustomerTables(
        transactions=pd.DataFrame({"customer_id": "ann", "event_time": ["2026-06-10"], "product_id": ["a"]})
    )
    spine = Spine.at("2026-06-30", ["ann"])
    names = TransactionFeatures(windows=["30D", "all"]).fit(tables, spine).describe()["feature"].tolist()
    assert len(set(names)) == len(names)
    assert not [name for name in names if "new_product" in name]

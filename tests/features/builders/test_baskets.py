import math

import pandas as pd
import pytest

from nbo.features import TransactionFeatures
from nbo.tables import CustomerTables, Spine

TIMES = ["2026-06-10T09:00", "2026-06-10T23:59", "2026-06-11", "2026-06-20"]


def _row(**columns) -> dict:
    tables = CustomerTables(transactions=pd.DataFrame({"customer_id": "ann", "event_time": TIMES, **columns}))
    spine = Spine.at("2026-06-30", ["ann"])
    return TransactionFeatures(windows=["30D"], detail=True).fit(tables, spine).build(tables, spine).loc[0].to_dict()


def test_baskets_by_hand():
    row = _row(amount=[10.0, 5.0, 3.0, 6.0], quantity=[1, 4, 1, 2])
    assert row["transactions__quantity__mean__30D"] == 2.0
    assert row["transactions__quantity__max__30D"] == 4.0
    assert row["transactions__quantity__std__30D"] == pytest.approx(math.sqrt((1 + 4 + 1 + 0) / 3))
    # Two sales of the same day are one order day.
    assert row["transactions__order_day__distinct__30D"] == 3
    assert row["transactions__quantity__per_order_day__30D"] == (1 + 4 + 1 + 2) / 3
    assert row["transactions__amount__per_order_day__30D"] == 24.0 / 3


def test_prices_by_hand():
    row = _row(amount=[10.0, 6.0, 3.0, 100.0], quantity=[1, 3, 1, None], discount=[0.0, 2.0, 1.0, None])
    assert row["transactions__discounted_share__30D"] == 2 / 4
    assert row["transactions__discount_share__30D"] == 3.0 / (3.0 + 119.0)
    assert row["transactions__discount_rate__mean__30D"] == pytest.approx((0 / 10 + 2 / 8 + 1 / 4) / 3)
    # The sale without a quantity has no price a piece.
    assert row["transactions__unit_price__30D"] == 19.0 / 5
    assert row["transactions__unit_price__std__30D"] == pytest.approx(math.sqrt((25 + 9 + 4) / 2))


def test_dearer_than_before():
    sales = pd.DataFrame(
        {"customer_id": "ann", "event_time": ["2026-01-01", "2026-06-20"], "amount": [4.0, 12.0], "quantity": [2, 2]}
    )
    tables, spine = CustomerTables(transactions=sales), Spine.at("2026-06-30", ["ann"])
    row = TransactionFeatures(windows=["30D"]).fit(tables, spine).build(tables, spine).loc[0]
    assert row["transactions__unit_price__trend__30D"] == (12 / 2) / (16 / 4)


def test_a_quantity_of_nothing_is_no_price():
    row = _row(amount=[10.0, 5.0, 3.0, 6.0], quantity=[0, 0, 0, 0])
    assert math.isnan(row["transactions__unit_price__30D"])
    assert math.isnan(row["transactions__unit_price__std__30D"])

import math

import numpy as np
import pandas as pd
import pytest

from nbo.features import TransactionFeatures
from nbo.tables import CustomerTables, Spine


def _row(as_of: str = "2026-06-30", **columns) -> dict:
    tables = CustomerTables(transactions=pd.DataFrame({"customer_id": "ann", **columns}))
    spine = Spine.at(as_of, ["ann"])
    return TransactionFeatures(windows=["30D", "365D"]).fit(tables, spine).build(tables, spine).loc[0].to_dict()


MIXED = {
    "event_time": ["2026-01-10", "2026-06-01", "2026-06-02", "2026-06-12", "2026-06-13", "2026-06-20"],
    "amount": [0.7, 10.1, 20.2, 0.1, 5.0, 7.0],
    "margin": [0.3, 4.1, 6.2, -0.1, -2.0, 3.0],
    "kind": ["sale", "sale", None, "return", "return", "sale"],
    "status": ["completed", None, "completed", "completed", "pending", "pending"],
}


def test_net_value_is_completed_sales_less_completed_returns():
    row = _row(**MIXED)
    # The pending return and the pending order are in neither; cents are exact.
    assert row["transactions__net_amount__sum__30D"] == 30.2
    assert row["transactions__net_amount__sum__all"] == 30.9
    assert row["transactions__amount__sum__all"] - row["transactions__amount__sum__365D__kind_return"] == 30.9
    assert row["transactions__net_margin__sum__365D"] == row["transactions__net_margin__sum__all"] == 10.5


def test_returns_by_count_money_and_time():
    row = _row(**MIXED)
    assert row["transactions__count__365D__kind_return"] == 1
    assert row["transactions__return_rate__365D"] == 1 / 3
    assert row["transactions__returned_share__365D"] == pytest.approx(0.1 / 31.0)
    assert row["transactions__recency_days__kind_return"] == 18.0


def test_orders_that_are_pending():
    row = _row(**{**MIXED, "kind": None, "status": ["pending", None, None, None, "pending", "pending"]})
    assert row["transactions__count__all__status_pending"] == 3
    assert row["transactions__amount__sum__all__status_pending"] == 12.7
    assert row["transactions__pending_days"] == 21 + 28 + 31 + 30 + 31 + 29 + 1
    assert math.isnan(_row(event_time=["2026-06-01"], amount=[1.0])["transactions__pending_days"])


def test_the_ledger_is_the_sum_over_customers(tables_of):
    """No row is lost or counted twice: what customers have adds up to what the table has."""
    tables, as_of = tables_of(1), pd.Timestamp("2027-01-01")
    rows = tables.transactions
    spine = Spine.at(as_of, sorted(rows["customer_id"].unique()))
    X = TransactionFeatures(windows=["365D"]).fit(tables, spine).build(tables, spine)
    completed = rows[(rows["known_at"].isna() | (rows["known_at"] < as_of)) & (rows["status"] != "pending")]
    sign = np.where(completed["kind"] == "return", -1, 1)
    assert X["transactions__net_amount__sum__all"].sum() == pytest.approx((sign * completed["amount"]).sum())
    assert X["transactions__count__all"].sum() == (sign > 0).sum()

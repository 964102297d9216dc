import math

import pandas as pd
import pytest

from nbo.features import TransactionFeatures
from nbo.tables import CustomerTables, Spine


def _row(cases: dict, transactions: dict | None = None, as_of: str = "2026-06-30", **params) -> dict:
    tables = CustomerTables(cases=pd.DataFrame({"customer_id": "ann", **cases}))
    if transactions:
        tables = tables.replace(transactions=pd.DataFrame({"customer_id": "ann", **transactions}))
    spine = Spine.at(as_of, ["ann"])
    params = {"windows": ["30D", "365D"], **params}
    return TransactionFeatures(**params).fit(tables, spine).build(tables, spine).loc[0].to_dict()


CASES = {
    "opened_at": ["2025-01-01", "2026-05-01", "2026-06-01", "2026-06-20", "2026-06-25"],
    "closed_at": ["2025-01-03", "2026-05-05", "2026-06-02", None, "2026-06-30"],
    "kind": ["complaint", "complaint", "complaint", "inquiry", "complaint"],
    "topic": ["price", "price", "price", "price", "delivery"],
    "severity": [5, 4, 1, 2, 5],
    "satisfaction": [5, 2, 3, None, 1],
    "cost_to_serve": [1.0, 2.5, 0.1, None, 9.0],
}


def test_cases_by_topic_and_severity():
    row = _row(CASES)
    assert row["cases__count__365D__topic_price"] == 3
    assert row["cases__count__365D__topic_delivery"] == 1
    assert row["cases__count__365D__severity_from_4"] == 2
    assert row["cases__recency_days__kind_complaint"] == 5.0
    # Within the year: two complaints on the price and one on the delivery.
    assert row["cases__repeat_complaints__365D"] == 1.0


def test_open_cases_by_hand():
    row = _row(CASES)
    # The case closed exactly at as_of is still open; its end is not known yet.
    assert (row["cases__open_count"], row["cases__days_open"]) == (2, 10.0)
    assert (row["cases__topic__latest__open"], row["cases__kind__latest__open"]) == ("delivery", "complaint")
    assert row["cases__severity__max__open"] == 5.0
    after = _row(CASES, as_of="2026-07-01")
    assert (after["cases__open_count"], after["cases__topic__latest__open"]) == (1, "price")


def test_closed_cases_by_hand():
    row = _row(CASES)
    assert row["cases__days_to_close__mean__365D"] == (4 + 1) / 2
    assert row["cases__satisfaction__last__all"] == 3.0
    assert row["cases__satisfaction__mean__all"] == pytest.approx(10 / 3)
    assert row["cases__satisfaction__change__365D"] == (2 + 3) / 2 - 5
    after = _row(CASES, as_of="2026-07-01")
    assert after["cases__days_to_close__mean__365D"] == pytest.approx((4 + 1 + 5) / 3)
    assert after["cases__cost_to_serve__sum__365D"] == 11.6


def test_what_cases_leave_of_the_margin():
    sales = {
        "event_time": ["2026-06-01", "2026-06-10", "2024-01-01"],
        "kind": ["sale", "return", "sale"],
        "amount": [20.0, 5.0, 100.0],
        "margin": [8.3, -2.1, 40.0],
    }
    row = _row(CASES, sales)
    assert row["transactions__profit__365D"] == 3.6  # 8.3 - 2.1 - (2.5 + 0.1), exact to the cent
    assert row["transactions__profit__all"] == 42.6
    assert row["transactions__profit_rate__365D"] == 3.6 / 15.0


@pytest.mark.parametrize(("sale", "gap"), [("2026-06-05", 20.0), ("2026-06-29", -4.0), ("2026-06-30", None)])
def test_days_from_the_last_sale_to_the_complaint(sale, gap):
    row = _row(CASES, {"event_time": [sale]})
    found = row["cases__complaint_after_sale_days"]
    assert math.isnan(found) if gap is None else found == gap


def test_a_few_columns_of_cases_are_enough():
    assert _row({"opened_at": ["2026-06-01"]})["cases__count__30D"] == 1
    assert "transactions__profit__all" not in _row(CASES, {"event_time": ["2026-06-01"], "amount": [1.0]})

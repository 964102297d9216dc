import math

import pandas as pd
import pytest

from nbo.features import TransactionFeatures
from nbo.tables import CustomerTables, Spine


def _row(event_time: list[str], windows: tuple[str, ...] = ("30D", "90D"), **columns) -> dict:
    tables = CustomerTables(transactions=pd.DataFrame({"customer_id": "ann", "event_time": event_time, **columns}))
    spine = Spine.at("2026-06-30", ["ann"])
    return TransactionFeatures(windows=windows).fit(tables, spine).build(tables, spine).loc[0].to_dict()


def test_rhythm_by_hand():
    # Gaps of 10, 20 and 30 days, then 20 days without a sale.
    row = _row(["2026-04-11", "2026-04-21", "2026-05-11", "2026-06-10"])
    assert row["transactions__mean_gap_days"] == 20.0
    assert row["transactions__std_gap_days"] == 10.0
    assert row["transactions__gap_regularity"] == 0.5
    assert row["transactions__overdue"] == 20 / 20
    assert row["transactions__tenure_days"] == 80.0


def test_one_sale_has_no_rhythm():
    row = _row(["2026-06-10"])
    assert math.isnan(row["transactions__overdue"])
    assert math.isnan(row["transactions__gap_regularity"])
    assert math.isnan(_row(["2026-06-10", "2026-06-10"])["transactions__overdue"])


def test_trends_by_hand():
    row = _row(["2026-04-10", "2026-05-10", "2026-06-10", "2026-06-20"], amount=[60.0, 10.0, 20.0, 10.0])
    # 30 of 40 money lately, 2 of 3 sales; 30 in 30 days against 100 in 90.
    assert row["transactions__amount__momentum__30D"] == 2 * 30 / 40
    assert row["transactions__momentum__30D"] == pytest.approx(2 * 2 / 3)
    assert row["transactions__amount__trend__30D__90D"] == pytest.approx((30 / 30) / (100 / 90))
    stopped = _row(["2026-05-10"], amount=[10.0])
    assert stopped["transactions__amount__momentum__30D"] == 0.0
    assert math.isnan(_row(["2026-01-10"], amount=[10.0])["transactions__amount__momentum__30D"])


def test_seasons_by_hand():
    # A Saturday evening, a Sunday morning, a Monday morning and a Monday at night.
    times = ["2026-06-20T20:00", "2026-06-21T06:00", "2026-06-22T11:59", "2026-06-22T05:59"]
    row = _row(times)
    assert row["transactions__share__90D__weekpart_weekend"] == 2 / 4
    assert row["transactions__share__90D__daypart_morning"] == 2 / 4
    assert row["transactions__share__90D__daypart_evening"] == 1 / 4
    assert row["transactions__share__90D__daypart_afternoon"] == 0.0


def test_the_same_time_a_year_ago():
    # 365 days before June 30, 2026 is June 30, 2025: the 30 days up to it.
    times = ["2025-05-30", "2025-05-31", "2025-06-29T23:59", "2025-06-30", "2026-06-01"]
    row = _row(times, amount=[1.0, 2.0, 4.0, 8.0, 16.0])
    assert row["transactions__amount__sum__30D_before_365D"] == 2.0 + 4.0


@pytest.mark.parametrize("windows", [("all",), ("30D_before_30D", "90D"), ("1mo", "3mo", "all")])
def test_odd_windows_have_the_trends_that_make_sense(windows):
    row = _row(["2026-05-10", "2026-06-10"], windows=windows, amount=[1.0, 2.0])
    trends = [name for name in row if "momentum" in name or "trend" in name or "before_365D" in name]
    expected = {
        ("all",): [],
        ("30D_before_30D", "90D"): ["transactions__momentum__90D", "transactions__amount__momentum__90D"],
        ("1mo", "3mo", "all"): [
            *("transactions__momentum__1mo", "transactions__amount__momentum__1mo"),
            *("transactions__amount__trend__1mo__3mo", "transactions__amount__sum__1mo_before_365D"),
        ],
    }
    assert trends == expected[windows]

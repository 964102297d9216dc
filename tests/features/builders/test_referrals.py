import math

import pandas as pd

from nbo.features import TransactionFeatures
from nbo.tables import CustomerTables, Spine


def _row(as_of: str) -> dict:
    frame = pd.DataFrame(
        {
            "customer_id": "ann",
            "event_time": ["2025-01-01", "2026-06-01", "2026-06-02"],
            "referred_id": ["x", "y", "z"],
            "converted_at": ["2026-06-10", "2026-06-15", None],
            "converted_value": [30.0, 0.1, None],
        }
    )
    tables, spine = CustomerTables(referrals=frame), Spine.at(as_of, ["ann"])
    return TransactionFeatures().fit(tables, spine).build(tables, spine).loc[0].to_dict()


def test_referrals_made_and_converted():
    row = _row("2026-06-16")
    assert (row["referrals__count__365D"], row["referrals__count__all"]) == (2, 3)
    assert row["referrals__recency_days"] == 14.0
    assert row["referrals__converted__count__all"] == 2
    assert row["referrals__conversion_rate__all"] == 2 / 3
    assert row["referrals__converted_value__sum__all"] == 30.1


def test_what_converts_later_does_not_count_yet():
    row = _row("2026-06-15")
    assert (row["referrals__conversion_rate__all"], row["referrals__converted_value__sum__all"]) == (1 / 3, 30.0)
    assert math.isnan(_row("2025-01-01")["referrals__conversion_rate__all"])

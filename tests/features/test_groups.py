"""Groups of rows that share a value, such as visits: by hand, and as a slow loop finds them."""

from collections import defaultdict

import numpy as np
import pandas as pd
import pytest

from nbo.features import AggregateFeatures
from nbo.tables import CustomerTables, Spine

FIGURES = ["mean_rows", "single_share", "mean_seconds", "max_seconds"]


def _build(events: pd.DataFrame, spine: Spine, windows=("7D", "all")) -> pd.DataFrame:
    wanted = [f"{figure}(session_id)" for figure in FIGURES]
    tables = CustomerTables(events=events)
    return AggregateFeatures("events", wanted, windows).fit(tables, spine).build(tables, spine)


def test_visits_by_hand():
    events = pd.DataFrame(
        {
            "customer_id": "ann",
            "event_time": pd.to_datetime(
                ["2026-06-01T10:00", "2026-06-28T10:00", "2026-06-28T10:01", "2026-06-28T10:03", "2026-06-28T10:02"]
            ),
            "session_id": ["s1", "s2", "s3", "s2", None],
        }
    )
    row = _build(events, Spine.at("2026-06-30", ["ann"])).loc[0]
    assert row["events__session_id__mean_rows__all"] == (1 + 2 + 1) / 3
    assert row["events__session_id__mean_rows__7D"] == (2 + 1) / 2
    assert row["events__session_id__single_share__all"] == 2 / 3
    assert row["events__session_id__mean_seconds__7D"] == (180 + 0) / 2
    assert row["events__session_id__max_seconds__7D"] == 180


def test_a_window_cuts_a_visit_and_the_future_does_not_lengthen_it():
    times = pd.to_datetime(["2026-06-22T23:59", "2026-06-23T00:00", "2026-06-23T00:01", "2026-06-30T00:00"])
    events = pd.DataFrame({"customer_id": "ann", "event_time": times, "session_id": "s1"})
    row = _build(events, Spine.at("2026-06-30", ["ann"])).loc[0]
    assert row["events__session_id__mean_seconds__7D"] == 60
    assert row["events__session_id__mean_seconds__all"] == 120
    assert row["events__session_id__mean_rows__all"] == 3


@pytest.mark.parametrize("seed", range(5))
def test_visits_as_a_slow_loop_finds_them(seed, tables_of, spine_of):
    events, spine = tables_of(seed).events.drop(columns="known_at"), spine_of(seed)
    X = _build(events, spine, ["30D"])
    for i, (customer, as_of) in enumerate(spine.frame.itertuples(index=False)):
        visits = defaultdict(list)
        for row in events.itertuples():
            inside = as_of - pd.Timedelta("30D") <= row.event_time < as_of
            if row.customer_id == customer and inside and not pd.isna(row.session_id):
                visits[row.session_id].append(row.event_time)
        spans = [(max(times) - min(times)).total_seconds() for times in visits.values()]
        expected = [np.nan] * 4
        if visits:
            sizes = [len(times) for times in visits.values()]
            expected = [np.mean(sizes), sizes.count(1) / len(sizes), np.mean(spans), max(spans)]
        np.testing.assert_array_equal(X.iloc[i].to_numpy(), expected)


def test_decayed_mean_by_hand():
    social = pd.DataFrame(
        {
            "customer_id": ["ann", "ann", "ann", "bob"],
            "event_time": ["2026-06-10", "2026-06-20", "2026-06-29", "2026-06-29"],
            "sentiment": [-1.0, 0.5, None, None],
        }
    )
    tables, spine = CustomerTables(social=social), Spine.at("2026-06-30", ["ann", "bob", "cy"])
    builder = AggregateFeatures("social", ["decayed_mean(sentiment)"], half_lives=["10D"]).fit(tables, spine)
    found = builder.build(tables, spine)["social__sentiment__decayed_mean__10D"]
    # 20 and 10 days old: a quarter and half the weight.
    assert found[0] == pytest.approx((0.25 * -1.0 + 0.5 * 0.5) / (0.25 + 0.5))
    assert found[1:].isna().all()

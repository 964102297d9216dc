"""Opportunities as they stood at a moment: by hand, against a slow plain loop, and never from the future."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.prospects import opportunity_rows
from tests.prospects.worlds import START, mondays, pipeline

HISTORY = pd.DataFrame(
    {
        "opportunity_id": ["a", "a", "a", "a", "b"],
        "entered_at": ["2026-01-01", "2026-01-11", "2026-01-21", "2026-01-25", "2026-01-15"],
        "stage": ["lead", "offer", None, "lead", "lead"],
        "amount": [100.0, None, 80.0, 60.0, None],
        "expected_close": ["2026-02-01", "2026-02-11", None, "2026-02-06", None],
        "owner": ["ann", None, "bob", None, "cem"],
        "closed_at": [None, None, None, "2026-03-01", None],
        "won": [None, None, None, 1, None],
    }
)


def test_a_snapshot_by_hand():
    rows = opportunity_rows(HISTORY, "2026-01-31", until="2026-04-01").set_index("opportunity_id")
    a = rows.loc["a"]
    assert (a["stage"], a["amount"], a["owner"]) == ("lead", 60.0, "bob")
    assert (a["stage_days"], a["open_days"], a["n_stages"]) == (31 - 25, 31 - 1, 2)
    assert (a["amount_changes"], a["amount_ratio"]) == (2, 60 / 100)
    # Put off once, by ten days; then drawn forward by five.
    assert (a["days_to_close"], a["slips"], a["slip_days"]) == (6, 1, 10 - 5)
    assert (a["duration"], a["won"]) == (pd.Timedelta(days=1 + 28), 1)
    b = rows.loc["b"]
    assert (b["stage_days"], b["slips"], b["amount_changes"]) == (16, 0, 0)
    assert np.isnan([b["amount"], b["amount_ratio"], b["days_to_close"], b["won"]]).all()
    # Open at the end of the data: watched so long.
    assert b["duration"] == pd.Timestamp("2026-04-01") - pd.Timestamp("2026-01-31")


def test_what_enters_at_the_moment_is_not_seen_yet_and_a_closing_ends_it():
    assert opportunity_rows(HISTORY, "2026-01-01").empty
    assert opportunity_rows(HISTORY, "2026-01-15")["opportunity_id"].tolist() == ["a"]
    assert opportunity_rows(HISTORY, "2026-03-01")["opportunity_id"].tolist() == ["a", "b"]
    assert opportunity_rows(HISTORY, "2026-03-01 00:00:00.000001")["opportunity_id"].tolist() == ["b"]


def slow_rows(history, as_of):
    found = []
    for key, own in history.groupby("opportunity_id"):
        if (own["closed_at"] < as_of).any():
            continue
        seen = own[own["entered_at"] < as_of].sort_values("entered_at")
        if len(seen):
            entered = seen["entered_at"].iloc[0]
            for before, after in zip(seen.iloc[:-1].itertuples(), seen.iloc[1:].itertuples(), strict=True):
                entered = after.entered_at if after.stage != before.stage else entered
            days = (as_of - entered) / pd.Timedelta(days=1)
            found.append(
                (key, seen["stage"].iloc[-1], round(days, 6), (seen["stage"] != seen["stage"].shift()).sum() - 1)
            )
    return found


def test_rows_equal_a_slow_loop():
    history = pipeline(weeks=40, per_week=4, seed=3)
    for moment in mondays(10, 40, 10):
        rows = opportunity_rows(history, moment)
        days = rows["stage_days"].round(6)
        fast = list(zip(rows["opportunity_id"], rows["stage"], days, rows["n_stages"], strict=True))
        assert fast == slow_rows(history, moment)


def test_rows_of_the_future_or_known_late_change_nothing():
    moment = START + pd.Timedelta(weeks=30)
    history = pipeline(weeks=60, per_week=4, seed=1)
    past = history[history["entered_at"] < moment].copy()
    past[["closed_at", "won"]] = past[["closed_at", "won"]].where(past["closed_at"] < moment)
    rows = opportunity_rows(past, moment)
    pd.testing.assert_frame_equal(opportunity_rows(history, moment), rows)
    # Long past, but nobody knew.
    late = past.tail(50).assign(
        stage="won back", amount=1e9, entered_at=START, known_at=moment, closed_at=pd.NaT, won=np.nan
    )
    pd.testing.assert_frame_equal(opportunity_rows(pd.concat([past, late]), moment)[rows.columns], rows)


def test_a_closing_known_late_leaves_it_open_until_then():
    history = HISTORY.assign(closed_known_at=[None] * 3 + ["2026-03-20", None])
    assert "a" in opportunity_rows(history, "2026-03-20")["opportunity_id"].tolist()
    assert "a" not in opportunity_rows(history, "2026-03-21")["opportunity_id"].tolist()
    early = opportunity_rows(history, "2026-02-01", until="2026-03-20").set_index("opportunity_id")
    assert np.isnan(early.loc["a", "won"])


def test_order_and_repeats_of_rows_tell_nothing():
    history = pipeline(weeks=30, per_week=4, seed=2)
    again = pd.concat([history, history.head(40)]).sample(frac=1.0, random_state=0)
    moments = mondays(5, 30, 5)
    pd.testing.assert_frame_equal(opportunity_rows(again, moments), opportunity_rows(history, moments))
    tied = HISTORY.assign(entered_at="2026-01-01")
    pd.testing.assert_frame_equal(opportunity_rows(tied[::-1], "2026-02-01"), opportunity_rows(tied, "2026-02-01"))


def test_no_rows_one_row_and_columns_that_are_not_there():
    assert opportunity_rows(HISTORY.iloc[:0], "2026-02-01", until="2026-02-01").empty
    bare = HISTORY[["opportunity_id", "entered_at", "stage"]].iloc[:1]
    rows = opportunity_rows(bare, "2026-02-01", until="2026-03-01")
    assert rows["won"].isna().all()
    assert rows.columns.tolist() == [
        *("opportunity_id", "as_of", "stage", "stage_days", "open_days", "n_stages", "duration", "won")
    ]


@pytest.mark.parametrize(
    ("history", "asked", "message"),
    [
        (HISTORY.drop(columns="stage"), {}, "opportunities lacks the column 'stage'"),
        (HISTORY.drop(columns="won"), {}, "which has closed_at, lacks the column 'won'"),
        (HISTORY.assign(won=None), {}, "opportunities.won must be there for each opportunity that is closed"),
        (HISTORY.assign(won=2), {}, "opportunities.won must be 1 or 0 or missing; 5 of 5"),
        (HISTORY.assign(won=[1, 0, None, None, None]), {}, "opportunities.won must be one for each"),
        (HISTORY.assign(closed_at=HISTORY["entered_at"], won=1), {}, "opportunities.closed_at must be one for each"),
        (HISTORY.assign(entered_at="soon"), {}, "opportunities.entered_at must be times"),
        (HISTORY.assign(opportunity_id=None), {}, "opportunities.opportunity_id must be there in every row"),
        (HISTORY, {"as_of": []}, "as_of must be one moment or more"),
        (HISTORY, {"until": "2026-01-01"}, "until must be at or after the latest as_of"),
    ],
)
def test_what_cannot_be_read_is_refused(history, asked, message):
    with pytest.raises(InputError, match=message):
        opportunity_rows(history, **{"as_of": "2026-01-31", **asked})

"""The report by segment: equal to a plain loop, with intervals that hold what they promise."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from nbo.errors import InputError
from nbo.reports import segment_report
from nbo.wilson import wilson_interval


def made_up_feedback(n: int, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "segment": rng.choice(["a", "b", "c"], n),
            "channel": rng.choice(["mail", "app"], n),
            "offer_id": rng.choice(["card", "loan", "no_offer"], n),
            "reward": rng.integers(0, 2, n).astype(float),
            "value": rng.choice([10.0, 40.0], n),
            "cost": rng.choice([0.0, 1.0], n),
        }
    )


def test_the_report_equals_a_plain_loop():
    feedback = made_up_feedback(300)
    report = segment_report(feedback).set_index(["segment", "offer_id"])
    assert len(report) == 3 * 3 + 3
    for segment, offer_id in report.index:
        n, accepted, money = 0, 0, 0.0
        for row in feedback.to_dict("records"):
            if row["offer_id"] == offer_id and segment in (row["segment"], "all"):
                n, accepted = n + 1, accepted + int(row["reward"])
                money += row["reward"] * row["value"] - row["cost"]
        found = report.loc[(segment, offer_id)]
        assert (found["n"], found["accepted"]) == (n, accepted)
        assert found["rate"] == pytest.approx(accepted / n)
        assert found["value_per_decision"] == pytest.approx(money / n)


def test_the_totals_are_the_sums_of_the_segments():
    report = segment_report(made_up_feedback(200))
    parts, totals = report[report["segment"] != "all"], report[report["segment"] == "all"]
    sums = parts.groupby("offer_id")[["n", "accepted"]].sum()
    pd.testing.assert_frame_equal(sums, totals.set_index("offer_id")[["n", "accepted"]])
    assert totals["n"].sum() == 200


def test_two_columns_can_be_reported_by():
    feedback = made_up_feedback(200)
    report = segment_report(feedback, by=["segment", "channel"])
    expected = feedback.groupby(["segment", "channel", "offer_id"]).size()
    found = report[report["segment"] != "all"].set_index(["segment", "channel", "offer_id"])["n"]
    pd.testing.assert_series_equal(found.sort_index(), expected, check_names=False)


def test_intervals_are_wilson():
    report = segment_report(made_up_feedback(120), level=0.9)
    for row in report.to_dict("records"):
        published = stats.binomtest(row["accepted"], row["n"]).proportion_ci(0.9, method="wilson")
        assert (row["low"], row["high"]) == (pytest.approx(published.low), pytest.approx(published.high))


def test_intervals_hold_the_rate_as_often_as_they_say():
    rng = np.random.default_rng(1)
    low, high = wilson_interval(rng.binomial(60, 0.1, 20_000), np.full(20_000, 60))
    held = np.mean((low <= 0.1) & (high >= 0.1))
    # Counts are whole numbers, so the coverage is 0.95 only on average over rates.
    assert held == pytest.approx(0.95, abs=0.02)


def made_up_rewards(rng: np.random.Generator, rate_of_last: float, n_each: int = 300) -> pd.DataFrame:
    segment = np.repeat([f"s{i}" for i in range(8)], n_each)
    reward = rng.random(len(segment)) < np.where(segment == "s7", rate_of_last, 0.1)
    return pd.DataFrame({"segment": segment, "offer_id": "card", "reward": reward.astype(float)})


def test_a_planted_difference_is_found():
    report = segment_report(made_up_rewards(np.random.default_rng(2), 0.25)).set_index("segment")
    assert report["p_adjusted"].idxmin() == "s7"
    assert report.loc["s7", "p_adjusted"] < 1e-6
    assert np.isnan(report.loc["all", "p_adjusted"])


def test_without_differences_few_reports_raise_an_alarm():
    rng, n_reports = np.random.default_rng(3), 60
    alarms = [segment_report(made_up_rewards(rng, 0.1, 60))["p_adjusted"].min() < 0.05 for _ in range(n_reports)]
    assert np.mean(alarms) <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / n_reports)


def test_with_one_segment_nothing_can_be_compared():
    report = segment_report(pd.DataFrame({"segment": ["a"], "offer_id": ["card"], "reward": [1.0]}))
    assert report["p_adjusted"].isna().all()
    assert "value_per_decision" not in report


def test_no_accepts_and_no_rows_are_reported():
    report = segment_report(made_up_feedback(50).assign(reward=0.0))
    assert (report["accepted"] == 0).all()
    assert (report["low"] == 0).all()
    assert (report["high"] > 0).all()
    empty = segment_report(made_up_feedback(0))
    assert len(empty) == 0
    assert list(empty.columns) == list(report.columns)


def test_a_missing_segment_is_counted_as_not_known():
    rows = pd.DataFrame({"segment": ["a", None], "offer_id": "card", "reward": [1.0, 0.0]})
    assert segment_report(rows)["segment"].tolist() == ["a", "not known", "all"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"reward": 0.5}, "feedback.reward must be 0 or 1; 4 of 4 rows are not"),
        ({"segment": "all"}, "feedback.segment must be another word than 'all'"),
        ({"value": None, "reward": 1.0}, "feedback.value must be there where an offer was accepted"),
    ],
)
def test_bad_feedback_is_refused(change, message):
    with pytest.raises(InputError, match=message):
        segment_report(made_up_feedback(4).assign(**change))


def test_bad_arguments_are_refused():
    with pytest.raises(InputError, match="feedback lacks the column 'tier'"):
        segment_report(made_up_feedback(4), by="tier")
    with pytest.raises(InputError, match=r"level must be in \(0, 1\)"):
        segment_report(made_up_feedback(4), level=95)
    with pytest.raises(InputError, match="by must name one or more columns other than 'offer_id'"):
        segment_report(made_up_feedback(4), by="offer_id")

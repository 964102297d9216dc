"""Patterns that can be counted on: enough evidence, a difference, and no drift."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from nbo.errors import InputError
from nbo.reports import confident_patterns, rates_over_time


def answers(rate_of_a: np.ndarray, rng: np.random.Generator, n: int = 4000) -> pd.DataFrame:
    """Let segment a accept with a rate for each quarter of the time, segment b one in ten."""
    segment, quarter = rng.choice(["a", "b"], n), np.arange(n) * 4 // n
    rate = np.where(segment == "a", rate_of_a[quarter], 0.1)
    when = pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(n), unit="h")
    reward = (rng.random(n) < rate).astype(float)
    return pd.DataFrame({"segment": segment, "offer_id": "card", "decided_at": when, "reward": reward})


def test_rates_by_period_equal_a_plain_loop():
    rows = answers(np.full(4, 0.2), np.random.default_rng(1), 500)
    found = rates_over_time(rows, periods=3).set_index(["segment", "period"])
    counts: dict[tuple[str, int], list[float]] = {}
    length = (rows["decided_at"].max() - rows["decided_at"].min()) / 3 + pd.Timedelta("1us")
    for row in rows.to_dict("records"):
        period = int((row["decided_at"] - rows["decided_at"].min()) / length) + 1
        counts.setdefault((row["segment"], period), []).append(row["reward"])
    assert found["n"].to_dict() == {key: len(own) for key, own in counts.items()}
    assert found["rate"].to_dict() == pytest.approx({key: np.mean(own) for key, own in counts.items()})


def test_a_lasting_difference_is_confident_and_one_that_fades_is_moving():
    rng = np.random.default_rng(2)
    lasting = confident_patterns(answers(np.full(4, 0.2), rng)).set_index("segment")
    fading = confident_patterns(answers(np.array([0.4, 0.3, 0.2, 0.1]), rng)).set_index("segment")
    assert lasting.loc["a", ["flag", "pattern"]].tolist() == ["above", "confident"]
    assert fading.loc["a", ["flag", "pattern"]].tolist() == ["above", "moving"]
    assert fading.loc["a", "first"] > fading.loc["a", "last"] + 0.15
    # b is below a all the time, and does not move itself.
    assert fading.loc["b", "pattern"] == "confident"


def test_the_test_of_drift_is_the_chi_squared_test_of_equal_rates():
    rows = answers(np.array([0.4, 0.3, 0.3, 0.3]), np.random.default_rng(3), 800)
    found = confident_patterns(rows).set_index("segment")
    p_values = []
    for _, own in rates_over_time(rows).groupby("segment"):
        table = np.stack([own["accepted"], own["n"] - own["accepted"]])
        p_values.append(stats.chi2_contingency(table).pvalue)
    assert found.loc["a", "p_drift"] == pytest.approx(stats.false_discovery_control(p_values)[0])


def test_without_drift_the_rate_of_false_alarms_is_kept():
    rng, n_reports = np.random.default_rng(4), 40
    alarms = [confident_patterns(answers(np.full(4, 0.1), rng, 1500))["p_drift"].min() < 0.05 for _ in range(n_reports)]
    assert np.mean(alarms) <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / n_reports)


def test_without_time_or_evidence_no_pattern_is_claimed():
    rows = answers(np.full(4, 0.5), np.random.default_rng(5), 600)
    at_once = confident_patterns(rows.assign(decided_at=pd.Timestamp("2026-01-01")))
    assert set(at_once["pattern"]) == {"one period"}
    assert set(confident_patterns(rows.head(20))["pattern"]) == {"too few"}
    assert len(confident_patterns(rows.head(0))) == 0
    with pytest.raises(InputError, match="periods must be 2 or more"):
        rates_over_time(rows, periods=1)

"""What changed since the last period."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from nbo.experiments import newcombe_interval
from nbo.reports import contact_pressure, period_changes
from nbo.views import plot_rate_changes


def answers(rng: np.random.Generator, rate: float, n: int = 2000) -> pd.DataFrame:
    segment = rng.choice(["a", "b", "c"], n)
    reward = rng.random(n) < np.where(segment == "a", rate, 0.1)
    return pd.DataFrame({"segment": segment, "offer_id": "card", "reward": reward.astype(float)})


def test_numbers_are_those_of_a_group_by_with_published_intervals_and_tests():
    rng = np.random.default_rng(11)
    before, now = answers(rng, 0.1), answers(rng, 0.2)
    found = period_changes(before, now).set_index("segment")
    p_values = {}
    for segment in ("a", "b", "c", "all"):
        (old, n_old), (new, n_new) = (
            (int(own.sum()), len(own))
            for own in (
                frame.loc[frame["segment"].isin([segment]) | (segment == "all"), "reward"] for frame in (before, now)
            )
        )
        row = found.loc[segment]
        assert (row["accepted_before"], row["n_before"], row["accepted_new"], row["n_new"]) == (old, n_old, new, n_new)
        assert row["change"] == pytest.approx(new / n_new - old / n_old)
        assert (row["low"], row["high"]) == pytest.approx(tuple(map(float, newcombe_interval(new, n_new, old, n_old))))
        p_values[segment] = stats.fisher_exact([[new, n_new - new], [old, n_old - old]]).pvalue
    adjusted = dict(zip(p_values, stats.false_discovery_control(list(p_values.values())), strict=True))
    assert found["p_adjusted"].to_dict() == pytest.approx(adjusted)
    assert found.loc["a", "direction"] == "up"
    assert found.loc[["b", "c"], "direction"].tolist() == ["unclear", "unclear"]
    # The surest first, and as the plot of changes takes them.
    assert found.index[0] == "a"
    assert plot_rate_changes(period_changes(before, now)).get_yticklabels()[0].get_text().startswith("a, card")


def test_two_equal_periods_rarely_differ():
    rng, n_reports = np.random.default_rng(2), 40
    alarms = [
        period_changes(answers(rng, 0.1, 600), answers(rng, 0.1, 600))["significant"].any() for _ in range(n_reports)
    ]
    assert np.mean(alarms) <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / n_reports)


def test_what_is_new_and_what_has_ended_are_told():
    rows = answers(np.random.default_rng(3), 0.1, 50)
    found = period_changes(rows.assign(offer_id="old"), rows.assign(offer_id="fresh"))
    assert found.groupby("offer_id")["direction"].agg(set).to_dict() == {"old": {"ended"}, "fresh": {"new"}}
    assert len(period_changes(rows.head(0), rows.head(0))) == 0


def test_contacts_per_customer_equal_a_plain_loop(log):
    found = contact_pressure(log).set_index("segment")
    for segment in ("new", "old", "vip", "all"):
        made: dict[int, int] = {}
        none = 0
        for row in log.to_dict("records"):
            if segment in (row["segment"], "all"):
                offer = row["offer_id"] != "no_offer"
                made[row["customer_id"]] = made.get(row["customer_id"], 0) + offer
                none += not offer
        row, counts = found.loc[segment], np.sort(list(made.values()))
        assert (row["customers"], row["contacts"], row["no_actions"]) == (len(made), counts.sum(), none)
        assert (row["contacted"], row["most"]) == ((counts > 0).sum(), counts.max())
        assert (counts <= row["most_of_95_percent"]).mean() >= 0.95
        assert (counts < row["most_of_95_percent"]).mean() < 0.95
    assert len(contact_pressure(log.head(0))) == 0

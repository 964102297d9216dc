"""Alerts of many weeks in the simulated world, with a churn model fitted on its past."""

from __future__ import annotations

import pytest

from tests.benchmarks.alerts import Season, compare


@pytest.mark.slow
def test_weekly_alerts_beat_random_ones_and_ring_once_an_episode():
    season = Season(customers=15_000, seed=3, weeks=10)
    raised = season.run(0.01)
    assert not raised["alert_id"].duplicated().any()
    found = compare(season, 0.01)
    alerts, chance = (found[name].frame.set_index("measure") for name in ("alerts", "at random"))
    assert alerts.at["precision", "low"] > chance.at["precision", "value"]
    assert alerts.at["precision", "low"] > alerts.at["base_rate", "value"]
    assert alerts.at["recall", "low"] > chance.at["recall", "value"]
    assert 14 < alerts.at["lead_days", "value"] < 46
    # Nothing finds more than who knows the true hazard.
    assert alerts.at["precision", "value"] < found["true hazard"].value("precision")

"""The chance to buy, to buy something new, and to buy something dearer, each within a horizon, on later rows."""

from __future__ import annotations

import numpy as np
import pytest

import nbo
from nbo.models import TimeSplit
from nbo.simulate import World


@pytest.fixture(scope="module")
def base():
    world = World(customers=1500, days=420, seed=4)
    moments = nbo.Spine.calendar("2025-04-01", "2025-12-01", "MS", world.tables)
    features = nbo.FeatureSet([nbo.TransactionFeatures(), nbo.BehavioralFeatures(windows=["30D"])])
    return world.tables, moments, features.fit(world.tables, moments).build(world.tables, moments)


@pytest.mark.parametrize("what", ["any", "cross_sell", "up_sell"])
def test_each_target_is_ranked_and_calibrated_on_later_moments(base, what):
    tables, moments, X = base
    y = nbo.labels.bought(tables, moments, horizon="30D", what=what)
    asked = moments.frame.loc[y.index]
    found = nbo.validate_model(
        nbo.PropensityModel(n_estimators=100, num_leaves=8),
        X.loc[y.index],
        y,
        time=asked["as_of"],
        groups=asked["customer_id"],
        split=TimeSplit(horizon="30D"),
    )
    auc = found.overall.set_index("metric").loc["auc"]
    assert auc["low"] > 0.65
    assert found.value("ece") < 0.03
    # Better than to say the rate to everybody.
    rate = found.value("rate")
    assert found.value("log_loss") < -rate * np.log(rate) - (1 - rate) * np.log(1 - rate)

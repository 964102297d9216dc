"""Segments of any kind are what a policy learns by."""

import numpy as np
import pandas as pd
import pytest

from nbo.policies import SegmentThompson
from nbo.segments import ClusterSegmenter, LifeStageSegmenter, MicroSegmenter, ValueTierSegmenter

SCHEMES = {
    "tiers": ValueTierSegmenter("profit"),
    "clusters": ClusterSegmenter(["profit", "visits"], k=2, bootstraps=2),
    "micro": MicroSegmenter(target="profit", min_customers=50),
    "stages": LifeStageSegmenter(stage=None),
}


@pytest.mark.parametrize("name", SCHEMES)
def test_a_policy_learns_by_segment_and_serves_each_its_own(name):
    rng = np.random.default_rng(0)
    n = 2000
    young = rng.random(n) < 0.5
    X = pd.DataFrame({"age": np.where(young, 25, 70), "profit": np.where(young, 5.0, 90) + rng.normal(0, 2, n)})
    X["visits"] = np.where(young, 9.0, 1) + rng.normal(0, 1, n)
    segmenter = SCHEMES[name].fit(X)
    offer = rng.choice(["card", "fund"], n)
    accepted = rng.random(n) < np.where((offer == "card") == young, 0.3, 0.02)
    log = pd.DataFrame({"decision_id": range(n), "segment": segmenter.predict(X), "offer_id": offer})
    policy = SegmentThompson(["card", "fund"]).learn(log.assign(reward=accepted.astype(float)))
    asked = pd.DataFrame({"segment": segmenter.predict(X)})
    card = policy.probabilities(asked)[:, 0]
    assert card[young].mean() > 0.9
    assert card[~young].mean() < 0.1

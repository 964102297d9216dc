"""Policies on features where the truth is planted: what they lose, next to policies without features."""

import numpy as np
import pytest

from nbo.policies import LinearUCB, LogisticThompson, SegmentThompson, SquareCB

POLICIES = [LogisticThompson, LinearUCB, SquareCB]
SEEDS = range(2)
DECISIONS = 3000


@pytest.fixture(scope="module")
def without_features(make_world):
    worlds = [make_world(seed) for seed in SEEDS]
    return [
        world.regret(SegmentThompson(world.offers), 100 + seed, DECISIONS)
        for seed, world in zip(SEEDS, worlds, strict=True)
    ]


@pytest.mark.parametrize("kind", POLICIES)
def test_where_features_matter_it_beats_uniform_and_one_segment(kind, make_world, without_features):
    worlds = [make_world(seed) for seed in SEEDS]
    lost = [
        world.regret(kind(world.offers, world.features), 100 + seed, DECISIONS) for seed, world in enumerate(worlds)
    ]
    assert max(lost) < 0.6
    assert np.mean(lost) < 0.6 * np.mean(without_features)
    assert all(own < other for own, other in zip(lost, without_features, strict=True))


@pytest.mark.parametrize("kind", POLICIES)
def test_where_no_feature_matters_it_is_no_worse_than_uniform(kind, make_world):
    worlds = [make_world(seed, effect=0.0) for seed in SEEDS]
    lost = [
        world.regret(kind(world.offers, world.features), 100 + seed, DECISIONS) for seed, world in enumerate(worlds)
    ]
    assert max(lost) < 1.0
    assert np.mean(lost) < 0.8

"""How far exploring pays, against the published approximation of the Gittins index; and what comes of it."""

import numpy as np
import pandas as pd
import pytest

from nbo.policies import SegmentThompson
from nbo.policies.pooling import PooledPrior
from nbo.policies.worth_learning import worth_learning


def _psi(s):
    # Brezzi and Lai (2002): above the mean by so many standard deviations.
    if s <= 0.2:
        return np.sqrt(s / 2)
    for end, level, slope in ((1, 0.49, 0.11), (5, 0.63, 0.26), (15, 0.77, 0.58)):
        if s <= end:
            return level - slope / np.sqrt(s)
    return np.sqrt(2 * np.log(s) - np.log(np.log(s)) - np.log(16 * np.pi))


@pytest.mark.parametrize("s", [0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 100.0])
def test_is_near_the_square_of_the_index(s):
    assert abs(worth_learning(s, 1.0) - min(1.0, _psi(s) ** 2)) < 0.37


def test_by_hand():
    np.testing.assert_allclose(
        worth_learning(np.array([[40.0], [4000.0]]), np.array([20.0, 100.0])), [[0.1, 0.02], [1, 1]]
    )


def test_only_what_is_peculiar_to_a_segment_is_explored_less():
    table, none = np.ones((1, 1)), np.zeros((1, 1))
    prior = PooledPrior(0.1 * table, 79 * table, 0.03 * table, ahead=400.0 * table)
    alpha, beta = (parameter.item() for parameter in prior.sharpened(20 * table, 2 * table, 2.0))
    within = 0.1 * 0.9 / 100 * (400 / 100 / 20)
    between = (79 / 99 * 0.03) ** 2
    size = 2 * (0.1 * 0.9 / (within + 2 * between) - 1)
    np.testing.assert_allclose([alpha, beta], [0.1 * size, 0.9 * size])
    alone = PooledPrior(0.1 * table, 80 * table, none)
    np.testing.assert_allclose(
        alone.sharpened(20 * table, 2 * table, 2.0), 2 * np.array(alone.posterior(20 * table, 2 * table))
    )


def test_a_segment_with_few_decisions_follows_the_others():
    def answers(segment, offer, n, accepted):
        ids = [f"{segment}{offer}{i}" for i in range(n)]
        reward = [float(i < accepted) for i in range(n)]
        return pd.DataFrame({"decision_id": ids, "segment": segment, "offer_id": offer, "reward": reward})

    tables = [answers(f"s{s}", offer, 500, 5 * rate) for s in range(10) for offer, rate in (("x", 6), ("y", 4))]
    log = pd.concat([*tables, answers("small", "x", 50, 3)], ignore_index=True)
    stated, plain = (
        SegmentThompson(["x", "y"], min_probability=0.0, sharpen=sharpen)
        .learn(log)
        .probabilities(pd.DataFrame({"segment": ["small"]}))[0, 1]
        for sharpen in (2.0, 1.0)
    )
    assert 0 < stated < 0.5 * plain

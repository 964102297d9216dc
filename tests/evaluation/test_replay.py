"""Replay of a fixed policy."""

import numpy as np
import pandas as pd
import pytest

from nbo.evaluation import evaluate

OFFERS = ["x", "y"]


def test_fixed_policy_on_a_uniform_log_by_hand():
    log = pd.DataFrame(
        {
            "decision_id": range(6),
            "offer_id": ["x", "y", "x", "y", "x", "y"],
            "action_probability": 0.5,
            "reward": [1.0, 1.0, 0.0, 0.0, 1.0, 0.0],
        }
    )
    always_x = np.tile([1.0, 0.0], (6, 1))
    estimate = evaluate(always_x, log, estimator="replay", offers=OFFERS)
    assert estimate.value == pytest.approx((1 + 0 + 1) / 3)
    assert estimate.standard_error == pytest.approx(np.std([1, 0, 1], ddof=1) / np.sqrt(3))
    assert (estimate.matched, estimate.n, estimate.effective_sample_size) == (3, 6, 3.0)


def test_an_uneven_log_is_thinned_to_the_target():
    rng = np.random.default_rng(0)
    n = 40_000
    rates, logged, target = np.array([0.1, 0.6]), np.array([0.8, 0.2]), np.array([0.3, 0.7])
    action = rng.choice(2, n, p=logged)
    log = pd.DataFrame(
        {
            "decision_id": range(n),
            "offer_id": np.array(OFFERS)[action],
            "action_probability": logged[action],
            "reward": (rng.random(n) < rates[action]).astype(float),
        }
    )
    estimate = evaluate(np.tile(target, (n, 1)), log, estimator="replay", offers=OFFERS)
    assert abs(estimate.value - target @ rates) < 4 * estimate.standard_error
    # Kept: mean weight 1 over the largest weight 0.7 / 0.2.
    assert abs(estimate.matched / n - 0.2 / 0.7) < 0.01


def test_draws_go_with_the_decision_not_with_the_row():
    log = pd.DataFrame({"decision_id": range(50), "action_probability": 0.5, "reward": np.arange(50.0)})
    target = np.linspace(0, 1, 50)
    order = np.random.default_rng(0).permutation(50)
    first = evaluate(target, log, estimator="replay")
    assert evaluate(target[order], log.iloc[order], estimator="replay").value == pytest.approx(first.value)
    assert evaluate(target, log, estimator="replay", rng=1).value != first.value

"""Self-normalized inverse propensity scoring."""

import numpy as np
import pandas as pd
import pytest

from nbo.evaluation import evaluate


def test_by_hand():
    log = pd.DataFrame({"action_probability": [0.5, 0.25, 0.5], "reward": [1.0, 1.0, 0.0]})
    estimate = evaluate(np.array([0.25, 0.5, 0.25]), log, estimator="snips")
    value = (0.5 * 1 + 2 * 1 + 0.5 * 0) / 3
    assert estimate.value == pytest.approx(value)
    error = np.sqrt(0.5**2 * (1 - value) ** 2 + 2**2 * (1 - value) ** 2 + 0.5**2 * value**2) / 3 * np.sqrt(3 / 2)
    assert estimate.standard_error == pytest.approx(error)


def test_a_constant_reward_is_estimated_exactly():
    rng = np.random.default_rng(0)
    log = pd.DataFrame({"action_probability": rng.uniform(0.01, 1, 500), "reward": 0.3})
    estimate = evaluate(rng.uniform(0, 1, 500), log, estimator="snips", on_no_support="report")
    assert estimate.value == pytest.approx(0.3)
    assert estimate.standard_error == pytest.approx(0.0, abs=1e-12)


def test_standard_error_is_the_spread_over_simulated_logs():
    rng = np.random.default_rng(1)
    rates, logged, target = np.array([0.05, 0.2, 0.5]), np.array([0.6, 0.3, 0.1]), np.array([0.2, 0.3, 0.5])
    values, errors = [], []
    for _ in range(500):
        action = rng.choice(3, 400, p=logged)
        reward = (rng.random(400) < rates[action]).astype(float)
        log = pd.DataFrame({"action_probability": logged[action], "reward": reward})
        estimate = evaluate(target[action], log, estimator="snips")
        values.append(estimate.value)
        errors.append(estimate.standard_error)
    assert abs(np.mean(values) - target @ rates) < 4 * np.std(values) / np.sqrt(500) + 1 / 400
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(np.std(values), rel=4 / np.sqrt(1000))

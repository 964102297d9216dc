"""Inverse propensity scoring: by hand, unbiased, and on a published log."""

import numpy as np
import pandas as pd
import pytest

from nbo.evaluation import evaluate

RATES = np.array([0.05, 0.2, 0.5])
LOGGED = np.array([0.6, 0.3, 0.1])
TARGET = np.array([0.2, 0.3, 0.5])


def simulated(n, rng):
    """A log with known action probabilities and acceptance rates, simulated."""
    action = rng.choice(3, n, p=LOGGED)
    reward = (rng.random(n) < RATES[action]).astype(float)
    log = pd.DataFrame({"action_probability": LOGGED[action], "reward": reward})
    return TARGET[action], log


def test_by_hand():
    log = pd.DataFrame({"action_probability": [0.5, 0.25, 0.5], "reward": [1.0, 1.0, 0.0]})
    estimate = evaluate(np.array([0.25, 0.5, 0.25]), log)
    parts = np.array([0.25 / 0.5 * 1, 0.5 / 0.25 * 1, 0])
    assert estimate.value == pytest.approx(parts.mean())
    assert estimate.standard_error == pytest.approx(parts.std(ddof=1) / np.sqrt(3))
    assert estimate.effective_sample_size == pytest.approx((0.5 + 2 + 0.5) ** 2 / (0.25 + 4 + 0.25))
    assert (estimate.max_weight, estimate.matched, estimate.n) == (2.0, 3, 3)


def test_is_unbiased_and_its_standard_error_right_over_a_thousand_logs():
    rng = np.random.default_rng(0)
    runs = [evaluate(*simulated(200, rng)) for _ in range(1000)]
    values = np.array([run.value for run in runs])
    assert abs(values.mean() - TARGET @ RATES) < 4 * values.std(ddof=1) / np.sqrt(1000)
    stated = np.sqrt(np.mean([run.standard_error**2 for run in runs]))
    # The standard deviation of 1,000 values is known to about 1/sqrt(2000).
    assert abs(stated / values.std(ddof=1) - 1) < 4 / np.sqrt(2000)
    covered = np.mean([run.low <= TARGET @ RATES <= run.high for run in runs])
    assert covered > 0.9


def test_the_logging_policy_is_worth_its_mean_reward():
    _, log = simulated(1000, np.random.default_rng(1))
    estimate = evaluate(log["action_probability"].to_numpy(), log)
    assert estimate.value == pytest.approx(log["reward"].mean())
    assert estimate.effective_sample_size == pytest.approx(1000)

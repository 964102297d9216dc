"""Inverse propensity scoring with a cap."""

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.evaluation import evaluate
from nbo.evaluation.clipped import clipped
from nbo.evaluation.log import Log


def log_of(weights, reward):
    n = len(weights)
    return Log(np.asarray(reward, float), np.full(n, 0.1), 0.1 * np.asarray(weights), np.zeros(n))


def test_by_hand():
    terms = clipped(log_of([0.5, 4.0, 1.0], [1.0, 1.0, 0.0]), 2.0)
    parts = np.array([0.5, 2.0, 0.0])
    assert terms.value == pytest.approx(parts.mean())
    assert terms.bias == pytest.approx((4 - 2) * 1 / 3)
    assert terms.error == pytest.approx(np.hypot(parts.std(ddof=1) / np.sqrt(3), 2 / 3))
    assert (terms.parameter, terms.cap) == (2.0, 2.0)


def test_no_cap_is_ips():
    feedback = pd.DataFrame({"action_probability": [0.5, 0.25, 0.5], "reward": [1.0, 1.0, 0.0]})
    target = np.array([0.25, 0.5, 0.25])
    wide, plain = evaluate(target, feedback, "clipped", parameter=np.inf), evaluate(target, feedback)
    assert (wide.value, wide.standard_error) == (plain.value, plain.standard_error)


def test_the_cap_of_least_estimated_error_is_chosen():
    rng = np.random.default_rng(0)
    log = log_of(rng.pareto(1.5, 400), rng.random(400) < 0.1)
    chosen = clipped(log)
    caps = np.quantile(log.weights, np.linspace(0.3, 1, 30))
    assert chosen.error <= min(clipped(log, cap).error for cap in caps) * 1.1
    assert chosen.parameter < log.weights.max()
    # The log cannot bound it beforehand.
    assert chosen.cap == np.inf


def test_errs_less_than_ips_where_few_weights_are_huge():
    rng = np.random.default_rng(1)
    logged, target = np.array([0.98, 0.019, 0.001]), np.array([0.8, 0.15, 0.05])
    rates, n = np.array([0.05, 0.05, 0.03]), 5000
    off = {"ips": [], "clipped": []}
    for _ in range(150):
        action = (rng.random((n, 1)) > logged.cumsum()[:-1]).sum(axis=1)
        reward = (rng.random(n) < rates[action]).astype(float)
        feedback = pd.DataFrame({"action_probability": logged[action], "reward": reward})
        for name, values in off.items():
            found = evaluate(target[action], feedback, name, on_no_support="report")
            values.append(found.value - target @ rates)
    squared = {name: np.mean(np.square(values)) for name, values in off.items()}
    assert squared["clipped"] < 0.9 * squared["ips"]


@pytest.mark.parametrize("cap", [0, -1, "much"])
def test_bad_caps_are_refused(cap):
    with pytest.raises(InputError, match="parameter must be a cap above 0; got"):
        clipped(log_of([1.0], [1.0]), cap)

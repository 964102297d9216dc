"""Inverse propensity scoring with a cap."""

import numpy as np
import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.evaluation import evaluate
from nbo.evaluation.clipped import clipped
from nbo.evaluation.customer_error import clustered_error
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


def slope(log):
    """The cap by SLOPE (Su, Srinath and Krishnamurthy, 2020): the largest bias that no interval contradicts."""
    caps = np.quantile(log.weights, [1, 0.999, 0.995, 0.99, 0.98, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.25])
    tried = [clipped(log, cap) for cap in caps]
    error = [clustered_error(terms.influence(), terms.counts, None) for terms in tried]
    best = 0
    for i, terms in enumerate(tried):
        gaps = [abs(terms.value - other.value) for other in tried[:i]]
        if any(gap > error[i] + (6**0.5 - 1) * wide for gap, wide in zip(gaps, error, strict=False)):
            break
        best = i
    return tried[best]


@pytest.mark.slow
def test_the_least_error_chooses_no_worse_than_slope():
    rare = [0.97, 0.02, 0.01]
    worlds = [
        (rare, [0.6, 0.1, 0.3], [0.2, 0.25, 0.15], 600),
        (rare, [0.6, 0.1, 0.3], [0.2, 0.25, 0.15], 5000),
        ([0.6, 0.3, 0.1], [0.2, 0.3, 0.5], [0.05, 0.2, 0.5], 1000),
        (rare, [0.3, 0.2, 0.5], [0.03, 0.05, 0.04], 5000),
        ([0.98, 0.019, 0.001], [0.8, 0.15, 0.05], [0.05, 0.05, 0.03], 5000),
    ]
    rng, ratios = np.random.default_rng(1), []
    for logged, target, rates, n in worlds:
        logged, target, rates = np.array(logged), np.array(target), np.array(rates)
        off = []
        for _ in range(200):
            action = (rng.random((n, 1)) > logged.cumsum()[:-1]).sum(axis=1)
            reward = (rng.random(n) < rates[action]).astype(float)
            log = Log(reward, logged[action], target[action], np.zeros(n))
            off.append([clipped(log, np.inf).value, clipped(log).value, slope(log).value] - target @ rates)
        plain, least, by_slope = np.sqrt(np.mean(np.square(off), axis=0))
        ratios.append((least / plain, by_slope / plain))
    least, by_slope = np.array(ratios).T
    assert (least <= by_slope * 1.001).all()
    assert least == pytest.approx([1.09, 1.0, 1.0, 1.15, 0.84], abs=0.02)
    assert by_slope == pytest.approx([1.25, 1.37, 1.0, 1.29, 1.48], abs=0.03)


@pytest.mark.parametrize("cap", [0, -1, "much"])
def test_bad_caps_are_refused(cap):
    with pytest.raises(InputError, match="parameter must be a cap above 0; got"):
        clipped(log_of([1.0], [1.0]), cap)

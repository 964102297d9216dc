"""Ratios of sums: the delta method by a loop, and by resampling customers."""

import numpy as np
import pytest

from nbo.experiments import mean_difference, ratio_values


def test_the_error_of_the_mean_is_that_of_the_delta_method():
    rng = np.random.default_rng(0)
    count = rng.integers(0, 6, 300)
    total = rng.gamma(1.0, 10.0, 300) * count
    # Var(N/D) = (var N - 2 R cov + R^2 var D) / (n mean(D)^2).
    ratio, mean = total.sum() / count.sum(), count.mean()
    spread = np.cov(total, count)
    variance = (spread[0, 0] - 2 * ratio * spread[0, 1] + ratio**2 * spread[1, 1]) / (300 * mean**2)
    values = ratio_values(total, count)
    assert values.mean() == pytest.approx(ratio)
    assert values.var(ddof=1) / 300 == pytest.approx(variance)


def test_intervals_hold_the_truth_though_decisions_of_a_customer_are_alike():
    rng, runs, held, naive = np.random.default_rng(1), 600, 0, 0
    for _ in range(runs):
        arms = []
        for _arm in range(2):
            count = rng.integers(1, 12, 250)
            own = rng.gamma(0.5, 0.2, 250).clip(max=1)  # customers differ in how often they accept
            arms.append((rng.binomial(count, own), count))
        effect = mean_difference(*(ratio_values(*arm) for arm in arms))
        held += effect.low <= 0 <= effect.high
        each = [np.repeat([1.0, 0.0], [won.sum(), count.sum() - won.sum()]) for won, count in arms]
        naive += mean_difference(*each).p_value > 0.05
    assert abs(held / runs - 0.95) < 4 * np.sqrt(0.95 * 0.05 / runs)
    assert naive / runs < 0.88  # as if each decision were a customer


def test_one_case_each_is_the_mean_and_no_cases_are_none():
    np.testing.assert_allclose(ratio_values(np.array([1.0, 0.0, 4.0]), np.ones(3)), [1, 0, 4])
    assert np.isnan(ratio_values(np.zeros(3), np.zeros(3))).all()

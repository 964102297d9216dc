"""Means: Welch by hand and by SciPy, Fieller's relative interval, coverage on simulated money."""

import numpy as np
import pytest
from scipy import stats

from nbo.errors import InputError
from nbo.experiments import mean_difference, relative_interval


def test_by_hand():
    effect = mean_difference(np.array([1.0, 2.0, 3.0, 6.0]), np.array([0.0, 1.0, 5.0]))
    # Means 3 and 2; squared errors (4 + 1 + 0 + 9) / 3 / 4 = 7/6 and (4 + 1 + 9) / 2 / 3 = 7/3.
    freedom = (7 / 6 + 7 / 3) ** 2 / ((7 / 6) ** 2 / 3 + (7 / 3) ** 2 / 2)
    half = stats.t.ppf(0.975, freedom) * np.sqrt(7 / 6 + 7 / 3)
    assert (effect.n, effect.base_n, effect.mean, effect.base_mean, effect.difference) == (4, 3, 3, 2, 1)
    assert (effect.low, effect.high) == pytest.approx((1 - half, 1 + half))
    assert effect.relative_difference == 0.5
    assert effect.standard_error == pytest.approx(np.sqrt(7 / 6 + 7 / 3))
    assert str(effect) == f"1 [{1 - half:.4g}, {1 + half:.4g}], p {effect.p_value:.3g}"
    assert "means 3 of 4 units and 2 of 3" in effect._repr_html_()


def test_welch_published():
    # Welch's test on the sleep data of Student (1908), as R's documentation of t.test prints it.
    one = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
    two = np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])
    effect = mean_difference(one, two)
    assert round(effect.p_value, 5) == 0.07939
    assert (round(effect.low, 7), round(effect.high, 7)) == (-3.3654832, 0.2054832)


def test_as_scipy_does():
    rng = np.random.default_rng(0)
    one, two = rng.gamma(0.5, 40, 80), rng.gamma(0.7, 30, 30)
    effect, other = mean_difference(one, two, 0.9), stats.ttest_ind(one, two, equal_var=False)
    assert effect.p_value == pytest.approx(other.pvalue)
    assert (effect.low, effect.high) == pytest.approx(tuple(other.confidence_interval(0.9)))


def test_too_few_and_nothing_that_varies():
    for values in (np.array([1.0]), np.array([]), np.array([2.0, 2.0])):
        effect = mean_difference(values, np.array([1.0, 1.0, 1.0]))
        assert np.isnan([effect.low, effect.high, effect.relative_low, effect.p_value]).all()
    with pytest.raises(InputError, match="level must be in"):
        mean_difference(np.array([1.0, 2.0]), np.array([1.0, 2.0]), level=0)


def test_the_relative_interval_by_search():
    given = (12.0, 0.25, 10.0, 0.16)
    low, high = relative_interval(*given, 1.96)
    shares = np.linspace(-0.5, 1.0, 300_001)
    held = (12 - (1 + shares) * 10) ** 2 <= 1.96**2 * (0.25 + (1 + shares) ** 2 * 0.16)
    assert (low, high) == pytest.approx((shares[held].min(), shares[held].max()), abs=1e-5)


def test_intervals_of_simulated_money_hold_the_truth_as_often_as_they_say():
    rng, runs, truth = np.random.default_rng(1), 1500, 0.3
    held = np.zeros(2)
    for _ in range(runs):
        one, two = (scale * rng.gamma(0.8, 10, n) for scale, n in ((1 + truth, 400), (1.0, 300)))
        effect = mean_difference(one, two)
        held += (effect.low <= 8 * truth <= effect.high, effect.relative_low <= truth <= effect.relative_high)
    assert (np.abs(held / runs - 0.95) < 4 * np.sqrt(0.95 * 0.05 / runs)).all()

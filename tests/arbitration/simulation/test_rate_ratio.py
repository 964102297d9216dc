from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from nbo.arbitration.simulation.rate_ratio import rate_ratio, two_sided


def test_without_limits_it_is_the_t_test_of_equal_variances_with_the_normal():
    rng = np.random.default_rng(1)
    rates, member = rng.random(200), rng.random(200) < 0.3
    *_, p_value = rate_ratio(rates, member)
    t = stats.ttest_ind(rates[member], rates[~member]).statistic
    assert p_value == pytest.approx(2 * stats.norm.sf(abs(t)))


def test_interval_and_test_agree():
    rng = np.random.default_rng(2)
    for _ in range(30):
        rates, member = (rng.random(120) < 0.4).astype(float), rng.random(120) < 0.4
        _, low, high, p_value = rate_ratio(rates, member)
        assert (p_value < 0.05) == (not low <= 1 <= high)


def test_the_interval_holds_the_true_ratio_as_often_as_it_says():
    rng, held, worlds = np.random.default_rng(3), 0, 1000
    for _ in range(worlds):
        member = np.arange(400) < 160
        rates = (rng.random(400) < np.where(member, 0.3, 0.4)).astype(float)
        _, low, high, _ = rate_ratio(rates, member)
        held += low <= 0.75 <= high
    assert abs(held / worlds - 0.95) < 4 * np.sqrt(0.05 * 0.95 / worlds)


def test_a_ratio_that_is_no_matter_is_refused_at_most_as_often_as_it_should():
    rng, worlds = np.random.default_rng(4), 1000
    member = np.arange(400) < 160
    p_values = []
    for _ in range(worlds):
        # At the very limit of four fifths.
        rates = (rng.random(400) < np.where(member, 0.4, 0.5)).astype(float)
        p_values.append(rate_ratio(rates, member, largest=1.25)[3])
    share = (np.array(p_values) < 0.05).mean()
    # Two sides are looked at, of which one can happen.
    assert abs(share - 0.025) < 4 * np.sqrt(0.025 * 0.975 / worlds)


def test_groups_of_one_tell_nothing():
    assert np.isnan(rate_ratio(np.ones(3), np.array([True, False, False]))).all()


def test_nobody_gets_anything():
    ratio, low, high, p_value = rate_ratio(np.zeros(4), np.arange(4) < 2)
    assert np.isnan(ratio)
    assert (low, high, p_value) == (0.0, np.inf, 1.0)


def test_without_errors_a_difference_is_sure():
    assert two_sided(0.1, 0.0, -0.3, 0.0) == 0.0
    assert two_sided(0.0, 0.0, -0.3, 0.0) == 1.0

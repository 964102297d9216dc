"""Rates: the test goes with the interval, and holds its error where nothing differs."""

import numpy as np
import pytest

from nbo.errors import InputError
from nbo.experiments import newcombe_interval, rate_difference


@pytest.mark.parametrize("counts", [(56, 70, 48, 80), (9, 10, 3, 10), (12, 1000, 30, 900), (0, 50, 6, 60)])
def test_at_the_level_of_the_p_value_the_interval_ends_at_zero(counts):
    effect = rate_difference(*counts)
    ends = newcombe_interval(*counts, 1 - effect.p_value)
    assert min(abs(float(end)) for end in ends) < 1e-9
    assert (effect.p_value < 0.05) == (effect.low > 0 or effect.high < 0)


def test_relative_difference_by_hand():
    effect = rate_difference(30, 200, 20, 200)
    # Fieller for 1 + r = R: (0.15 - 0.1 R)^2 = 1.96^2 (0.15 * 0.85 + R^2 * 0.1 * 0.9) / 199.
    for r in (effect.relative_low, effect.relative_high):
        off = (0.15 - 0.1 * (1 + r)) ** 2
        assert off == pytest.approx(1.959964**2 * (0.15 * 0.85 + (1 + r) ** 2 * 0.1 * 0.9) / 199, rel=1e-5)
    assert effect.standard_error == pytest.approx(np.sqrt((0.15 * 0.85 + 0.1 * 0.9) / 199))
    assert effect.relative_low < effect.relative_difference < effect.relative_high
    assert effect.relative_difference == pytest.approx(0.5)


def test_no_acceptances_few_customers_and_huge_differences():
    nothing = rate_difference(0, 50, 0, 60)
    assert (nothing.difference, nothing.p_value) == (0, 1)
    assert nothing.low < 0 < nothing.high
    assert np.isnan(nothing.relative_difference)
    assert (nothing.relative_low, nothing.relative_high) == (-np.inf, np.inf)
    assert np.isnan(rate_difference(1, 1, 3, 9).p_value)
    assert np.isnan(rate_difference(0, 0, 3, 9).mean)
    assert 0 < rate_difference(9000, 10_000, 100, 10_000).p_value < 1e-14


@pytest.mark.parametrize(("n", "rate"), [((400, 400), 0.05), ((2000, 100), 0.05), ((60, 30), 0.3)])
def test_equal_rates_are_told_apart_as_rarely_as_stated(n, rate):
    rng, runs = np.random.default_rng(3), 600
    accepted = rng.binomial(n, rate, size=(runs, 2))
    p = np.array([rate_difference(int(a), n[0], int(b), n[1]).p_value for a, b in accepted])
    assert (p < 0.05).mean() < 0.05 + 4 * np.sqrt(0.05 * 0.95 / runs)
    assert (p < 0.05).mean() > 0.02


def test_a_level_that_is_none_is_refused():
    with pytest.raises(InputError, match=r"level must be in \(0, 1\); got 95"):
        rate_difference(1, 10, 2, 10, level=95)

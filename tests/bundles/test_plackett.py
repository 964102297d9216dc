"""Two things at once: Plackett's formula by hand and within its bounds, planted odds ratios, and money by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbo.bundles.incremental import break_even_uptake, incremental_margin
from nbo.bundles.odds_ratios import PairLabels, fit_odds_ratios, joint_of
from nbo.bundles.plackett import joint_probability
from nbo.bundles.training_rows import customer_parts

CHANCES = st.floats(0, 1)


def test_by_hand():
    # Of 16: both 6, one 2, other 2, neither 6; the odds ratio is 6 x 6 / (2 x 2).
    assert joint_probability(8 / 16, 8 / 16, 9.0) == pytest.approx(6 / 16)
    # Both 1, first alone 4, second alone 2, neither 3: 3 / 8.
    assert joint_probability(0.5, 0.3, 3 / 8) == pytest.approx(0.1)
    # Both 6, first alone 2, second alone 1, neither 1: 6 / 2.
    assert joint_probability(0.8, 0.7, 3.0) == pytest.approx(0.6)


@settings(max_examples=300, deadline=None)
@given(CHANCES, CHANCES, st.floats(1e-6, 1e6))
def test_bounds_symmetry_and_the_odds_ratio_hold(first, second, odds_ratio):
    both = float(joint_probability(first, second, odds_ratio))
    # The lower bound is a sum, and rounded.
    assert max(0.0, first + second - 1) - 1e-15 <= both <= min(first, second)
    assert both == pytest.approx(float(joint_probability(second, first, odds_ratio)), abs=1e-12)
    assert both <= float(joint_probability(first, second, 2 * odds_ratio)) + 1e-12
    cells = np.array([both, first - both, second - both, 1 - first - second + both])
    if cells.min() > 1e-6:
        assert cells[0] * cells[3] / (cells[1] * cells[2]) == pytest.approx(odds_ratio, rel=1e-6)


@settings(max_examples=100, deadline=None)
@given(CHANCES, CHANCES)
def test_independent_things_and_sure_things(first, second):
    assert float(joint_probability(first, second, 1.0)) == pytest.approx(first * second, abs=1e-12)
    assert float(joint_probability(first, 1.0, 7.0)) == pytest.approx(first, abs=1e-12)
    assert float(joint_probability(first, 0.0, 7.0)) == 0
    # What is nearly sure, or never, has finite log odds here.
    assert np.isfinite(joint_of(first, second, 3.0, 0.0, -0.7))


def drawn(rng, n, odds_ratio, slope=0.0):
    first, second = rng.beta(2, 6, n), rng.beta(2, 4, n)
    level = np.log([first / (1 - first), second / (1 - second)]).mean()
    both = joint_of(first, second, odds_ratio, level, slope)
    one = rng.random(n) < first
    other = rng.random(n) < np.where(one, both / first, (second - both) / (1 - first))
    return PairLabels(first, second, one, other)


def test_planted_odds_ratios_and_their_slope_are_found():
    rng = np.random.default_rng(0)
    pairs = [drawn(rng, 20_000, planted, -0.5) for planted in (1.0, 4.0, 12.0)]
    found = fit_odds_ratios(pairs, scale=0.5)
    np.testing.assert_allclose(np.log(found.odds_ratios), np.log([1.0, 4.0, 12.0]), atol=0.12)
    assert found.slope == pytest.approx(-0.5, abs=0.1)


def test_pairs_of_which_little_is_known_stay_near_the_others():
    rng = np.random.default_rng(1)
    pairs = [drawn(rng, 5000, 5.0) for _ in range(6)]
    few = drawn(rng, 30, 5.0)
    never = PairLabels(few.first[:15], few.second[:15], np.zeros(15, bool), np.arange(15) < 3)
    nobody = PairLabels(*(np.empty(0), np.empty(0), np.empty(0, bool), np.empty(0, bool)))
    found = fit_odds_ratios([*pairs, never, nobody], scale=0.5)
    assert found.common == pytest.approx(5.0, rel=0.15)
    np.testing.assert_allclose(found.odds_ratios, 5.0, rtol=0.4)
    assert found.odds_ratios[-1] == pytest.approx(found.common, rel=1e-3)


def test_what_a_bundle_adds_by_hand():
    # Of 100: 10 buy both, 30 the first alone, 20 the second alone; half of the 50 take the bundle for 2 less.
    only, margin = (np.array([0.3]), np.array([0.2])), (np.array([8.0]), np.array([5.0]))
    gained = 0.5 * (0.3 * 5 + 0.2 * 8)
    given_away = 2 * (0.1 + 0.5 * 0.5)
    assert incremental_margin(np.array([0.1]), only, margin, 2.0, 0.5) == pytest.approx([gained - given_away])
    even = break_even_uptake(np.array([0.1]), only, margin, 2.0)
    assert incremental_margin(np.array([0.1]), only, margin, 2.0, float(even[0])) == pytest.approx([0], abs=1e-15)
    # Who gives away more than the parts bring never breaks even; nor does who needs more than everybody.
    assert np.isnan(break_even_uptake(np.array([0.1]), only, margin, 9.0))
    assert np.isnan(break_even_uptake(np.array([0.9]), (np.array([0.01]),) * 2, margin, 4.0))
    assert break_even_uptake(np.array([0.1]), only, margin, 0.0) == [0.0]


def test_customers_are_parted_by_their_ids():
    customers = pd.Series(np.repeat([f"c{i}" for i in range(2000)], 2))
    first, second = customer_parts(customers, 0.3, 10_000)
    assert sorted([*first, *second]) == list(range(4000))
    assert not set(customers[first]) & set(customers[second])
    assert len(second) / 4000 == pytest.approx(0.3, abs=0.03)
    few, others = customer_parts(customers, 0.3, 100)
    assert len(few) == len(others) == 100
    assert set(few) <= set(first)
    assert set(others) <= set(second)
    for customer in map(str, range(30)):
        one, none = customer_parts(pd.Series([customer]), 0.3, 100)
        assert (len(one), len(none)) == (1, 0)

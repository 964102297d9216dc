from __future__ import annotations

import numpy as np
import pytest

from nbo.arbitration.simulation.concentration_index import concentration_index


def plain_index(rates, amounts):
    """Twice the area between the diagonal and the curve of shares, trapezoid by trapezoid."""
    area, reached, total = 0.0, 0.0, rates.sum()
    for amount in np.unique(amounts):
        here = rates[amounts == amount]
        area += len(here) / len(rates) * (reached + here.sum() / total / 2)
        reached += here.sum() / total
    return 1 - 2 * area


@pytest.mark.parametrize("seed", range(5))
def test_it_is_twice_the_area_of_a_plain_loop(seed):
    rng = np.random.default_rng(seed)
    rates, amounts = rng.random(50), rng.integers(0, 12, 50)
    assert concentration_index(rates, amounts)[0] == pytest.approx(plain_index(rates, amounts))


def test_in_the_order_of_what_is_given_it_is_the_gini_coefficient():
    incomes = np.array([1.0, 2.0, 3.0, 4.0])
    differences = np.abs(incomes[:, None] - incomes[None, :]).sum()
    assert concentration_index(incomes, incomes)[0] == pytest.approx(differences / (2 * 4**2 * incomes.mean()))


def test_by_hand():
    # The richer half gets everything: the curve lies on 0 up to the middle.
    assert concentration_index(np.array([0.0, 0, 1, 1]), np.arange(4))[0] == pytest.approx(0.5)
    assert concentration_index(np.array([1.0, 1, 0, 0]), np.arange(4))[0] == pytest.approx(-0.5)
    assert concentration_index(np.ones(4), np.arange(4))[::3] == pytest.approx((0.0, 1.0))


def test_the_interval_holds_the_true_index_as_often_as_it_says():
    rng, held, worlds = np.random.default_rng(6), 0, 1000
    for _ in range(worlds):
        rank = rng.random(300)
        rates = (rng.random(300) < 0.2 + 0.4 * rank).astype(float)
        _, low, high, _ = concentration_index(rates, rank)
        # 2 E[(0.2 + 0.4 F) F] / E[0.2 + 0.4 F] - 1
        held += low <= 2 * (0.2 / 2 + 0.4 / 3) / 0.4 - 1 <= high
    assert abs(held / worlds - 0.95) < 4 * np.sqrt(0.05 * 0.95 / worlds)


def test_nobody_and_nothing():
    assert np.isnan(concentration_index(np.zeros(5), np.arange(5))).all()
    assert np.isnan(concentration_index(np.empty(0), np.empty(0))).all()

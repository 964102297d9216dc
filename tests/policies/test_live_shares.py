"""Shares of the best payoff's mass, against quadrature from nothing."""

import numpy as np
import pytest

from nbo.policies.best import probability_of_best
from nbo.policies.live_shares import LiveShares


def _exact(alpha, beta, values, costs, eligible):
    return probability_of_best(alpha[None], beta[None], values, costs, eligible[None])[0]


def _near(shares, alpha, beta, values, costs, eligible, within=2e-3):
    stated = shares.stated()
    np.testing.assert_allclose(stated / stated.sum(), _exact(alpha, beta, values, costs, eligible), atol=within, rtol=0)


@pytest.mark.parametrize("decades", [(0.0, 2.0), (1.0, 5.0), (2.0, 7.0)])
def test_however_much_is_known(decades):
    rng = np.random.default_rng(0)
    for _ in range(30):
        k = int(rng.integers(2, 30))
        n, mean, one = 10 ** rng.uniform(*decades, k), rng.beta(4, 96, k), np.ones(k)
        alpha, beta, eligible = mean * n, (1 - mean) * n, np.ones(k, dtype=bool)
        _near(LiveShares(alpha, beta, one, 0 * one, eligible), alpha, beta, one, 0 * one, eligible)


def test_with_values_costs_and_what_is_certain():
    rng = np.random.default_rng(1)
    for _ in range(40):
        k = int(rng.integers(2, 12))
        n, mean = 10 ** rng.uniform(1, 4, k), rng.beta(4, 96, k)
        alpha, beta = mean * n + 0.5, (1 - mean) * n + 0.5
        values, costs = 10 ** rng.uniform(-1, 2, k), rng.exponential(0.1, k)
        values[0], costs[0] = 0.0, -rng.exponential(0.3)
        eligible = rng.random(k) < 0.8
        eligible[0] = True
        _near(LiveShares(alpha, beta, values, costs, eligible), alpha, beta, values, costs, eligible)


def test_many_moves_are_as_good_as_one_start():
    rng = np.random.default_rng(2)
    one, eligible = np.ones(6), np.ones(6, dtype=bool)
    alpha, beta = np.full(6, 4.0), np.full(6, 90.0)
    shares = LiveShares(alpha, beta, one, 0 * one, eligible)
    for step in range(300):
        row = int(rng.integers(6))
        alpha[row] += rng.random() < 0.05 * (row + 1)
        beta[row] += 1.0
        moved = {row: (float(alpha[row]), float(beta[row]))}
        expected = LiveShares(alpha, beta, one, 0 * one, eligible).stated()
        after, known = shares.after(*moved, *moved[row])
        np.testing.assert_allclose(after / after.sum(), expected / expected.sum(), atol=2e-3)
        if step % 2 or not shares.adopt(known):
            shares.move(moved)
        if step % 50 == 0:
            _near(shares, alpha, beta, one, 0 * one, eligible)
    alpha, beta = rng.uniform(3, 40, 6), rng.uniform(100, 900, 6)
    shares.move_many(np.arange(6), alpha, beta)
    _near(shares, alpha, beta, one, 0 * one, eligible)
    np.testing.assert_allclose(shares.means, alpha / (alpha + beta))


def test_without_a_grid_it_is_computed_from_nothing():
    one, eligible = np.ones(3), np.ones(3, dtype=bool)
    alpha, beta = np.array([0.2, 0.3, 0.1]), np.array([5.0, 9.0, 4.0])
    shares = LiveShares(alpha, beta, one, 0 * one, eligible)
    assert not shares.is_live
    with pytest.raises(RuntimeError, match="no grid"):
        shares.after(0, 1.0, 5.0)
    _near(shares, alpha, beta, one, 0 * one, eligible, 1e-12)
    # With answers the densities become smooth.
    shares.move({0: (5.0, 60.0)})
    assert shares.is_live
    _near(shares, np.array([5.0, 0.3, 0.1]), np.array([60.0, 9.0, 4.0]), one, 0 * one, eligible)

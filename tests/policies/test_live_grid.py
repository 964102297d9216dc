"""Sums over smoothly spaced nodes, against the distribution function."""

import numpy as np
import pytest
from scipy import special

from nbo.policies.live_grid import LiveGrid, all_moments, moments


@pytest.mark.parametrize("values", [np.ones(5), np.array([1.0, 2.0, 3.0, 4.0, 5.0])])
def test_rows_are_the_betas(values):
    rng = np.random.default_rng(0)
    for _ in range(10):
        alpha, beta = rng.uniform(0.5, 60, 5), rng.uniform(20, 900, 5)
        grid = LiveGrid(alpha, beta, values, 0 * values, -np.inf)
        logs, hazards = grid.rows(np.arange(5), alpha, beta)
        best = np.exp(logs.sum(axis=0))
        for row in range(5):
            one, hazard = grid.row(row, alpha[row], beta[row])
            np.testing.assert_allclose(np.exp(one), np.exp(logs[row]), atol=1e-9)
            np.testing.assert_allclose(hazard * best, hazards[row] * best, atol=1e-9)
        # One offer at least has the largest payoff.
        np.testing.assert_allclose((hazards @ best).sum(), 1.0, atol=2e-3)


def test_the_distribution_function_where_the_best_payoff_may_be():
    alpha, beta = np.array([3.0, 5.0]), np.array([40.0, 60.0])
    grid = LiveGrid(alpha, beta, np.ones(2), np.zeros(2), -np.inf)
    # The tail above a known payoff: the whole is that above the floor.
    for floor in (0.02, 0.06, 0.12):
        above = LiveGrid(alpha, beta, np.ones(2), np.zeros(2), floor)
        logs, _ = above.rows(np.arange(2), alpha, beta)
        np.testing.assert_allclose(np.exp(logs[:, 0]), special.betainc(alpha, beta, floor), atol=1e-4)
    assert grid.low == 0.0


def test_it_is_told_where_nodes_do_not_hold():
    alpha, beta, one = np.array([40.0, 50.0]), np.array([900.0, 900.0]), np.ones(2)
    grid = LiveGrid(alpha, beta, one, 0 * one, -np.inf)
    assert grid.holds(0, 41.0, 905.0)
    assert grid.holds_all(alpha, beta)
    # Far above the last node; and so narrow that it lies between two nodes.
    for a, b in ((400.0, 900.0), (4e6, 8e7)):
        assert not grid.holds(0, a, b)
        assert not grid.holds_all(np.array([a, 50.0]), np.array([b, 900.0]))


@pytest.mark.parametrize(
    ("alpha", "beta", "smooth"),
    [([2.0, 3.0], [50.0, 60.0], True), ([0.1, 0.2], [50.0, 60.0], False), ([30.0, 3.0], [0.5, 60.0], False)],
)
def test_densities_that_are_endless_at_an_end_are_told(alpha, beta, smooth):
    one = np.ones(2)
    assert LiveGrid(np.array(alpha), np.array(beta), one, 0 * one, -np.inf).is_smooth == smooth


def test_moments_by_hand():
    # Beta(2, 3): mean 2 / 5, variance 2 * 3 / (25 * 6).
    assert moments(2.0, 3.0) == pytest.approx((0.4, 0.2))
    np.testing.assert_allclose(all_moments(np.array([2.0]), np.array([3.0])), [[0.4], [0.2]])

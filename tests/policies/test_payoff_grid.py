"""Sums of densities on the grid, against the distribution function."""

import numpy as np
import pytest
from scipy import special

from nbo.policies.payoff_grid import NODES, PayoffGrid


@pytest.mark.parametrize("values", [np.ones(5), np.array([1.0, 2.0, 3.0, 4.0, 5.0])])
def test_distribution_functions_are_the_betas(values):
    rng = np.random.default_rng(0)
    for _ in range(10):
        alpha, beta = rng.uniform(0.2, 60, 5), rng.uniform(20, 900, 5)
        grid = PayoffGrid(alpha, beta, values, 0 * values, -np.inf)
        logs = grid.log_cdf(np.arange(5), alpha, beta)
        assert logs.shape == (5, NODES)
        for row in range(5):
            # Before the 17th node lies an eighth of the best payoff's mass, in wide cells.
            exact = special.betainc(alpha[row], beta[row], grid.rate(row))[16:]
            np.testing.assert_allclose(np.exp(logs[row])[16:], exact, atol=1e-3)
            np.testing.assert_allclose(grid.log_cdf_of(row, alpha[row], beta[row]), logs[row], atol=1e-6)


def test_density_is_the_slope_of_the_distribution_function():
    alpha, beta = np.array([3.0, 5.0]), np.array([40.0, 60.0])
    grid = PayoffGrid(alpha, beta, np.ones(2), np.zeros(2), -np.inf)
    rate = grid.rate(0)[1:-1]
    slope = (special.betainc(3.0, 40.0, rate + 1e-7) - special.betainc(3.0, 40.0, rate - 1e-7)) / 2e-7
    np.testing.assert_allclose(grid.density(0, 3.0, 40.0)[1:-1], slope, rtol=1e-5, atol=1e-6)

"""CUPED: what the past explains is taken out, and nothing else."""

import numpy as np
import pytest

from nbo.errors import InputError
from nbo.experiments import cuped, mean_difference


def simulated(rng, n, correlation, effect=0.0):
    """Money before and in an experiment whose correlation is known, simulated."""
    arm = rng.random(n) < 0.5
    before = rng.normal(size=n)
    values = correlation * before + np.sqrt(1 - correlation**2) * rng.normal(size=n)
    return values + effect * arm, before, arm


def test_one_covariate_by_hand():
    values, before = np.array([1.0, 3.0, 2.0, 6.0]), np.array([0.0, 2.0, 1.0, 5.0])
    arms = ["a", "a", "b", "b"]
    # Within arms: x -1, 1, -2, 2 and y -1, 1, -2, 2, so theta is 10/10; the mean of x is 2.
    np.testing.assert_allclose(cuped(values, before, arms), [1 + 2, 3 - 0, 2 + 1, 6 - 3])


def test_several_covariates_by_a_plain_regression():
    rng = np.random.default_rng(2)
    x, arm = rng.normal(size=(200, 3)), rng.integers(0, 3, 200)
    y = x @ [1.0, -2.0, 0.5] + arm + rng.normal(size=200)
    design = np.column_stack([x, arm == 0, arm == 1, arm == 2])
    theta = np.linalg.solve(design.T @ design, design.T @ y)[:3]
    expected = [y[i] - sum(theta[j] * (x[i, j] - x[:, j].mean()) for j in range(3)) for i in range(200)]
    np.testing.assert_allclose(cuped(y, x, arm), expected, rtol=1e-10)


@pytest.mark.parametrize("correlation", [0.5, 0.9])
def test_the_variance_falls_by_the_squared_correlation(correlation):
    # Deng et al. (2013), section 3.2: var(adjusted) = var(Y) (1 - rho^2).
    values, before, arm = simulated(np.random.default_rng(3), 40_000, correlation)
    left = cuped(values, before, arm).var() / values.var()
    assert left == pytest.approx(1 - correlation**2, abs=0.01)


def test_differences_stay_true_and_intervals_narrow():
    rng, runs, held, plain, narrow = np.random.default_rng(4), 600, 0, 0.0, 0.0
    for _ in range(runs):
        values, before, arm = simulated(rng, 400, 0.8, effect=0.2)
        adjusted = cuped(values, before, arm)
        effect, other = (mean_difference(y[arm], y[~arm]) for y in (adjusted, values))
        held += effect.low <= 0.2 <= effect.high
        narrow, plain = narrow + effect.high - effect.low, plain + other.high - other.low
    assert abs(held / runs - 0.95) < 4 * np.sqrt(0.95 * 0.05 / runs)
    assert narrow / plain == pytest.approx(0.6, abs=0.02)  # sqrt(1 - 0.8^2)


def test_what_is_missing_is_a_covariate_itself():
    rng = np.random.default_rng(5)
    values, before, arm = simulated(rng, 2000, 0.9)
    known = np.where(rng.random(2000) < 0.3, np.nan, before)
    new = np.isnan(known)
    values[new] = 5.0 + rng.normal(size=new.sum())  # who is new spends much, and that is known before
    adjusted = cuped(values, known, arm)
    assert np.isfinite(adjusted).all()
    filled = np.column_stack([np.where(new, np.nanmean(known), known), new])
    np.testing.assert_allclose(adjusted, cuped(values, filled, arm))
    assert adjusted[new].mean() == pytest.approx(adjusted[~new].mean(), abs=0.1)


def test_covariates_that_tell_nothing_change_nothing():
    values = np.array([1.0, 4.0, 2.0, 8.0])
    for covariate in (np.full(4, np.nan), np.full(4, 3.0)):
        np.testing.assert_allclose(cuped(values, covariate), values)
    assert len(cuped(np.array([]), np.array([]))) == 0


def test_what_does_not_fit_is_refused():
    with pytest.raises(InputError, match="one for each of 2 values; got 3, 2"):
        cuped(np.array([1.0, 2.0]), np.zeros(3))
    with pytest.raises(InputError, match="finite or missing"):
        cuped(np.array([1.0, 2.0]), np.array([1.0, np.inf]))

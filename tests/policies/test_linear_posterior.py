"""Linear regressions with a shared prior: against the normal equations as written, and by hand."""

import numpy as np

from nbo.policies.linear_posterior import fit_linear_posterior


def test_equals_ridge_regression_of_common_and_own_effects():
    rng = np.random.default_rng(0)
    k, q, rows, prior_rate, effect_sd = 3, 2, 200, 0.1, 0.7
    matrix, offer = np.column_stack([np.ones(rows), rng.normal(size=rows)]), rng.integers(k, size=rows)
    reward = (rng.random(rows) < 0.2).astype(float)
    n = (offer[:, None] == np.arange(k)).astype(float)
    fit = fit_linear_posterior(matrix, n, n * reward[:, None], prior_rate=prior_rate, effect_sd=effect_sd)
    overall = (reward.sum() + 25 * prior_rate) / (rows + 25)
    slope = overall * (1 - overall)
    # Coefficients: q common ones, then q of each offer; a row of the design for each answer.
    design = np.hstack([matrix, *(n[:, [o]] * matrix for o in range(k))])
    sd = slope * np.array([1.0, *[effect_sd] * (q - 1), *[effect_sd] * (k * q)])
    precision = np.diag(1 / sd**2) + design.T @ design / slope
    found = np.linalg.solve(precision, design.T @ (reward - prior_rate) / slope)
    covariance = np.linalg.inv(precision)
    for o in range(k):
        sums = np.hstack([np.eye(q), *(np.eye(q) * (own == o) for own in range(k))])
        np.testing.assert_allclose(fit.mean[o], sums @ found + [prior_rate, 0.0])
        np.testing.assert_allclose(fit.covariance[o], sums @ covariance @ sums.T)


def test_without_answers_it_is_the_prior():
    nothing = (np.ones((0, 2)), np.ones((0, 2)), np.ones((0, 2)))
    fit = fit_linear_posterior(*nothing, prior_rate=np.array([0.02, 0.06]), effect_sd=0.5)
    mean, sd = fit.rates(np.array([[1.0, 2.0]]))
    np.testing.assert_allclose(mean, [[0.02, 0.06]])
    # On the log-odds 1 + 0.25 of the level, and 4 * (0.25 + 0.25) of the effect; the slope is 0.04 * 0.96.
    np.testing.assert_allclose(sd, 0.04 * 0.96 * np.sqrt(3.25))


def test_no_offers_at_all():
    fit = fit_linear_posterior(np.ones((0, 1)), np.ones((0, 0)), np.ones((0, 0)), prior_rate=0.04, effect_sd=0.5)
    assert fit.rates(np.ones((2, 1)))[0].shape == (2, 0)

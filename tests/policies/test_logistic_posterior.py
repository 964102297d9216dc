"""Laplace's approximation: against a plain loop, a general optimizer and draws."""

import numpy as np
import pytest
from scipy import optimize, special

from nbo.policies.logistic_posterior import fit_logistic_posterior


def _world(k=3, q=3, contexts=120, seed=0):
    rng = np.random.default_rng(seed)
    matrix = np.column_stack([np.ones(contexts), rng.normal(size=(contexts, q - 1))])
    n = rng.integers(0, 4, (contexts, k)).astype(float)
    odds = matrix @ np.column_stack([-2 + 0.5 * rng.normal(size=k), rng.normal(0, 0.7, (k, q - 1))]).T
    return matrix, n, rng.binomial(n.astype(int), special.expit(odds)).astype(float)


def _plain_log_posterior(common, own, matrix, n, accepted, prior_rate, effect_sd):
    """The model as it is written: a common part and each offer's own, with independent priors."""
    total = -0.5 * (common[0] - special.logit(prior_rate)) ** 2
    total -= 0.5 * sum(b**2 for b in common[1:]) / effect_sd**2 + 0.5 * (own**2).sum() / effect_sd**2
    for row, x in enumerate(matrix):
        for offer in range(len(own)):
            odds = x @ (common + own[offer])
            total += accepted[row, offer] * odds - n[row, offer] * np.log1p(np.exp(odds))
    return total


def test_mode_and_covariance_are_those_of_the_model_as_written():
    k, q = 2, 2
    matrix, n, accepted = _world(k, q, 40)
    fit = fit_logistic_posterior(matrix, n, accepted, prior_rate=0.1, effect_sd=0.7)

    def loss(parameters):
        return -_plain_log_posterior(
            parameters[:q], parameters[q:].reshape(k, q), matrix, n, accepted, prior_rate=0.1, effect_sd=0.7
        )

    found = optimize.minimize(loss, np.zeros(q * (k + 1)), method="BFGS", options={"gtol": 1e-4})
    mode = found.x[:q] + found.x[q:].reshape(k, q)
    np.testing.assert_allclose(fit.mean, mode, atol=1e-3)
    size, step = len(found.x), 1e-3
    eye = np.eye(size) * step
    curvature = np.array(
        [
            [
                (loss(found.x + i + j) - loss(found.x + i - j) - loss(found.x - i + j) + loss(found.x - i - j))
                / (4 * step**2)
                for j in eye
            ]
            for i in eye
        ]
    )
    # An offer's coefficients are the common ones and its own.
    sums = np.vstack([np.hstack([np.eye(q), *(np.eye(q) * (o == offer) for o in range(k))]) for offer in range(k)])
    expected = sums @ np.linalg.inv(curvature) @ sums.T
    np.testing.assert_allclose(fit.covariance.reshape(k * q, k * q), expected, atol=1e-3)


def test_without_answers_it_is_the_prior():
    fit = fit_logistic_posterior(np.ones((0, 2)), np.ones((0, 2)), np.ones((0, 2)), prior_rate=0.04, effect_sd=0.5)
    # The mode lies on a grid of 2**-14.
    np.testing.assert_allclose(fit.mean, [[np.log(0.04 / 0.96), 0]] * 2, atol=2.0**-15)
    mean, covariance = fit.log_odds(np.array([1.0, 2.0]))
    np.testing.assert_allclose(mean, np.log(0.04 / 0.96), atol=2.0**-15)
    # The level's 1 and the effect's 4 * 0.25 in common, and of its own 0.25 + 4 * 0.25.
    np.testing.assert_allclose(covariance, [[3.25, 2.0], [2.0, 3.25]])


@pytest.mark.parametrize(("k", "contexts"), [(3, 300), (10, 0), (10, 1500), (40, 1500)])
def test_probabilities_are_within_a_hundredth_of_long_draws(k, contexts):
    rng = np.random.default_rng(k)
    fit = fit_logistic_posterior(*_world(k, 4, contexts, seed=1), prior_rate=0.04, effect_sd=0.5)
    values, costs = np.append(rng.uniform(1, 3, k), 0.0), np.append(rng.uniform(0, 0.2, k), 0.0)
    real = np.arange(k + 1) < k
    matrix = np.column_stack([np.ones(3), rng.normal(size=(3, 3))])
    eligible = rng.random((3, k + 1)) < 0.8
    eligible[:, -1] = True
    stated = fit.probability_of_best(matrix, values, costs, eligible, real)
    np.testing.assert_allclose(stated.sum(axis=1), 1.0, rtol=1e-12)
    assert (stated[~eligible] == 0).all()
    draws = 100_000
    for row in range(3):
        mean, covariance = fit.log_odds(matrix[row])
        odds = mean + rng.normal(size=(draws, k)) @ np.linalg.cholesky(covariance).T
        pays = np.column_stack([values[:k] * special.expit(odds) - costs[:k], np.zeros(draws)])
        pays[:, ~eligible[row]] = -np.inf
        frequency = np.bincount(pays.argmax(axis=1), minlength=k + 1) / draws
        assert (np.abs(stated[row] - frequency) < 0.01 + 4 * np.sqrt(frequency * (1 - frequency) / draws)).all()


def test_many_answers_of_one_kind_do_not_break_it():
    n = np.array([[1e7, 1e7, 0.0]])
    fit = fit_logistic_posterior(np.ones((1, 1)), n, np.array([[1e7, 0.0, 0.0]]), prior_rate=0.04, effect_sd=0.5)
    assert np.isfinite(fit.mean).all()
    everything = np.ones((1, 3), dtype=bool)
    stated = fit.probability_of_best(np.ones((1, 1)), np.ones(3), np.zeros(3), everything, everything[0])
    assert stated[0, 0] > 0.99


@pytest.mark.parametrize("seed", range(8))
def test_where_the_search_starts_changes_no_bit(seed):
    matrix, n, accepted = _world(4, 3, 400, seed)
    rng = np.random.default_rng(seed)
    settings = {"prior_rate": 0.04, "effect_sd": 0.5}
    cold = fit_logistic_posterior(matrix, n, accepted, **settings)
    fewer = fit_logistic_posterior(matrix[:300], n[:300], accepted[:300], **settings)
    for near in (fewer.mean, cold.mean, cold.mean + rng.normal(0, 3, cold.mean.shape), np.zeros((2, 2))):
        warm = fit_logistic_posterior(matrix, n, accepted, **settings, near=near)
        np.testing.assert_array_equal(warm.mean, cold.mean)
        np.testing.assert_array_equal(warm.covariance, cold.covariance)


def test_a_mode_between_two_points_of_the_grid_is_sought_from_the_prior(monkeypatch):
    from nbo.policies import logistic_posterior

    starts, climb = [], logistic_posterior._mode

    def spied(near, *rest):
        starts.append(near)
        return climb(near, *rest)

    monkeypatch.setattr(logistic_posterior, "_mode", spied)
    rate = special.expit(2.0**-14 * 1000.5)
    nothing = (np.ones((0, 1)), np.ones((0, 1)), np.ones((0, 1)))
    fits = [
        fit_logistic_posterior(*nothing, prior_rate=rate, effect_sd=0.5, near=near) for near in (None, np.ones((1, 1)))
    ]
    np.testing.assert_array_equal(fits[0].mean, fits[1].mean)
    assert [float(start[0, 0]) for start in starts] == pytest.approx([2.0**-14 * 1000.5, 1.0, 2.0**-14 * 1000.5])


def test_each_offer_may_have_an_expected_rate():
    nothing = (np.ones((0, 1)), np.ones((0, 2)), np.ones((0, 2)))
    fit = fit_logistic_posterior(*nothing, prior_rate=np.array([0.02, 0.2]), effect_sd=0.5)
    np.testing.assert_allclose(special.expit(fit.mean[:, 0]), [0.02, 0.2], rtol=1e-4)

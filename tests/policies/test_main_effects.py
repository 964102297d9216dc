"""The fitted effects against a general optimizer and its second derivative."""

import numpy as np
import pytest
from scipy import optimize, special

from nbo.policies.main_effects import EffectPriors, fit_main_effects, log_determinant, log_odds, offer_design

NO_GROUPS = np.zeros((3, 0))
GROUPS = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])


def _priors(groups):
    h = groups.shape[1]
    return EffectPriors(0.2, np.array([0.0] * (3 + h) + [-3.0]), np.array([0.4] * 3 + [0.3] * h + [1.5]))


def _design(groups):
    """Lay the whole model out: a row for each pair, a column for each effect."""
    return np.array([[*np.eye(4)[s], *np.eye(3)[o], *groups[o], 1.0] for s in range(4) for o in range(3)])


@pytest.mark.parametrize("groups", [NO_GROUPS, GROUPS])
def test_finds_the_mode_and_the_curvature(groups):
    rng = np.random.default_rng(0)
    n = rng.integers(0, 200, (4, 3)).astype(float)
    accepted = rng.binomial(n.astype(int), 0.1).astype(float)
    offset = rng.normal(0, 0.3, (4, 3))
    priors, design = _priors(groups), _design(groups)
    effects = fit_main_effects(n, accepted, offset, groups, priors)
    mean = np.append(np.zeros(4), priors.block_mean)
    variance = np.append(np.full(4, 0.2), priors.block_variance)

    def minus_log_posterior(x):
        odds = offset.ravel() + design @ x
        fit = (accepted.ravel() * odds - n.ravel() * np.logaddexp(0, odds)).sum()
        return -fit + ((x - mean) ** 2 / variance).sum() / 2

    found = optimize.minimize(minus_log_posterior, np.zeros(len(mean)), method="BFGS", tol=1e-10)
    np.testing.assert_allclose([*effects.segment, *effects.block], found.x, atol=1e-4)
    rate = special.expit(offset.ravel() + design @ np.append(effects.segment, effects.block))
    weight = n.ravel() * rate * (1 - rate)
    covariance = np.linalg.inv(design.T @ (design * weight[:, None]) + np.diag(1 / variance))
    np.testing.assert_allclose(effects.segment_variance, np.diag(covariance)[:4], rtol=1e-6)
    np.testing.assert_allclose(effects.block_covariance, covariance[4:, 4:], rtol=1e-6, atol=1e-9)


def test_adds_effects_up():
    odds = log_odds(np.array([10.0, 20.0, 30.0, 40.0]), np.arange(1.0, 7.0), offer_design(GROUPS))
    # Segment 0 and offer 2: its own 10, the offer's 3, its group's 5, the level 6.
    assert odds[0, 2] == 10 + 3 + 5 + 6
    assert odds[3, 0] == 40 + 1 + 4 + 6


def test_stays_finite_when_all_or_none_accept():
    n = np.full((4, 3), 1e6)
    for accepted in (0 * n, n):
        effects = fit_main_effects(n, accepted, 0 * n, NO_GROUPS, _priors(NO_GROUPS))
        assert np.isfinite(effects.block).all()
        assert (effects.block[-1] > 0) == (accepted[0, 0] > 0)


def test_without_answers_the_prior_stays():
    none = np.zeros((4, 3))
    effects = fit_main_effects(none, none, none, NO_GROUPS, _priors(NO_GROUPS))
    assert effects.block.tolist() == [0.0, 0.0, 0.0, -3.0]
    np.testing.assert_allclose(np.diag(effects.block_covariance), [0.4, 0.4, 0.4, 1.5])


def test_log_determinant_is_that_of_the_whole_precision():
    rng = np.random.default_rng(0)
    weight, design = rng.gamma(2.0, size=(5, 3)), offer_design(np.array([[1.0], [1.0], [0.0]]))
    priors = EffectPriors(0.3, np.zeros(5), rng.gamma(2.0, size=5))
    # One row for each segment and offer: its segment, then what the offer has.
    rows = np.hstack([np.repeat(np.eye(5), 3, axis=0), np.tile(design, (5, 1))])
    whole = (rows * weight.ravel()[:, None]).T @ rows + np.diag([1 / 0.3] * 5 + list(1 / priors.block_variance))
    np.testing.assert_allclose(log_determinant(weight, design, priors), np.linalg.slogdet(whole)[1])

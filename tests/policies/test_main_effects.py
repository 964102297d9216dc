"""The fitted effects against a general optimizer and its second derivative."""

import numpy as np
from scipy import optimize, special

from nbo.policies.main_effects import fit_main_effects

PRIOR = {"level_mean": -3.0, "level_variance": 1.5, "segment_variance": 0.2, "offer_variance": 0.4}


def _minus_log_posterior(x, n, accepted, offset):
    s, k = n.shape
    segment, offer, level = x[:s], x[s : s + k], x[-1]
    odds = offset + level + segment[:, None] + offer
    fit = (accepted * odds - n * np.logaddexp(0, odds)).sum()
    prior = (segment**2).sum() / 0.2 + (offer**2).sum() / 0.4 + (level + 3.0) ** 2 / 1.5
    return -fit + prior / 2


def test_finds_the_mode_and_the_curvature():
    rng = np.random.default_rng(0)
    n = rng.integers(0, 200, (4, 3)).astype(float)
    accepted = rng.binomial(n.astype(int), 0.1).astype(float)
    offset = rng.normal(0, 0.3, (4, 3))
    effects = fit_main_effects(n, accepted, offset, **PRIOR)
    found = optimize.minimize(_minus_log_posterior, np.zeros(8), (n, accepted, offset), method="BFGS", tol=1e-10)
    np.testing.assert_allclose([*effects.segment, *effects.offer, effects.level], found.x, atol=1e-4)
    rate = special.expit(offset + effects.level + effects.segment[:, None] + effects.offer)
    design = np.array([[*np.eye(4)[s], *np.eye(3)[o], 1.0] for s in range(4) for o in range(3)])
    weight = (n * rate * (1 - rate)).ravel()
    precision = np.diag([1 / 0.2] * 4 + [1 / 0.4] * 3 + [1 / 1.5])
    covariance = np.linalg.inv(design.T @ (design * weight[:, None]) + precision)
    np.testing.assert_allclose(effects.segment_variance, np.diag(covariance)[:4], rtol=1e-6)
    np.testing.assert_allclose(effects.offer_variance, np.diag(covariance)[4:7], rtol=1e-6)
    total = [covariance[4 + o, 4 + o] + covariance[7, 7] + 2 * covariance[4 + o, 7] for o in range(3)]
    np.testing.assert_allclose(effects.offer_total_variance, total, rtol=1e-6)


def test_stays_finite_when_all_or_none_accept():
    n = np.full((3, 2), 1e6)
    for accepted in (0 * n, n):
        effects = fit_main_effects(n, accepted, 0 * n, **PRIOR)
        assert np.isfinite(effects.level)
        assert (np.sign(effects.level) == 1) == (accepted[0, 0] > 0)


def test_without_answers_the_prior_stays():
    effects = fit_main_effects(np.zeros((1, 2)), np.zeros((1, 2)), np.zeros((1, 2)), **PRIOR)
    assert (effects.level, effects.offer.tolist(), effects.segment.tolist()) == (-3.0, [0.0, 0.0], [0.0])
    np.testing.assert_allclose(effects.offer_total_variance, 1.5 + 0.4)

"""Nested segments: each level around the one above, without its own answers counted twice."""

import numpy as np

from nbo.policies.nested_prior import any_child, fit_nested_prior
from nbo.policies.pooling import PooledPrior, fit_pooled_prior

INFORMED = {"prior_rate": 0.04, "prior_strength": 25.0}


def _fit(n, accepted, rate=None):
    return fit_pooled_prior(n, accepted, **INFORMED, warm_rate=rate)


def _plain(n, accepted, rate=None):
    """Expect what is given, or 4 %, worth ten decisions, to compute by hand."""
    mean = np.full(n.shape, 0.04) if rate is None else rate
    return PooledPrior(mean, np.full(n.shape, 10.0), np.zeros(n.shape))


def test_the_rest_of_the_tier_by_hand():
    n = np.array([[50.0], [30.0], [0.0], [0.0]])
    accepted = np.array([[10.0], [3.0], [0.0], [0.0]])
    prior = fit_nested_prior(["gold > a", "gold > b", "gold > "], n, accepted, " > ", _plain)
    np.testing.assert_allclose(prior.mean[0, 0], (0.4 + 3) / (10 + 30))
    np.testing.assert_allclose(prior.mean[1, 0], (0.4 + 10) / (10 + 50))
    np.testing.assert_allclose(prior.mean[2, 0], (0.4 + 13) / (10 + 80))
    np.testing.assert_allclose(prior.mean[3, 0], 0.04)
    rate = (0.4 + 3) / 40
    np.testing.assert_allclose(prior.spread[0, 0], np.sqrt(rate * (1 - rate) / 41))


def test_without_levels_it_is_the_pooled_prior():
    rng = np.random.default_rng(0)
    n = np.vstack([rng.integers(50, 500, (4, 3)), np.zeros((1, 3))]).astype(float)
    accepted = rng.binomial(n.astype(int), 0.06).astype(float)
    nested, pooled = fit_nested_prior(list("abcd"), n, accepted, " > ", _fit), _fit(n, accepted)
    np.testing.assert_array_equal(nested.mean, pooled.mean)
    np.testing.assert_array_equal(nested.spread, pooled.spread)


def test_three_levels_find_what_was_planted():
    rng = np.random.default_rng(1)
    names, rates = [], []
    for tier in "gb":
        for region in "nesw":
            taste = rng.permutation([0.02, 0.05, 0.12])
            for town in "1234567":
                names.append(f"{tier} > {region} > {town}")
                rates.append(rng.beta(400 * taste, 400 * (1 - taste)))
    truth = np.array(rates)
    n = np.vstack([np.full(truth.shape, 150.0), np.zeros((1, 3))])
    accepted = np.vstack([rng.binomial(150, truth), np.zeros((1, 3))]).astype(float)
    errors = []
    for prior in (fit_nested_prior(names, n, accepted, " > ", _fit), _fit(n, accepted)):
        alpha, beta = prior.posterior(n, accepted)
        errors.append(np.square((alpha / (alpha + beta))[:-1] - truth).mean())
    assert errors[0] < 0.6 * errors[1]


def test_names_what_is_not_known_yet():
    assert any_child("gold > north > x", " > ") == "gold > north > "
    assert any_child("gold", " > ") == ""

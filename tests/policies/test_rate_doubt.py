"""Intervals of acceptance rates hold the rates that were planted, and their variance is that of the whole model."""

import numpy as np
import pandas as pd
import pytest
from scipy import special

from nbo.policies import Greedy, SegmentThompson
from nbo.policies.main_effects import offer_design
from nbo.policies.pooling import fit_pooled_prior
from nbo.policies.rate_doubt import doubted_posterior


def planted(rng, n_segments, n_offers):
    """Rates of about 4 %, by offer, segment and by themselves."""
    odds = -3.38 + rng.normal(0, 0.5, n_offers) + rng.normal(0, 0.4, (n_segments, 1))
    mean = special.expit(odds)
    return rng.beta(100 * mean, 100 * (1 - mean))


@pytest.mark.parametrize(
    ("n_segments", "n", "worlds"), [(20, 500, 16), (20, 2000, 16), (20, 20_000, 10), (300, 12_000, 4)]
)
def test_intervals_hold_planted_rates_as_often_as_they_say(n_segments, n, worlds):
    held = []
    for seed in range(worlds):
        rng = np.random.default_rng(seed)
        truth = planted(rng, n_segments, 10)
        segment, offer = rng.integers(0, n_segments, n), rng.integers(0, 10, n)
        log = pd.DataFrame({"decision_id": range(n), "segment": segment, "offer_id": offer.astype(str)})
        log["reward"] = (rng.random(n) < truth[segment, offer]).astype(float)
        rates = Greedy([str(number) for number in range(10)]).learn(log).acceptance_rates()
        rate = truth[rates["segment"].astype(int), rates["offer_id"].astype(int)]
        held.append(((rates["low"] <= rate) & (rate <= rates["high"])).mean())
    # How strong what is pooled counts is taken as known: a little of the 95 % is lost by that.
    assert 0.915 < np.mean(held) < 0.98


def test_the_variance_is_that_of_all_effects_together():
    rng = np.random.default_rng(3)
    n = rng.integers(0, 200, (6, 4)).astype(float)
    accepted = rng.binomial(n.astype(int), 0.05).astype(float)
    groups = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    prior = fit_pooled_prior(n, accepted, prior_rate=0.04, prior_strength=25.0, offer_groups=groups)
    fit, design = prior.fit, offer_design(groups)
    slope = prior.mean * (1 - prior.mean)
    weight = n * (fit.strength + 1) / (fit.strength + n) * slope
    # Effects of the 6 segments, of 4 offers and 2 groups, and the level: the precision of all, written out.
    rows = np.array([np.concatenate([np.eye(6)[s], design[o]]) for s in range(6) for o in range(4)])
    own = np.linalg.inv(fit.effects.block_covariance)
    precision = (rows * weight.reshape(-1, 1)).T @ rows
    cross, diagonal = precision[6:, :6], precision[:6, :6] + np.eye(6) / fit.variances[0]
    precision[:6, :6], precision[6:, 6:] = diagonal, own + cross @ np.linalg.inv(diagonal) @ cross.T
    variance = ((rows @ np.linalg.inv(precision)) * rows).sum(axis=1).reshape(6, 4)
    total = prior.strength + n
    mean = (prior.strength * prior.mean + accepted) / total
    expected = mean * (1 - mean) / (total + 1) + (prior.strength / total * slope) ** 2 * variance
    alpha, beta = doubted_posterior(prior, n, accepted, groups)
    np.testing.assert_allclose(alpha / (alpha + beta), mean)
    np.testing.assert_allclose(mean * (1 - mean) / (alpha + beta + 1), expected)


def test_rates_are_those_that_offers_are_chosen_by():
    log = pd.DataFrame({"decision_id": range(60), "segment": ["a", "b", "b"] * 20, "offer_id": ["x", "y"] * 30})
    policy = SegmentThompson(["x", "y"]).learn(log.assign(reward=[1.0, 0.0, 0.0, 0.0, 1.0] * 12))
    alpha, beta = policy._fitted().posterior(["a", "b"])
    np.testing.assert_allclose(policy.acceptance_rates()["rate"], (alpha / (alpha + beta)).ravel())


def test_without_pooling_it_is_the_beta_distribution_of_the_answers():
    log = pd.DataFrame({"decision_id": range(10), "segment": "a", "offer_id": "x", "reward": [1.0] + [0.0] * 9})
    rates = SegmentThompson(["x"], pooling=False, prior_rate=0.04, prior_strength=25.0).learn(log).acceptance_rates()
    assert (rates["low"][0], rates["high"][0]) == pytest.approx(tuple(special.betaincinv(2.0, 33.0, [0.025, 0.975])))

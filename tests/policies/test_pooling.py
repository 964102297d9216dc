"""The pooled prior: what it learns, and what it must not."""

import numpy as np
import pytest
from scipy import special

from nbo.policies.pooling import PooledPrior, fit_pooled_prior

INFORMED = {"prior_rate": 0.04, "prior_strength": 25.0}


def _world(strength, seed=0, n=2000, shape=(30, 12)):
    rng = np.random.default_rng(seed)
    mean = special.expit(-3.2 + rng.normal(0, 0.4, (shape[0], 1)) + rng.normal(0, 0.6, shape[1]))
    rate = rng.beta(strength * mean, strength * (1 - mean))
    tries = np.full(shape, float(n))
    return mean, rate, tries, rng.binomial(n, rate).astype(float)


def test_posterior_by_hand():
    prior = PooledPrior(np.array([[0.1]]), np.array([[20.0]]), np.array([[0.0]]))
    alpha, beta = prior.posterior(np.array([[30.0]]), np.array([[6.0]]))
    np.testing.assert_allclose([alpha[0, 0], beta[0, 0]], [20 * 0.1 + 6, 20 * 0.9 + 24])


def test_posterior_keeps_mean_and_variance_of_the_mixture_over_the_offer_effect():
    prior = PooledPrior(np.array([[0.1]]), np.array([[20.0]]), np.array([[0.03]]))
    alpha, beta = (table[0, 0] for table in prior.posterior(np.array([[30.0]]), np.array([[6.0]])))
    mean = (20 * 0.1 + 6) / 50
    variance = mean * (1 - mean) / 51 + (20 / 50 * 0.03) ** 2
    np.testing.assert_allclose(alpha / (alpha + beta), mean)
    np.testing.assert_allclose(mean * (1 - mean) / (alpha + beta + 1), variance)


@pytest.mark.parametrize("strength", [30, 150, 600])
def test_recovers_the_planted_strength(strength):
    _, _, n, accepted = _world(strength)
    learned = fit_pooled_prior(n, accepted, **INFORMED).strength[0, 0]
    assert strength / 1.7 < learned < strength * 1.7


def test_prior_means_are_nearer_to_the_planted_means_than_raw_rates():
    mean, rate, n, accepted = _world(100, n=100)
    prior = fit_pooled_prior(n, accepted, **INFORMED)
    error = np.abs(special.logit(prior.mean) - special.logit(mean)).mean()
    raw = np.abs(special.logit((accepted + 0.5) / (n + 1)) - special.logit(mean)).mean()
    assert error < raw / 2
    alpha, beta = prior.posterior(n, accepted)
    assert np.square(alpha / (alpha + beta) - rate).mean() < np.square(accepted / n - rate).mean()


def test_cells_without_answers_change_no_other():
    _, _, n, accepted = _world(100, shape=(5, 4))
    prior = fit_pooled_prior(n, accepted, **INFORMED)
    wide = fit_pooled_prior(np.pad(n, ((0, 1), (0, 1))), np.pad(accepted, ((0, 1), (0, 1))), **INFORMED)
    np.testing.assert_allclose(wide.mean[:5, :4], prior.mean, rtol=1e-6)
    np.testing.assert_allclose(wide.strength[:5, :4], prior.strength, rtol=1e-6)
    assert (wide.spread[:, 4] > wide.spread[:, :4].max(axis=1)).all()


def test_heavily_served_cells_do_not_set_the_offer_effect_alone():
    # One segment that likes offer 0 was served it 100,000 times; 9 others refused it 100 times each.
    n = np.full((10, 2), 100.0)
    accepted = np.full((10, 2), 4.0)
    n[0, 0], accepted[0, 0] = 100_000, 30_000
    accepted[1:, 0] = 1.0
    prior = fit_pooled_prior(n, accepted, **INFORMED)
    assert (prior.mean[1:, 0] < 0.04).all()


def test_without_any_answer_the_prior_is_the_informed_one():
    prior = fit_pooled_prior(np.zeros((2, 3)), np.zeros((2, 3)), **INFORMED)
    np.testing.assert_allclose(prior.mean, 0.04)
    assert np.isfinite(prior.strength).all()


def test_no_accept_at_all_and_nothing_but_accepts_stay_inside():
    n = np.full((2, 3), 1e5)
    for accepted in (0 * n, n):
        alpha, beta = fit_pooled_prior(n, accepted, **INFORMED).posterior(n, accepted)
        assert (alpha > 0).all()
        assert (beta > 0).all()


def test_a_good_model_is_believed_and_a_useless_one_is_not():
    mean, _, n, accepted = _world(1000, n=200)
    rng = np.random.default_rng(1)
    useless = special.expit(special.logit(mean) + rng.normal(0, 3, mean.shape))
    good = fit_pooled_prior(n, accepted, **INFORMED, warm_rate=mean)
    bad = fit_pooled_prior(n, accepted, **INFORMED, warm_rate=useless)
    assert good.strength[0, 0] > 10 * bad.strength[0, 0]


def test_a_biased_model_is_corrected_to_the_level_of_the_answers():
    mean, _, n, accepted = _world(1000, n=2000)
    biased = special.expit(special.logit(mean) + 1.0)
    prior = fit_pooled_prior(n, accepted, **INFORMED, warm_rate=biased)
    np.testing.assert_allclose(prior.mean.mean(), mean.mean(), rtol=0.05)


@pytest.mark.parametrize("seed", range(3))
def test_strength_is_not_overstated_where_each_segment_had_mostly_one_offer(seed):
    # With one offer in most segments, segments' effects fit these cells nearly as they are.
    rng = np.random.default_rng(seed)
    mean = special.expit(-2.5 + rng.normal(0, 0.4, (300, 1)) + rng.normal(0, 0.5, 6))
    rate = rng.beta(100 * mean, 100 * (1 - mean))
    n = np.full((300, 6), 8.0)
    n[:, mean.mean(axis=0).argmax()] = 400.0
    accepted = rng.binomial(n.astype(int), rate).astype(float)
    assert 50 < fit_pooled_prior(n, accepted, **INFORMED).strength[0, 0] < 200


def test_offers_drawn_one_by_one_differ_as_much_as_offers_drawn_together():
    _, _, n, accepted = _world(5000, shape=(6, 8))
    prior = fit_pooled_prior(n, accepted, **INFORMED)
    slope = prior.mean * (1 - prior.mean)
    apart, whole = ((table / slope)[0] for table in (prior.apart, prior.spread))
    # Six segments leave the common level open; the effects of offers are nearly known.
    assert (apart < 0.8 * whole).all()
    effects = prior.fit.effects
    covariance = effects.block_covariance[:-1, :-1]
    pairs = np.triu_indices(8, 1)
    together = (np.add.outer(np.diag(covariance), np.diag(covariance)) - 2 * covariance)[pairs]
    np.testing.assert_allclose(np.add.outer(apart**2, apart**2)[pairs].mean(), together.mean(), rtol=0.15)


def test_only_draws_leave_out_what_offers_have_in_common():
    _, _, n, accepted = _world(100, shape=(6, 8))
    prior = fit_pooled_prior(n, accepted, **INFORMED)
    whole = PooledPrior(prior.mean, prior.strength, prior.spread)
    alpha, beta = prior.sharpened(n, accepted, 2.0)
    wide_alpha, wide_beta = whole.sharpened(n, accepted, 2.0)
    np.testing.assert_allclose(alpha / (alpha + beta), wide_alpha / (wide_alpha + wide_beta))
    assert (alpha + beta > wide_alpha + wide_beta).all()
    for table, same in zip(prior.posterior(n, accepted), whole.posterior(n, accepted), strict=True):
        np.testing.assert_array_equal(table, same)

"""Probability of the best offer against closed forms, draws and a plain integral."""

import numpy as np
import pytest
from scipy import stats

from nbo.policies.best import probability_of_best


def _one(alpha, beta, values=None, costs=None, eligible=None):
    k = len(alpha)
    return probability_of_best(
        np.array([alpha], dtype=float),
        np.array([beta], dtype=float),
        np.ones(k) if values is None else np.array(values, dtype=float),
        np.zeros(k) if costs is None else np.array(costs, dtype=float),
        np.ones((1, k), bool) if eligible is None else np.array([eligible]),
    )[0]


def test_equals_the_closed_form_of_two_offers():
    # P(max of a uniforms > max of b uniforms) = a / (a + b), for Beta(a, 1) is the largest of a uniforms.
    np.testing.assert_allclose(_one([3, 1], [1, 1]), [3 / 4, 1 / 4], atol=1e-4)
    np.testing.assert_allclose(_one([5, 2, 1], [1, 1, 1]), [5 / 8, 2 / 8, 1 / 8], atol=1e-4)


def test_a_certain_offer_wins_when_all_others_pay_less():
    # Beta(1, 1) - 0.3 is below zero with probability 0.3; the offer of value 0 pays 0.
    np.testing.assert_allclose(_one([1, 9], [1, 9], values=[1, 0], costs=[0.3, 0]), [0.7, 0.3], atol=1e-4)


def test_offers_that_pay_the_same_for_certain_share():
    np.testing.assert_allclose(
        _one([1, 1, 1], [1, 1, 1], values=[1, 0, 0], costs=[0.4, 0, 0]), [0.6, 0.2, 0.2], atol=1e-4
    )
    assert _one([1, 1, 1], [1, 1, 1], values=[0, 0, 0], costs=[0.1, 0, 0]).tolist() == [0.0, 0.5, 0.5]


def test_ineligible_offers_get_exactly_zero_and_a_single_one_gets_one():
    assert _one([9, 1, 1], [1, 9, 9], eligible=[False, True, False]).tolist() == [0.0, 1.0, 0.0]


def test_values_scale_the_rate():
    # 2 U1 > U2 for uniforms: 1 - 1/4.
    np.testing.assert_allclose(_one([1, 1], [1, 1], values=[2, 1]), [3 / 4, 1 / 4], atol=1e-4)


@pytest.mark.parametrize("seed", range(6))
def test_agrees_with_a_million_draws(seed):
    rng = np.random.default_rng(seed)
    k = int(rng.integers(2, 12))
    mean, size = rng.uniform(0.005, 0.2, k), 10 ** rng.uniform(0.5, 5, k)
    values, costs = rng.uniform(0.5, 3, k), rng.uniform(0, 0.02, k)
    eligible = rng.random(k) < 0.8
    eligible[0] = True
    stated = _one(mean * size, (1 - mean) * size, values, costs, eligible)
    draws = 1_000_000
    wins = np.zeros(k)
    for _ in range(10):
        payoff = values * rng.beta(mean * size, (1 - mean) * size, (draws // 10, k)) - costs
        wins += np.bincount(np.where(eligible, payoff, -np.inf).argmax(axis=1), minlength=k)
    error = 4 * np.sqrt(stated * (1 - stated) / draws) + 1e-3
    assert (np.abs(stated - wins / draws) <= error).all()


def test_is_within_a_thousandth_of_a_plain_integral():
    rng = np.random.default_rng(3)
    for _ in range(20):
        k = int(rng.integers(2, 7))
        mean, size = rng.uniform(0.005, 0.2, k), 10 ** rng.uniform(0.5, 5, k)
        posteriors = [stats.beta(m * s, (1 - m) * s) for m, s in zip(mean, size, strict=True)]
        levels = np.concatenate([np.geomspace(1e-12, 1e-3, 100), np.linspace(0.001, 0.999, 1500), [1 - 1e-6, 1 - 1e-9]])
        grid = np.unique(np.concatenate([posterior.ppf(levels) for posterior in posteriors]))
        cdf = np.array([posterior.cdf(grid) for posterior in posteriors])
        exact = []
        for j in range(k):
            others = np.delete(cdf, j, axis=0).prod(axis=0)
            exact.append((np.diff(cdf[j]) * (others[1:] + others[:-1]) / 2).sum())
        np.testing.assert_allclose(_one(mean * size, (1 - mean) * size), exact, atol=1e-3)


def test_many_rows_equal_rows_one_by_one():
    rng = np.random.default_rng(0)
    mean, size = rng.uniform(0.01, 0.2, (300, 40)), 10 ** rng.uniform(1, 4, (300, 40))
    everything = probability_of_best(
        mean * size, (1 - mean) * size, np.ones(40), np.zeros(40), np.ones((300, 40), bool)
    )
    np.testing.assert_array_equal(everything[299], _one(mean[299] * size[299], (1 - mean[299]) * size[299]))
    np.testing.assert_allclose(everything.sum(axis=1), 1.0, rtol=1e-12)

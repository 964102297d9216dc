from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from nbo.policies.best_of_sets import probability_of_best_of_sets


def world(seed, k=21):
    """Rates, values and sets of all kinds."""
    rng = np.random.default_rng(seed)
    size = rng.choice([0.5, 5, 50, 1000, 20_000], size=k)
    rate = rng.beta(1, 15, k) + 1e-3
    values = rng.uniform(1, 50, k) if seed % 2 else np.ones(k)
    values[rng.random(k) < 0.1 * (seed % 3)] = 0.0
    values[0] = 2.0
    sets = rng.random((40, k)) < 0.5
    sets[np.arange(40), rng.integers(0, k, 40)] = True
    return size * rate + rng.choice([0.3, 1, 2]), size * (1 - rate) + 1, values, rng.uniform(0, 1, k) * (seed % 2), sets


def by_hand(alpha, beta, values, costs, row):
    """Add up what each offer wins between 3,000 quantiles of its own payoff, one set and one offer after the other."""
    best = np.zeros(len(alpha))
    levels = np.linspace(0, 1, 3001)
    for j in np.flatnonzero(row & (values > 0)):
        middle = special.betaincinv(alpha[j], beta[j], (levels[1:] + levels[:-1]) / 2) * values[j] - costs[j]
        wins = np.ones(len(middle))
        for i in np.flatnonzero(row):
            if i == j:
                continue
            if values[i] > 0:
                wins *= special.betainc(alpha[i], beta[i], np.clip((middle + costs[i]) / values[i], 0, 1))
            else:
                wins *= middle > -costs[i]
        best[j] = wins.mean()
    sure = row & (values == 0)
    top = sure & (-costs == np.where(sure, -costs, -np.inf).max())
    best[top] = (1 - best.sum()) / max(top.sum(), 1)
    return best


@pytest.mark.parametrize("k", [2, 3, 8, 21])
@pytest.mark.parametrize("seed", range(6))
def test_it_agrees_with_a_plain_loop(seed, k):
    alpha, beta, values, costs, sets = world(seed, k)
    found = probability_of_best_of_sets(alpha, beta, values, costs, sets)
    for row, stated in list(zip(sets, found, strict=True))[:6]:
        np.testing.assert_allclose(stated, by_hand(alpha, beta, values, costs, row), atol=1e-3)
    np.testing.assert_allclose(found.sum(axis=1), 1.0)
    assert (found[~sets] == 0).all()


def test_it_agrees_with_draws():
    alpha, beta, values, costs, sets = world(1, 8)
    rng = np.random.default_rng(2)
    payoff = rng.beta(alpha, beta, (200_000, 8)) * values - costs
    for row in sets[:5]:
        best = np.bincount(np.where(row, payoff, -np.inf).argmax(axis=1), minlength=8) / len(payoff)
        stated = probability_of_best_of_sets(alpha, beta, values, costs, row[None])[0]
        assert (np.abs(stated - best) <= 4 * np.sqrt(stated * (1 - stated) / len(payoff)) + 1e-3).all()


def test_what_pays_for_certain_by_hand():
    one, two = np.ones(2), np.array([1.0, 0.0])
    # Beta(1, 1) pays more than 0.3 for certain with probability 0.7; an action that costs 0.3 pays -0.3.
    sets = np.array([[True, True], [False, True], [True, False]])
    assert probability_of_best_of_sets(one, one, two, np.array([0.0, -0.3]), sets) == pytest.approx(
        np.array([[0.7, 0.3], [0.0, 1.0], [1.0, 0.0]])
    )
    # Two that pay the same for certain share.
    sure = probability_of_best_of_sets(
        np.ones(3), np.ones(3), np.array([1.0, 0, 0]), np.zeros(3) - 0.5, np.ones((1, 3), bool)
    )
    assert sure[0, 1] == sure[0, 2]


def test_a_set_does_not_depend_on_the_others():
    alpha, beta, values, costs, sets = world(3)
    many = np.tile(sets, (30, 1))
    whole = probability_of_best_of_sets(alpha, beta, values, costs, many)
    for at in (0, 7, 1199):
        alone = probability_of_best_of_sets(alpha, beta, values, costs, many[at : at + 1])
        np.testing.assert_array_equal(alone[0], whole[at])

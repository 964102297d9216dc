"""Baskets filled at random: every subset counted, margins met, and what the model that keeps sizes in the mean does."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import optimize, sparse, special

from nbo.bundles.expected_pairs import expected_pairs, size_classes
from nbo.bundles.random_baskets import RandomBaskets


def all_subsets(weights, size):
    """Count by a plain loop over all baskets of a size how likely products and pairs are."""
    k, total = len(weights), 0.0
    both = np.zeros((k, k))
    for basket in itertools.combinations(range(k), size):
        chance = np.prod(weights[list(basket)])
        total += chance
        for i in basket:
            for j in basket:
                both[i, j] += chance
    return both / total


@pytest.mark.parametrize("spread", [0.0, 0.5, 2.0, 5.0])
def test_chances_are_those_of_all_subsets(spread):
    weights = np.exp(spread * np.random.default_rng(3).normal(size=7))
    for size in range(1, 7):
        single, both = RandomBaskets(np.log(weights), np.array([size]), np.array([1]), 0).expected
        slow = all_subsets(weights, size)
        np.testing.assert_allclose(both, slow, rtol=1e-11, atol=1e-14)
        np.testing.assert_allclose(single, np.diag(slow), rtol=1e-12)


def test_of_baskets_of_several_sizes_the_chances_add_up():
    weights = np.array([4.0, 1.0, 0.5, 0.2, 2.0])
    _, both = RandomBaskets(np.log(weights), np.array([1, 3]), np.array([10, 4]), 2).expected
    np.testing.assert_allclose(both, 10 * all_subsets(weights, 1) + 4 * all_subsets(weights, 3) + 2, rtol=1e-12)


def random_incidence(seed, n, k, spread=1.5):
    rng = np.random.default_rng(seed)
    chance = special.expit(spread * rng.normal(size=k) - 1.5 + rng.normal(size=(n, 1)))
    incidence = rng.random((n, k)) < chance
    incidence = incidence[incidence.any(axis=1)]
    return incidence[:, incidence.any(axis=0)]


@pytest.mark.parametrize("seed", range(12))
def test_sizes_and_counts_of_products_are_met(seed):
    rng = np.random.default_rng(seed)
    seen = random_incidence(seed, int(rng.integers(20, 3000)), int(rng.integers(3, 60)))
    counts, sizes = seen.sum(axis=0), seen.sum(axis=1)
    single, both = RandomBaskets.fit(counts, sizes).expected
    assert np.abs(single - counts).max() < 1e-8 * len(seen) + 1e-9
    # Each basket of s products holds s (s - 1) / 2 pairs, no more and no fewer.
    assert np.triu(both, 1).sum() == pytest.approx((sizes * (sizes - 1) / 2).sum(), rel=1e-9)


@pytest.mark.parametrize(
    ("counts", "sizes"),
    [
        ([3, 1], [1, 2, 1]),
        ([4, 4, 4], [3, 3, 3, 3]),
        ([5, 2, 3], [2, 2, 2, 2, 2]),
        ([1, 1, 1], [1, 1, 1]),
        ([4, 4, 1], [2, 2, 2, 3]),
    ],
)
def test_products_in_all_baskets_and_baskets_of_all_products_are_met_too(counts, sizes):
    single, both = RandomBaskets.fit(np.array(counts), np.array(sizes)).expected
    np.testing.assert_allclose(single, counts, atol=1e-6)
    assert np.isfinite(both).all()


def test_expected_pairs_are_found_apart_in_classes_of_sizes():
    small, large = random_incidence(1, 4000, 6, 0.5), np.ones((0, 6), bool)
    large = np.tile(np.eye(6, dtype=bool) | np.roll(np.eye(6, dtype=bool), 1, axis=1), (400, 1))
    small = small[small.sum(axis=1) == 1]
    both = expected_pairs(sparse.csr_array(np.concatenate([small, large]).astype(float)))
    # Of 2,400 baskets of two, all products are in as many: 15 pairs share them.
    np.testing.assert_allclose(both[np.triu_indices(6, 1)], 2400 / 15, rtol=1e-9)


def test_classes_have_as_many_baskets_as_asked_for():
    sizes = np.random.default_rng(0).poisson(4, 5000)
    label = size_classes(sizes, 700)
    assert np.bincount(label).min() >= 700
    assert (np.diff(label[np.argsort(sizes, kind="stable")]) >= 0).all()
    assert all(len(set(label[sizes == size])) == 1 for size in set(sizes))
    assert set(size_classes(sizes, 10_000)) == {0}


def test_sizes_kept_in_the_mean_only_would_make_all_small_baskets_look_poor_in_pairs():
    """Why sizes are held: the plain bipartite configuration model expects pairs in baskets of one product."""
    rng = np.random.default_rng(0)
    incidence = np.zeros((3000, 8), bool)
    for row, size in zip(incidence, rng.choice([1, 2, 3], 3000, p=[0.6, 0.3, 0.1]), strict=True):
        row[rng.choice(8, size, replace=False)] = True
    sizes, seen = incidence.sum(axis=1), incidence.T.astype(int) @ incidence
    pairs = np.triu_indices(8, 1)
    plain = np.zeros((8, 8))
    for size in (1, 2, 3):
        # All products alike, so that p = x w / (1 + x w) is the same for all.
        chance = optimize.brentq(lambda tilt, size=size: 8 * special.expit(tilt) - size, -9, 9)
        plain += (sizes == size).sum() * special.expit(chance) ** 2
    assert plain[pairs].sum() > 1.9 * seen[pairs].sum()
    _, held = RandomBaskets.fit(incidence.sum(axis=0), sizes).expected
    assert held[pairs].sum() == pytest.approx(seen[pairs].sum())

"""How many clusters: none is cut for being large or oblong, and neighbors are parted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from nbo.segments import ClusterSegmenter
from nbo.segments.clusters.choose_k import choose_k


def _planted(seed, n, count, width, categories=0, agree=1.0, noise=0):
    """Normal clusters of different sizes, categories that mostly agree with them, and numbers that say nothing."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(count, n, p=rng.dirichlet([8] * count))
    centers = 3 * rng.normal(size=(count, width))
    X = pd.DataFrame(centers[truth] + rng.normal(size=(n, width))).add_prefix("x")
    for place in range(categories):
        names = np.array([f"v{value}" for value in range(count)])
        X[f"g{place}"] = np.where(rng.random(n) < agree, names[truth], rng.choice(names, n))
    for place in range(noise):
        X[f"n{place}"] = rng.normal(size=n)
    return X, truth


@pytest.mark.parametrize(
    "world",
    [
        {"seed": 2, "n": 600, "count": 3, "width": 4},
        {"seed": 2, "n": 1000, "count": 3, "width": 3, "categories": 1},
        {"seed": 0, "n": 1500, "count": 4, "width": 4, "categories": 1, "agree": 0.9, "noise": 2},
        {"seed": 1, "n": 1500, "count": 4, "width": 4, "categories": 1, "agree": 0.9, "noise": 2},
    ],
)
def test_planted_clusters_are_found(world):
    """First half of the customers are in one cluster, then two clusters are near and two numbers are noise."""
    X, truth = _planted(**world)
    labels = ClusterSegmenter(bootstraps=4).fit(X).predict(X)
    assert len(set(labels)) == world["count"]
    assert adjusted_rand_score(truth, labels) >= 0.9


def test_a_cluster_is_not_cut_by_a_rare_category_or_a_flag():
    rng = np.random.default_rng(0)
    truth = np.repeat([0, 1], 300)
    X = pd.DataFrame({"a": 8.0 * truth, "b": 8.0 * truth}) + rng.normal(size=(600, 2))
    X["c"] = np.where(rng.random(600) < 0.15, "rare", np.array(["x", "y"])[truth])
    X["flag"] = rng.random(600) < 0.2
    labels = ClusterSegmenter(bootstraps=4).fit(X).predict(X)
    assert adjusted_rand_score(truth, labels) >= 0.95


def test_four_clusters_in_a_square_are_no_two():
    rng = np.random.default_rng(0)
    matrix = np.repeat([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0], [9.0, 9.0]], 50, axis=0) + rng.normal(size=(200, 2))
    # Three are not stable there, so they are not among the numbers.
    assert choose_k(matrix, [2, 4, 5], np.array([-1, -1]), 0) == 4
    assert choose_k(matrix, [2, 3, 4, 5], np.array([-1, -1]), 1) == 4


def test_an_oblong_cluster_stays_whole():
    rng = np.random.default_rng(3)
    matrix = rng.normal(size=(400, 2)) * [6.0, 1.0] + np.repeat([[0.0, 0.0], [0.0, 12.0]], 200, axis=0)
    assert choose_k(matrix, [2, 3, 4, 5], np.array([-1, -1]), 0) == 2


def test_a_number_larger_than_the_customers_gives_each_a_cluster():
    X = pd.DataFrame({"a": [0.0, 1.0, 1.0, 9.0]})
    segmenter = ClusterSegmenter(k=500, bootstraps=2).fit(X)
    assert len(set(segmenter.predict(X))) == 3

"""Stability over bootstraps."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from nbo.segments.clusters.bootstraps import bootstrap_stability, jaccard, stable_numbers


def _three(seed=0, n=300):
    rng = np.random.default_rng(seed)
    return np.array([[0.0, 0], [8, 0], [0, 8]])[rng.integers(0, 3, n)] + rng.normal(size=(n, 2))


def test_stability_is_the_mean_adjusted_rand_index_of_the_pairs():
    table, labels = bootstrap_stability(_three(), [2, 3, 5], bootstraps=4, seed=1)
    for k, row in table.set_index("k").iterrows():
        pairs = [adjusted_rand_score(labels[k][2 * i], labels[k][2 * i + 1]) for i in range(4)]
        assert row["stability"] == pytest.approx(np.mean(pairs))
        assert row["low"] == pytest.approx(np.quantile(pairs, 0.05))
    assert labels[5].shape == (8, 300)
    assert table.set_index("k").loc[3, "stability"] == 1


def test_jaccard_by_hand():
    labels = np.array([0, 0, 0, 0, 1, 1])
    others = np.array([[0, 0, 0, 1, 1, 1], [1, 1, 1, 1, 0, 0]])
    # First: 3 of 4 and 2 of 3; second: the same clusters by other names.
    assert jaccard(labels, others, 2).tolist() == [(3 / 4 + 1) / 2, (2 / 3 + 1) / 2]


def test_stable_numbers_by_hand():
    table = pd.DataFrame(
        [(2, 0.99, 0.2, 20.0), (3, 0.97, 0.9, 60.0), (4, 0.8, 0.905, 2.9), (5, 0.78, 1.2, 60.0)],
        columns=["k", "stability", "gap", "apart"],
    )
    # 4 is no farther apart than chance, and 5 more than 0.2 below the most stable one.
    assert stable_numbers(table, 0.75) == [2, 3]
    assert stable_numbers(table, 0.98) == [2]
    assert stable_numbers(table, 0.995) == []
    assert stable_numbers(table.iloc[:0], 0.75) == []


def test_the_same_seed_gives_the_same_table():
    first, again = (bootstrap_stability(_three(), [2, 3], bootstraps=2, seed=5)[0] for _ in range(2))
    pd.testing.assert_frame_equal(first, again)

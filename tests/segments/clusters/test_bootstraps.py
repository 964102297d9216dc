"""Stability over bootstraps."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from nbo.segments.clusters.bootstraps import bootstrap_stability, choose_k, jaccard


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


def test_the_choice_by_hand():
    table = pd.DataFrame(
        [(2, 0.99, 0.2, 20.0), (3, 0.97, 0.9, 60.0), (4, 0.95, 0.905, 50.0), (5, 0.8, 1.2, 60.0)],
        columns=["k", "stability", "gap", "apart"],
    )
    # 5 is less stable; 4 has the largest gap, but 3 is within 0.905 / 50 of it.
    assert choose_k(table, 0.75) == 3
    assert choose_k(table, 0.995) == 1
    assert choose_k(table.assign(apart=2.9), 0.75) == 1
    assert choose_k(table.iloc[:0], 0.75) == 1


def test_the_same_seed_gives_the_same_table():
    first, again = (bootstrap_stability(_three(), [2, 3], bootstraps=2, seed=5)[0] for _ in range(2))
    pd.testing.assert_frame_equal(first, again)

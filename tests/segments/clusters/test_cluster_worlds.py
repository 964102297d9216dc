"""How often the number of clusters is found, over worlds of mixed types with and without clusters."""

import numpy as np
import pandas as pd
import pytest

from nbo.segments import ClusterSegmenter


def _with_clusters(seed, n=1500):
    """Two to five clusters, three to six numbers (some lognormal), three categories, 5 % gaps."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 6))
    share = np.maximum(rng.dirichlet(np.full(count, 4.0)), 0.08)
    truth = rng.choice(count, n, p=share / share.sum())
    width = int(rng.integers(3, 7))
    numbers = rng.normal(0, 2.0, (count, width))[truth] + rng.normal(size=(n, width))
    X = {f"a{j}": np.exp(numbers[:, j] / 1.5) if j % 3 == 0 else numbers[:, j] * 10 for j in range(width)}
    for j in range(3):
        chances = rng.dirichlet(np.full(4, 0.25), count)
        X[f"b{j}"] = [f"v{rng.choice(4, p=chances[i])}" for i in truth]
    frame = pd.DataFrame(X)
    frame.iloc[rng.random(n) < 0.05, 0] = np.nan
    return frame, count


def _without(seed, n=1500):
    """Normal with categories, oblong, skewed, and counts, flags and zeros with categories, in turn."""
    rng = np.random.default_rng(seed)
    kind = ("normal", "oblong", "skewed", "mixed")[seed % 4]
    numbers = rng.normal(size=(n, 1)) * (kind == "oblong") + rng.normal(size=(n, 5))
    X = pd.DataFrame(np.exp(numbers) if kind == "skewed" else numbers, columns=list("abcde"))
    if kind == "mixed":
        spend = np.where(rng.random(n) < 0.6, 0, rng.exponential(10, n))
        X = pd.DataFrame({"a": rng.poisson(1.0, n), "b": rng.gamma(0.5, size=n), "c": rng.random(n) < 0.1, "d": spend})
        X = X.assign(e=rng.normal(size=n), f=rng.uniform(size=n))
    if kind in ("normal", "mixed"):
        X = X.assign(g=rng.choice(list("xyz"), n), h=rng.choice(list("xy"), n, p=[0.8, 0.2]))
    return X


@pytest.mark.slow
def test_the_number_of_clusters_is_found_in_most_worlds():
    hits = 0
    for seed in range(16):
        X, count = _with_clusters(seed)
        hits += len(ClusterSegmenter(bootstraps=8, random_state=seed).fit(X).describe()) == count
    assert hits >= 13


@pytest.mark.slow
def test_worlds_without_clusters_have_one():
    found = [
        len(ClusterSegmenter(bootstraps=8, random_state=seed).fit(_without(seed)).describe()) for seed in range(16)
    ]
    assert np.mean(np.array(found) == 1) >= 15 / 16

"""How alike the clusters of two samples are, for several numbers of clusters."""

from __future__ import annotations

import warnings
from typing import Any, Final

import numpy as np
import pandas as pd

__all__ = ["bootstrap_stability", "jaccard", "k_means", "stable_numbers"]

# Samples without clusters, to which the clusters' variance is compared, and by how many of its
# standard deviations they must differ.
_REFERENCES: Final = 10
_APART: Final = 3.0
# Numbers of clusters whose stability is farther below the best are not looked at.
_NEAR: Final = 0.2
_STARTS: Final = 4
_TABLE: Final = ["k", "stability", "low", "high", "gap", "apart"]


def k_means(matrix: np.ndarray, k: int, seed: int, starts: int = _STARTS, centers: np.ndarray | None = None) -> Any:
    """Fit k-means.

    Parameters
    ----------
    matrix : ndarray of shape (n, p)
    k : int
    seed : int
    starts : int, default=4
        Fits from other starts, of which the best is taken.
    centers : ndarray of shape (k, p), optional
        The one start, in place of others.

    Returns
    -------
    sklearn.cluster.KMeans
    """
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    # So few rows gain nothing from threads, and on busy cores these lose much by waiting for each other.
    with threadpool_limits(1), warnings.catch_warnings():
        # A sample with fewer different rows than clusters has empty ones, which is no fault of it.
        warnings.simplefilter("ignore", ConvergenceWarning)
        if centers is not None:
            return KMeans(k, init=centers, n_init=1).fit(matrix)
        return KMeans(k, n_init=starts, random_state=seed).fit(matrix)


def bootstrap_stability(
    matrix: np.ndarray, numbers: list[int], bootstraps: int, seed: int
) -> tuple[pd.DataFrame, dict[int, np.ndarray]]:
    """Measure how stable each number of clusters is.

    Two bootstrap samples are drawn and clustered, and both clusterings label all rows; their agreement is the
    adjusted Rand index, 1 for the same and 0 for what chance would give [1]_. As an oblong cloud without any
    clusters is cut in two in a stable way too, the variance within clusters is compared with that of clouds of the same
    covariance which have none [2]_.

    Parameters
    ----------
    matrix : ndarray of shape (n, p)
    numbers : list of int
        Numbers of clusters to try, 2 or more each.
    bootstraps : int
        Pairs of samples.
    seed : int

    Returns
    -------
    table : DataFrame
        One row per number: `k`; `stability`, mean agreement; `low` and `high`, its 5 % and 95 % quantiles over the
        pairs; `gap`, by how much the logarithm of the variance within clusters is below that of clouds without any;
        `apart`, the same in standard deviations of those clouds.
    labels : dict of int to ndarray of shape (2 * bootstraps, n)
        Labels of all rows by each sample's clusters.

    References
    ----------
    .. [1] Fang, Y. and Wang, J. (2012). Selection of the number of clusters via the bootstrap method. Computational
       Statistics and Data Analysis 56, 468-477.
    .. [2] Liu, Y., Hayes, D. N., Nobel, A. and Marron, J. S. (2008). Statistical significance of clustering for
       high-dimension, low-sample size data. Journal of the American Statistical Association 103, 1281-1293.
    """
    if not numbers:
        return pd.DataFrame(columns=_TABLE, dtype=float), {}
    rng = np.random.default_rng(seed)
    draws = rng.integers(0, len(matrix), (2 * bootstraps, len(matrix)))
    clouds = [_cloud(matrix, rng) for _ in range(_REFERENCES)]
    rows, labels = [], {}
    for k in numbers:
        labels[k] = np.stack([k_means(matrix[draw], k, seed).predict(matrix) for draw in draws])
        rows.append({"k": k, **_agreement(labels[k]), **_gap(matrix, clouds, k, seed)})
    return pd.DataFrame(rows, columns=_TABLE), labels


def stable_numbers(table: pd.DataFrame, least: float) -> list[int]:
    """Find the numbers of clusters that are stable and no cuts through one cloud.

    Parameters
    ----------
    table : DataFrame
        Of :func:`bootstrap_stability`.
    least : float
        Smallest agreement that counts as stable; nor may it be 0.2 below that of the most stable number.

    Returns
    -------
    list of int
        Rising.

    Examples
    --------
    >>> table = pd.DataFrame(
    ...     {"k": [2, 3, 4], "stability": [1.0, 0.97, 0.79], "gap": [0.5, 2.1, 2.12], "apart": [25, 110, 64]})
    >>> stable_numbers(table, 0.75), stable_numbers(table.assign(apart=1.0), 0.75)
    ([2, 3], [])
    """
    real = table[(table["stability"] >= least) & (table["apart"] >= _APART)]
    near = real[real["stability"] >= real["stability"].max() - _NEAR]
    return sorted(int(k) for k in near["k"])


def jaccard(labels: np.ndarray, others: np.ndarray, k: int) -> np.ndarray:
    """Measure how well each cluster is found again in other clusterings.

    Parameters
    ----------
    labels : ndarray of int, shape (n,)
        In [0, k).
    others : ndarray of int, shape (m, n)
        Other clusterings of the same rows.
    k : int

    Returns
    -------
    ndarray of shape (k,)
        Mean over the others of the largest share of common rows among rows in either [1]_. Below 0.6 the cluster
        is dissolved, from 0.75 on it is stable.

    References
    ----------
    .. [1] Hennig, C. (2007). Cluster-wise assessment of cluster stability. Computational Statistics and Data
       Analysis 52, 258-271.

    Examples
    --------
    >>> jaccard(np.array([0, 0, 0, 1]), np.array([[1, 1, 0, 0]]), 2).round(2).tolist()
    [0.67, 0.5]
    """
    found = []
    for other in others:
        common = np.zeros((k, int(other.max()) + 1))
        np.add.at(common, (labels, other), 1)
        either = common.sum(axis=1)[:, None] + common.sum(axis=0) - common
        found.append((common / np.maximum(either, 1)).max(axis=1))
    return np.mean(found, axis=0)


def _cloud(matrix: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw normal rows of the same covariance."""
    variance, axes = np.linalg.eigh(np.atleast_2d(np.cov(matrix, rowvar=False)))
    return rng.standard_normal(matrix.shape) @ (axes * np.sqrt(np.maximum(variance, 0))).T


def _agreement(labels: np.ndarray) -> dict[str, float]:
    from sklearn.metrics import adjusted_rand_score

    pairs = [adjusted_rand_score(one, other) for one, other in zip(labels[::2], labels[1::2], strict=True)]
    low, high = np.quantile(pairs, [0.05, 0.95])
    return {"stability": float(np.mean(pairs)), "low": float(low), "high": float(high)}


def _gap(matrix: np.ndarray, clouds: list[np.ndarray], k: int, seed: int) -> dict[str, float]:
    own = _log_within(matrix, k, seed)
    without = np.array([_log_within(cloud, k, seed) for cloud in clouds])
    gap = float(without.mean() - own)
    return {"gap": gap, "apart": gap / max(float(without.std(ddof=1)), 1e-12)}


def _log_within(matrix: np.ndarray, k: int, seed: int) -> float:
    """Logarithm of the variance within clusters over all variance."""
    total = ((matrix - matrix.mean(axis=0)) ** 2).sum()
    return float(np.log(max(k_means(matrix, k, seed).inertia_ / total, 1e-12)))

"""How many clusters there are: as long as one more explains more than chance would."""

from __future__ import annotations

from typing import Final

import numpy as np

from nbo.segments.clusters.bootstraps import k_means

__all__ = ["choose_k"]

# Sets of clouds that are drawn, and by how many of their standard deviations more clusters must explain more.
_CLOUDS: Final = 16
_BEYOND: Final = 3.0
# Share of a normal distribution that lies more than one standard deviation below its mean.
_ONE_SD: Final = 0.1587
_STARTS: Final = 10


def choose_k(matrix: np.ndarray, numbers: list[int], groups: np.ndarray, seed: int) -> int:
    """Choose the number of clusters among those that are stable.

    From the smallest on, the next larger number is taken as long as it explains more of the variance than it would if
    each cluster found so far was one cloud without parts: a parametric bootstrap of the number of
    components [1]_. In a cloud the numbers are normal with the covariance of the cluster, and each feature of
    categories is independent of all others, as in latent classes.

    Parameters
    ----------
    matrix : ndarray of shape (n, p)
    numbers : list of int
        Stable numbers of clusters, rising, 2 or more each.
    groups : ndarray of int, shape (p,)
        Feature of categories that a column is of; -1 for a number.
    seed : int

    Returns
    -------
    int
        1 if there are no numbers.

    References
    ----------
    .. [1] McLachlan, G. J. (1987). On bootstrapping the likelihood ratio test statistic for the number of components
       in a normal mixture. Journal of the Royal Statistical Society C 36, 318-324.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> matrix = np.repeat([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]], 50, axis=0) + rng.normal(size=(150, 2))
    >>> choose_k(matrix, [2, 3, 4, 5], np.array([-1, -1]), 0), choose_k(matrix, [], np.array([-1, -1]), 0)
    (3, 1)
    """
    rng = np.random.default_rng(seed)
    chosen = numbers[0] if numbers else 1
    for k in numbers[1:]:
        labels = k_means(matrix, chosen, seed, _STARTS).labels_
        clouds = [_clouds(matrix, labels, groups, rng) for _ in range(_CLOUDS)]
        own, *others = [_gain(rows, labels, k, seed) for rows in (matrix, *clouds)]
        # Quantiles, as a fit of a cloud that ends in a poor optimum would widen a standard deviation.
        low, middle, high = np.quantile(others, [_ONE_SD, 0.5, 1 - _ONE_SD])
        if own - middle <= _BEYOND * (high - low) / 2:
            break
        chosen = k
    return chosen


def _gain(matrix: np.ndarray, labels: np.ndarray, k: int, seed: int) -> float:
    """By how much the logarithm of the variance within clusters falls, from those labeled to k others."""
    # To start from the labels spares the clusters found so far a poor optimum, which would look like a gain.
    centers = np.stack([matrix[labels == label].mean(axis=0) for label in np.unique(labels)])
    before = k_means(matrix, len(centers), seed, centers=centers).inertia_
    return float(np.log(max(before, 1e-12) / max(k_means(matrix, k, seed).inertia_, 1e-12)))


def _clouds(matrix: np.ndarray, labels: np.ndarray, groups: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw a cloud without parts in place of each cluster."""
    drawn = np.empty_like(matrix)
    # Flags have no normal distribution; they are drawn as categories are.
    flags = np.array([len(np.unique(column)) <= 2 for column in matrix.T], dtype=bool)
    numbers = np.flatnonzero((groups < 0) & ~flags)
    parts = [np.flatnonzero(groups == group) for group in np.unique(groups[groups >= 0])]
    parts += [np.array([column]) for column in np.flatnonzero((groups < 0) & flags)]
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        own = matrix[rows]
        if len(numbers):
            spread = np.atleast_2d(np.cov(own[:, numbers], rowvar=False)) if len(rows) > 1 else 0 * np.eye(len(numbers))
            variance, axes = np.linalg.eigh(spread)
            away = rng.standard_normal((len(rows), len(numbers))) @ (axes * np.sqrt(np.maximum(variance, 0))).T
            drawn[np.ix_(rows, numbers)] = own[:, numbers].mean(axis=0) + away
        for part in parts:
            drawn[np.ix_(rows, part)] = own[rng.integers(0, len(rows), len(rows))][:, part]
    return drawn

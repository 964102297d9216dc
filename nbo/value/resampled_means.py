"""Means of groups, as they would have come out with other customers."""

from __future__ import annotations

import numpy as np

__all__ = ["expanded_tail", "resampled_means"]

_MOST_BINS = 200


def resampled_means(
    values: np.ndarray, groups: np.ndarray, n_groups: int, repeats: int, rng: np.random.Generator
) -> np.ndarray:
    """Draw the customers of each group again and again, with replacement.

    Groups of more than 200 customers are first cut into 200 parts by chance, and parts are drawn: the spread of
    the means is the same, known to a twentieth of itself, and a million customers take a second.

    Parameters
    ----------
    values : ndarray of shape (n, q)
        Numbers of each customer.
    groups : ndarray of int, shape (n,)
        From 0 to `n_groups`.
    n_groups : int
    repeats : int
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of shape (repeats, n_groups, q)
        NaN for a group without customers.

    Examples
    --------
    >>> drawn = resampled_means(np.array([[3.0], [5.0]]), np.array([0, 0]), 1, 400, np.random.default_rng(0))
    >>> sorted(set(drawn[:, 0, 0].tolist()))
    [3.0, 4.0, 5.0]
    """
    size = np.bincount(groups, minlength=n_groups)
    shuffled = rng.permutation(len(groups))
    order = shuffled[np.argsort(groups[shuffled], kind="stable")]
    place = np.arange(len(groups)) - np.repeat(np.cumsum(size) - size, size)
    key = groups[order] * _MOST_BINS + place % _MOST_BINS
    columns = [np.ones(len(order)), *values[order].T]
    sums = np.stack([np.bincount(key, column, n_groups * _MOST_BINS) for column in columns], axis=1)
    sums = sums.reshape(n_groups, _MOST_BINS, len(columns))
    found = np.full((repeats, n_groups, values.shape[1]), np.nan)
    for group in np.flatnonzero(size):
        bins = min(int(size[group]), _MOST_BINS)
        times = rng.multinomial(bins, np.full(bins, 1 / bins), size=repeats)
        total = times @ sums[group, :bins]
        found[:, group] = total[:, 1:] / total[:, :1]
    return found


def expanded_tail(n: np.ndarray, level: float) -> np.ndarray:
    """Give the tail to cut off resampled means on each side, so that small groups are not held for sure.

    A percentile interval is too narrow by what Student's quantile and the factor n / (n - 1) of the variance add [1]_.

    Parameters
    ----------
    n : ndarray of int, shape (g,)
        Customers of each group.
    level : float

    Returns
    -------
    ndarray of shape (g,)
        In (0, 1); NaN for fewer than two customers.

    References
    ----------
    .. [1] Hesterberg, T. C. (2015). What teachers should know about the bootstrap. The American Statistician 69(4).

    Examples
    --------
    >>> expanded_tail(np.array([10, 1_000_000]), 0.95).round(4)
    array([0.0086, 0.025 ])
    """
    from scipy.stats import norm
    from scipy.stats import t as student

    more = np.where(n > 1, n, np.nan)
    return np.asarray(norm.cdf(np.sqrt(more / (more - 1)) * student.ppf((1 - level) / 2, more - 1)))

"""Resampling of customers: how far a measure would have been another with other customers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nbo.progress import track

__all__ = ["customer_weights", "debiased_interval", "interval"]

# Weights held at a time, rows x replicates: few enough for the processor's cache.
_CELLS = 300_000


def customer_weights(
    customer: np.ndarray,
    n_bootstrap: int,
    rng: np.random.Generator,
    weight: np.ndarray | None = None,
    progress: bool | None = None,
) -> Iterator[np.ndarray]:
    """Draw customers with replacement, as many as there are, again and again.

    All rows of a customer are drawn together, because they are alike: rows drawn one by one would
    make intervals too short [1]_.

    Parameters
    ----------
    customer : ndarray of int, shape (n,)
        Codes 0 .. m-1 of m customers.
    n_bootstrap : int
        Number of replicates.
    rng : numpy.random.Generator
        Draws m numbers below m for each replicate, one replicate after another.
    weight : ndarray of shape (n,), optional
        Of each row.
    progress : bool, optional
        Show progress.

    Yields
    ------
    ndarray of shape (n, b)
        How often each row was drawn, times its weight, for the next b replicates. The first
        column of the first one is no replicate: it holds each row once.

    References
    ----------
    .. [1] Davison, A. C. and Hinkley, D. V. (1997). Bootstrap Methods and their Application.
       Cambridge University Press, section 3.8.

    Examples
    --------
    >>> weights = np.hstack(list(customer_weights(np.array([0, 0, 1]), 200, np.random.default_rng(0))))
    >>> weights.shape, weights[:, 0].tolist(), bool((weights[0] == weights[1]).all())
    ((3, 201), [1.0, 1.0, 1.0], True)
    """
    once = np.ones(len(customer)) if weight is None else weight
    yield once[:, np.newaxis]
    m = int(customer.max()) + 1
    size = max(1, _CELLS // len(customer))
    for start in track(range(0, n_bootstrap, size), "bootstrap", unit="chunk", progress=progress):
        b = min(size, n_bootstrap - start)
        drawn = rng.integers(m, size=(b, m)) + m * np.arange(b)[:, np.newaxis]
        counts = np.bincount(drawn.ravel(), minlength=b * m).reshape(b, m)
        yield counts.T[customer] * once[:, np.newaxis]


def interval(replicates: np.ndarray, level: float, widening: float = 1.0) -> tuple[float, float, float]:
    """Give a value with its percentile interval.

    Parameters
    ----------
    replicates : ndarray of shape (1 + b,)
        The value itself, then its replicates. Replicates in which it is not defined, such as an AUC
        without both labels, are NaN and do not count.
    level : float
        Of confidence, in (0, 1).
    widening : float, default=1.0
        How many times as far from the value the bounds are to be.

    Returns
    -------
    value, low, high : float

    Examples
    --------
    >>> interval(np.array([50.0, *range(101)]), 0.5)
    (50.0, 25.0, 75.0)
    """
    tail = (1 - level) / 2
    value = replicates[0]
    low, high = value + widening * (np.nanquantile(replicates[1:], [tail, 1 - tail]) - value)
    return float(value), float(low), float(high)


def debiased_interval(
    replicates: np.ndarray, level: float, widening: float = 1.0, power: float = 1.0
) -> tuple[float, float, float]:
    """Give a value that chance makes too large, with an interval of what endless rows would give.

    A sum of squared gaps grows with the noise in each gap. The rows themselves have
    that noise once and the replicates twice, so the mean of the replicates exceeds the value by as
    much as the value is too large. The percentiles are moved down by twice that. The interval
    holds the value too, and nothing below 0.

    Parameters
    ----------
    replicates, level, widening
        As for :func:`interval`.
    power : float, default=1.0
        What makes a sum of squares of it: 2 for a mean of absolute gaps.

    Returns
    -------
    value, low, high : float

    Examples
    --------
    >>> debiased_interval(np.array([3.0, 3.0, 3.5, 4.0, 4.5, 5.0]), 0.5)
    (3.0, 1.5, 3.0)
    """
    value = replicates[0]
    squares = replicates**power
    excess = np.nanmean(squares[1:]) - squares[0]
    moved = np.append(squares[0] - excess, squares[1:] - 2 * excess)
    low, high = (max(bound, 0.0) ** (1 / power) for bound in interval(moved, level, widening)[1:])
    return float(value), min(low, float(value)), max(high, float(value))

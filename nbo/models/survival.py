"""From the hazard of each period to survival and expected times."""

from __future__ import annotations

import numpy as np

__all__ = ["log_survival", "mean_time", "median_time"]


def log_survival(log_stay: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Give the log of the probability that nothing has happened by some moments.

    Within a period the hazard is level, so the log falls in a straight line.

    Parameters
    ----------
    log_stay : ndarray of shape (n, n_periods)
        Log of the probability that nothing happens in the period, if nothing has before.
    positions : ndarray of float, shape (k,)
        Moments in periods, in [0, n_periods].

    Returns
    -------
    ndarray of shape (n, k)

    Examples
    --------
    >>> np.exp(log_survival(np.log([[0.25, 0.5]]), np.array([0.5, 1.0, 2.0]))).round(3)
    array([[0.5  , 0.25 , 0.125]])
    """
    n_rows, n_periods = log_stay.shape
    by_end = np.column_stack([np.zeros(n_rows), np.cumsum(log_stay, axis=1)])
    period = np.minimum(np.floor(positions).astype(int), n_periods - 1)
    return by_end[:, period] + (positions - period) * log_stay[:, period]


def mean_time(log_stay: np.ndarray, limit: float) -> np.ndarray:
    """Give the mean time until it happens, where later than the limit counts as the limit [1]_.

    It is the area below the survival curve up to the limit.

    Parameters
    ----------
    log_stay : ndarray of shape (n, n_periods)
        As for :func:`log_survival`.
    limit : float
        In periods, in (0, n_periods].

    Returns
    -------
    ndarray of shape (n,)
        In periods, in [0, limit].

    References
    ----------
    .. [1] Royston, P. and Parmar, M. (2013). Restricted mean survival time: an alternative to the
       hazard ratio. BMC Medical Research Methodology 13.

    Examples
    --------
    >>> mean_time(np.log([[0.5]]), 1.0).round(4)    # (1 - 0.5) / ln 2
    array([0.7213])
    """
    edges = np.append(np.arange(np.ceil(limit)), limit)
    survival = np.exp(log_survival(log_stay, edges))
    fall = -log_stay[:, : len(edges) - 1] * np.diff(edges)
    # The area below exp(-fall t) for t in [0, 1]; where nothing falls it is 1.
    with np.errstate(divide="ignore", invalid="ignore"):
        area = np.where(fall > 0, -np.expm1(-fall) / fall, 1.0)
    return (survival[:, :-1] * area) @ np.diff(edges)


def median_time(log_stay: np.ndarray, limit: float) -> np.ndarray:
    """Give the time by which it has happened with a probability of one half.

    Parameters
    ----------
    log_stay : ndarray of shape (n, n_periods)
        As for :func:`log_survival`.
    limit : float
        In periods, in (0, n_periods].

    Returns
    -------
    ndarray of shape (n,)
        In periods; NaN where it is later than the limit.

    Examples
    --------
    >>> median_time(np.log([[0.25, 0.5], [0.9, 0.9]]), 2.0)
    array([0.5, nan])
    """
    by_end = np.column_stack([np.zeros(len(log_stay)), np.cumsum(log_stay, axis=1)])
    half = np.log(0.5)
    passed = by_end[:, 1:] <= half
    period, rows = passed.argmax(axis=1), np.arange(len(log_stay))
    with np.errstate(divide="ignore", invalid="ignore"):
        time = period + (half - by_end[rows, period]) / log_stay[rows, period]
    return np.where(passed.any(axis=1) & (time <= limit), time, np.nan)

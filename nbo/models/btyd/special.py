"""Differences of log-gamma functions, in which large arguments cancel."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import digamma, gammaln

__all__ = ["log_rising", "log_rising_at"]


def log_rising(shape: Any, count: Any) -> tuple[np.ndarray, np.ndarray]:
    """Compute ``log(gamma(shape + count) / gamma(shape))`` and its derivative by `shape`.

    Parameters
    ----------
    shape : float or ndarray
        Above 0.
    count : float or ndarray
        0 or more.

    Returns
    -------
    value, slope : ndarray

    Examples
    --------
    >>> value, slope = log_rising(2.0, 3)
    >>> round(float(np.exp(value)), 9) == 2 * 3 * 4, round(float(slope), 9) == round(1 / 2 + 1 / 3 + 1 / 4, 9)
    (True, True)
    """
    return gammaln(shape + count) - gammaln(shape), digamma(shape + count) - digamma(shape)


def log_rising_at(shape: Any, levels: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Compute :func:`log_rising` for counts that many rows share.

    Parameters
    ----------
    shape : float or ndarray of shape (n,)
        One for all rows, or one for each.
    levels : ndarray of shape (k,)
        The different counts.
    codes : ndarray of int, shape (n,)
        Which of them each row has.

    Returns
    -------
    value, slope : ndarray of shape (n,)
    """
    if np.ndim(shape):
        return log_rising(shape, levels[codes])
    value, slope = log_rising(shape, levels)
    return value[codes], slope[codes]

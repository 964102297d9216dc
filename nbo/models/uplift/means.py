"""A mean of scores with its standard error."""

from __future__ import annotations

import numpy as np

__all__ = ["mean_and_error"]


def mean_and_error(scores: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Give the weighted mean of independent scores, and its standard error.

    Parameters
    ----------
    scores, weight : ndarray of float, shape (n,)

    Returns
    -------
    mean, standard_error : float
        NaN without rows; the error is NaN with a single one.

    Examples
    --------
    >>> mean_and_error(np.array([1.0, 3.0]), np.ones(2))
    (2.0, 1.0)
    """
    total, n = weight.sum(), int((weight > 0).sum())
    if total <= 0:
        return float("nan"), float("nan")
    mean = float(weight @ scores / total)
    if n < 2:
        return mean, float("nan")
    squares = float(((weight * (scores - mean)) ** 2).sum())
    return mean, float(np.sqrt(squares * n / (n - 1)) / total)

"""What pays most, equal payoffs sharing evenly."""

from __future__ import annotations

import numpy as np

__all__ = ["even_best"]

# Payoffs that differ by less than this part of the largest amount at stake are equal: rounding decides nothing.
_EQUAL = 1e-9


def even_best(payoffs: np.ndarray, eligible: np.ndarray, scale: float) -> np.ndarray:
    """Give all to the eligible offer that pays most; equal ones share evenly.

    Parameters
    ----------
    payoffs : ndarray of shape (n, k)
    eligible : ndarray of bool, shape (n, k)
        At least one in each row.
    scale : float
        Largest amount at stake; payoffs that differ by less than 1e-9 of it are equal.

    Returns
    -------
    ndarray of shape (n, k)
        Rows sum to 1.

    Examples
    --------
    >>> even_best(np.array([[3.0, 5.0, 5.0]]), np.array([[True, True, True]]), 5.0)
    array([[0. , 0.5, 0.5]])
    """
    payoffs = np.where(eligible, payoffs, -np.inf)
    best = payoffs >= payoffs.max(axis=1, keepdims=True) - _EQUAL * scale
    return best / best.sum(axis=1, keepdims=True)

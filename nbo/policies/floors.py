"""The least probability of an offer."""

from __future__ import annotations

import numpy as np

__all__ = ["with_floor"]


def with_floor(best: np.ndarray, eligible: np.ndarray, least: float | np.ndarray) -> np.ndarray:
    """Give every eligible offer a least probability, and share the rest as stated.

    Parameters
    ----------
    best : ndarray of shape (n, k)
        Probabilities; rows sum to 1 over eligible offers.
    eligible : ndarray of bool, shape (n, k)
        At least one in each row.
    least : float or ndarray of shape (n, 1)
        Least probability; 1 / number of eligible offers where that is less.

    Returns
    -------
    ndarray of shape (n, k)
        Rows sum to 1; offers that are not eligible have exactly 0.

    Examples
    --------
    >>> with_floor(np.array([[1.0, 0.0, 0.0]]), np.array([[True, True, False]]), 0.25)
    array([[0.75, 0.25, 0.  ]])
    """
    n_eligible = eligible.sum(axis=1, keepdims=True)
    floor = np.minimum(least, 1 / n_eligible)
    return np.where(eligible, (1 - floor * n_eligible) * best + floor, 0.0)

"""An assignment, its prices, and what it is worth at most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Solution", "relative_gap"]


@dataclass(frozen=True)
class Solution:
    """An assignment and what it is worth at most.

    Parameters
    ----------
    top : ndarray of int, shape (slots, n)
        Columns of the offers; -1 for none.
    mu : ndarray of shape (m,)
        Price of one unit of each limit.
    value, bound : float
    used : ndarray of shape (m,)
    wrong : ndarray of shape (m,)
        By how much each limit is broken; all 0 unless the limits cannot be kept.
    """

    top: np.ndarray
    mu: np.ndarray
    value: float
    bound: float
    used: np.ndarray
    wrong: np.ndarray

    @property
    def gap(self) -> float:
        """(bound - value) / value."""
        return relative_gap(self.value, self.bound)


def relative_gap(value: float, bound: float) -> float:
    """Give (bound - value) / value, 0 or more.

    Parameters
    ----------
    value, bound : float

    Returns
    -------
    float
        Dimensionless; inf where nothing is gained though something may be.
    """
    rest = bound - value
    if rest <= 0:
        return 0.0
    return rest / abs(value) if value else float("inf")

"""What estimators with a model of rewards see of the offers: what was made, and what would have been."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Choices"]


@dataclass(frozen=True)
class Choices:
    """The offer that was made and the target policy's probability of each, for n decisions and k offers.

    Parameters
    ----------
    target : ndarray of shape (n, k)
        The target policy's probabilities; all 0 where it makes no offer.
    taken : ndarray of int, shape (n,)
        Column of the offer that was made, -1 for one that is not among the columns.
    forced : ndarray of bool, shape (n,)
        Nothing could be offered, so that every policy would have done the same.
    segment : ndarray of int, shape (n,)
        Code of the segment; all 0 where there are no segments.
    """

    target: np.ndarray
    taken: np.ndarray
    forced: np.ndarray
    segment: np.ndarray

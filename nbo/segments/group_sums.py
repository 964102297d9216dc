"""Sums of money by segment that do not depend on the order of customers."""

from __future__ import annotations

import math

import numpy as np

__all__ = ["group_sums"]


def group_sums(codes: np.ndarray, values: np.ndarray, size: int) -> np.ndarray:
    """Sum values by group, each sum rounded once.

    Sums of whole cents are so the sum in cents as near as a float can be, whatever the order of rows; rounded to
    cents they are exact.

    Parameters
    ----------
    codes : ndarray of int, shape (n,)
        Group of each row, in [0, size).
    values : ndarray of float, shape (n,)
        Money; NaN counts as nothing.
    size : int
        Number of groups; few, for each is summed on its own.

    Returns
    -------
    ndarray of float, shape (size,)

    Examples
    --------
    >>> group_sums(np.array([0, 0, 0, 1]), np.array([0.1, 0.2, 0.3, np.nan]), 2).tolist()
    [0.6, 0.0]
    """
    order = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[order], np.arange(size + 1))
    ordered = np.nan_to_num(values[order]).tolist()
    return np.array([math.fsum(ordered[start:end]) for start, end in zip(starts[:-1], starts[1:], strict=True)])

"""Levels of service, filled in the order of customers until the staff is used up."""

from __future__ import annotations

from typing import Final

import numpy as np

__all__ = ["fill_levels"]

# What sums of floats may be too large by: 3 times 0.1 minutes fit into 0.3.
_ROUNDING: Final = 1e-12


def fill_levels(
    kind: np.ndarray, allowed: np.ndarray, minutes: np.ndarray, pool: np.ndarray, capacity: np.ndarray
) -> np.ndarray:
    """Give each customer in turn the first allowed level whose pool still has the minutes.

    As the minutes left only fall, a level that has no room for one customer has none for any later one. So
    the customers are walked in as many strides as levels close, not one by one.

    Parameters
    ----------
    kind : ndarray of int, shape (n,)
        Kind of each customer, in their order.
    allowed : ndarray of bool, shape (n_kinds, n_levels)
        Which levels a kind can have; the last of them without minutes.
    minutes : ndarray of float, shape (n_levels,)
        What a customer of the level takes.
    pool : ndarray of int, shape (n_levels,)
        Which pool gives the minutes, -1 for none.
    capacity : ndarray of float, shape (n_pools,)
        Minutes of each pool; infinite without limit.

    Returns
    -------
    ndarray of int, shape (n,)

    Examples
    --------
    >>> allowed, minutes, pool = np.array([[True, True, True]]), np.array([60.0, 20, 0]), np.array([0, 0, -1])
    >>> fill_levels(np.zeros(5, dtype=int), allowed, minutes, pool, np.array([110.0])).tolist()
    [0, 1, 1, 2, 2]
    """
    level = np.empty(len(kind), dtype=np.int64)
    served = np.zeros(len(minutes), dtype=np.int64)
    opened = allowed.copy()
    start = 0
    while start < len(kind):
        level[start:] = opened.argmax(axis=1)[kind[start:]]
        stop, closed = _first_without_room(level[start:], served, minutes, pool, capacity)
        served += np.bincount(level[start : start + stop], minlength=len(minutes))
        start += stop
        if closed >= 0:
            opened[:, closed] = False
    return level


def _first_without_room(
    level: np.ndarray, served: np.ndarray, minutes: np.ndarray, pool: np.ndarray, capacity: np.ndarray
) -> tuple[int, int]:
    """Find the first customer for whom a pool lacks the minutes, and the level that closes with it."""
    stop, closed = len(level), -1
    for number in range(len(capacity)):
        # Whole customers are counted, so that no sum of minutes drifts.
        own = [i for i in np.flatnonzero(pool == number) if minutes[i] > 0]
        used = sum((minutes[i] * (served[i] + np.cumsum(level[:stop] == i)) for i in own), start=np.zeros(stop))
        over = np.flatnonzero(used > capacity[number] * (1 + _ROUNDING))
        if len(over):
            stop = int(over[0])
            closed = int(level[stop])
    return stop, closed

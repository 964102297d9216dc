"""Sort events by customer and time, in about the time that it takes to read them."""

from __future__ import annotations

import numpy as np
from scipy import sparse

__all__ = ["counting_order", "order_by"]

# Passes of swapping neighbors before a real sort is cheaper.
_PASSES = 24


def counting_order(
    codes: np.ndarray, n_codes: int, carried: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sort small whole numbers by counting; equal ones keep their order.

    Parameters
    ----------
    codes : ndarray of int, shape (m,)
        In [0, n_codes).
    n_codes : int
    carried : ndarray of shape (m,), optional
        Values to sort along.

    Returns
    -------
    order : ndarray of int, shape (m,)
        Positions.
    carried : ndarray of shape (m,)
        In the new order; zeros if nothing was given.
    bounds : ndarray of int, shape (n_codes + 1,)
        The positions of code k are ``order[bounds[k]:bounds[k + 1]]``.

    Examples
    --------
    >>> order, carried, bounds = counting_order(np.array([2, 0, 2]), 3, np.array([7, 8, 9]))
    >>> order.tolist(), carried.tolist(), bounds.tolist()
    ([1, 0, 2], [8, 7, 9], [0, 1, 1, 3])
    """
    index = np.int32 if len(codes) < np.iinfo(np.int32).max else np.int64
    # One entry in each column of a sparse matrix: turning columns into rows is a counting sort.
    entries = np.zeros(len(codes), dtype=np.int8) if carried is None else carried
    columns = (entries, codes.astype(index, copy=False), np.arange(len(codes) + 1, dtype=index))
    turned = sparse.csc_array(columns, shape=(max(n_codes, 1), len(codes))).tocsr()
    return turned.indices, turned.data, turned.indptr[: n_codes + 1].astype(np.int64)


def order_by(codes: np.ndarray, times: np.ndarray, n_codes: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sort rows by code, then time; the order among equals is left open.

    Parameters
    ----------
    codes : ndarray of int, shape (m,)
        In [0, n_codes).
    times : ndarray of int64, shape (m,)
    n_codes : int

    Returns
    -------
    order : ndarray of int, shape (m,)
        Positions.
    sorted_times : ndarray of int64, shape (m,)
    bounds : ndarray of int, shape (n_codes + 1,)
        Where the rows of each code start.

    Examples
    --------
    >>> order, times, bounds = order_by(np.array([1, 0, 1]), np.array([9, 5, 3]), 2)
    >>> order.tolist(), times.tolist(), bounds.tolist()
    ([1, 2, 0], [5, 3, 9], [0, 1, 3])
    """
    if (codes[1:] >= codes[:-1]).all():
        order = np.arange(len(codes), dtype=np.int32 if len(codes) < np.iinfo(np.int32).max else np.int64)
        bounds, sorted_times = np.searchsorted(codes, np.arange(n_codes + 1)), times.copy()
    else:
        order, sorted_times, bounds = counting_order(codes, n_codes, times)
    if not _settled(sorted_times, order, bounds):
        by_time = np.argsort(times, kind="stable")
        order, sorted_times, bounds = counting_order(codes[by_time], n_codes, times[by_time])
        order = by_time[order].astype(order.dtype)
    return order, sorted_times, bounds


def _settled(times: np.ndarray, order: np.ndarray, bounds: np.ndarray) -> bool:
    """Sort, in place, slices that are almost sorted, as in a log; False if they are not nearly so."""
    pairs = len(times) - 1
    if pairs < 1:
        return True
    inside = np.ones(pairs, dtype=bool)
    edges = bounds[1:-1]
    inside[edges[(edges > 0) & (edges <= pairs)] - 1] = False
    wrong = np.flatnonzero((times[1:] < times[:-1]) & inside)
    if len(wrong) > pairs // 8:
        return False
    near = np.zeros(pairs + 2, dtype=bool)
    for _ in range(_PASSES):
        if not len(wrong):
            return True
        swapped = _apart(wrong)
        for values in (times, order):
            values[swapped], values[swapped + 1] = values[swapped + 1], values[swapped]
        near[:] = False
        for places in (wrong, swapped - 1, swapped + 1):
            near[places] = True
        wrong = np.flatnonzero(near[:pairs])
        wrong = wrong[(times[wrong + 1] < times[wrong]) & inside[wrong]]
    return not len(wrong)


def _apart(positions: np.ndarray) -> np.ndarray:
    """Take, of each run of neighboring positions, the first, third, fifth ..."""
    starts = np.flatnonzero(np.diff(positions, prepend=-2) != 1)
    within = np.arange(len(positions)) - np.repeat(starts, np.diff(starts, append=len(positions)))
    return positions[within % 2 == 0]

"""Arithmetic of slices: a slice is the positions from `low` up to, not including, `high`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

__all__ = ["customer_slices", "first_at_or_after", "reduce_slices", "slice_pairs"]

# Pairs of (slice, position) held at once: bounds memory, changes no result.
_PAIRS = 1 << 22


def customer_slices(codes: np.ndarray, owners: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find the rows of each owner.

    Parameters
    ----------
    codes : ndarray of int, shape (m,)
        Sorted.
    owners : ndarray of int, shape (n,)
        -1 for an owner without rows.

    Returns
    -------
    low, high : ndarray of int, shape (n,)

    Examples
    --------
    >>> customer_slices(np.array([0, 0, 2]), np.array([2, 0, 1]))
    (array([2, 0, 2]), array([3, 2, 2]))
    """
    bounds = np.searchsorted(codes, np.arange(owners.max(initial=-1) + 2))
    some = owners >= 0
    return np.where(some, bounds[owners], 0), np.where(some, bounds[owners + 1], 0)


def first_at_or_after(times: np.ndarray, low: np.ndarray, high: np.ndarray, sought: np.ndarray) -> np.ndarray:
    """Find, in each slice, the first position whose time is at or after a moment.

    Parameters
    ----------
    times : ndarray of int, shape (m,)
        Sorted within each slice.
    low, high : ndarray of int, shape (n,)
    sought : ndarray of int, shape (n,)
        A moment for each slice.

    Returns
    -------
    ndarray of int, shape (n,)
        `high` where all times are earlier.

    Examples
    --------
    >>> first_at_or_after(np.array([1, 3, 3, 9]), np.array([0, 0]), np.array([4, 4]), np.array([3, 10]))
    array([1, 4])
    """
    low, high = low.copy(), high.copy()
    left = np.flatnonzero(low < high)
    while len(left):
        middle = (low[left] + high[left]) // 2
        earlier = times[middle] < sought[left]
        low[left[earlier]] = middle[earlier] + 1
        high[left[~earlier]] = middle[~earlier]
        left = left[low[left] < high[left]]
    return low


def slice_pairs(low: np.ndarray, high: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Set out slices as pairs of (slice, position), a bounded number at a time.

    Parameters
    ----------
    low, high : ndarray of int, shape (n,)
        All pairs of one slice come together.

    Yields
    ------
    owner, position : ndarray of int
        The slice's number and a position in it.

    Examples
    --------
    >>> list(slice_pairs(np.array([4, 0]), np.array([6, 1])))
    [(array([0, 0, 1]), array([4, 5, 0]))]
    """
    lengths = high - low
    total = np.cumsum(lengths)
    begin = 0
    while begin < len(low):
        done = total[begin - 1] if begin else 0
        stop = max(int(np.searchsorted(total, done + _PAIRS, side="right")), begin + 1)
        size = lengths[begin:stop]
        owner = np.repeat(np.arange(begin, stop), size)
        within = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
        yield owner, low[owner] + within
        begin = stop


def reduce_slices(ufunc: np.ufunc, values: np.ndarray, low: np.ndarray, high: np.ndarray, empty: float) -> np.ndarray:
    """Reduce each slice to one number that depends on the slice alone.

    Parameters
    ----------
    ufunc : numpy.ufunc
        Such as ``np.add``.
    values : ndarray of shape (m,)
    low, high : ndarray of int, shape (n,)
    empty : float
        What a slice without rows gives.

    Returns
    -------
    ndarray of shape (n,)

    Examples
    --------
    >>> reduce_slices(np.add, np.array([1.0, 2.0, 4.0]), np.array([1, 0]), np.array([3, 0]), 0.0)
    array([6., 0.])
    """
    out = np.full(len(low), empty)
    some = np.flatnonzero(high > low)
    # `reduceat` also walks from the end of a slice to the start of the next, so go in order.
    some = some[np.argsort(low[some], kind="stable")]
    if len(some):
        bounds = np.column_stack([low[some], high[some]]).ravel()
        out[some] = ufunc.reduceat(np.append(values, empty), bounds)[::2]
    return out

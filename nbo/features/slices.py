"""Arithmetic of slices: a slice is the positions from `low` up to, not including, `high`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

__all__ = ["first_at_or_after", "reduce_slices", "set_out", "slice_chunks", "slice_pairs", "sum_slices"]

# Slices searched at once, so that they stay in the cache.
_BLOCK = 1 << 14
# Pairs of (slice, position) held at once: bounds memory, changes no result.
_PAIRS = 1 << 17


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
    found = np.empty(len(low), dtype=np.int64)
    for begin in range(0, len(low), _BLOCK):
        some = slice(begin, begin + _BLOCK)
        found[some] = _searched(times, low[some], high[some], sought[some])
    return found


def _searched(times: np.ndarray, low: np.ndarray, high: np.ndarray, sought: np.ndarray) -> np.ndarray:
    """Halve all slices at once until nothing is left of any."""
    low, left = low.copy(), high - low
    for _ in range(int(left.max(initial=0)).bit_length()):
        half = left >> 1
        middle = low + half
        earlier = times.take(middle, mode="clip") < sought
        earlier &= left > 0
        low = np.where(earlier, middle + 1, low)
        left = np.where(earlier, left - half - 1, half)
    return low


def slice_chunks(low: np.ndarray, high: np.ndarray) -> Iterator[slice]:
    """Cut slices into runs that together hold a bounded number of positions, one slice at least.

    Parameters
    ----------
    low, high : ndarray of int, shape (n,)

    Yields
    ------
    slice
        Which of the slices.

    Examples
    --------
    >>> list(slice_chunks(np.array([4, 0]), np.array([6, 1])))
    [slice(0, 2, None)]
    """
    total = np.cumsum(high - low)
    begin = 0
    while begin < len(low):
        done = total[begin - 1] if begin else 0
        stop = max(int(np.searchsorted(total, done + _PAIRS, side="right")), begin + 1)
        yield slice(begin, stop)
        begin = stop


def set_out(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Set out slices as pairs of (slice, position).

    Parameters
    ----------
    low, high : ndarray of int, shape (n,)

    Returns
    -------
    owner, position : ndarray of int
        The slice's number and a position in it.

    Examples
    --------
    >>> set_out(np.array([4, 0]), np.array([6, 1]))
    (array([0, 0, 1]), array([4, 5, 0]))
    """
    size = high - low
    owner = np.repeat(np.arange(len(low)), size)
    return owner, np.arange(len(owner)) + np.repeat(low - (np.cumsum(size) - size), size)


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
    for some in slice_chunks(low, high):
        owner, position = set_out(low[some], high[some])
        yield owner + some.start, position


def sum_slices(low: np.ndarray, high: np.ndarray, weigh: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> np.ndarray:
    """Add up a number for each pair of (slice, position), in the order of positions.

    Parameters
    ----------
    low, high : ndarray of int, shape (n,)
    weigh : callable
        Takes owner and position of pairs, gives their numbers.

    Returns
    -------
    ndarray of float, shape (n,)

    Examples
    --------
    >>> sum_slices(np.array([4, 0]), np.array([6, 1]), lambda owner, position: position / 2)
    array([4.5, 0. ])
    """
    found = np.zeros(len(low))
    for some in slice_chunks(low, high):
        owner, position = set_out(low[some], high[some])
        weights = weigh(owner + some.start, position)
        found[some] = np.bincount(owner, weights=weights, minlength=some.stop - some.start)
    return found


def reduce_slices(ufunc: np.ufunc, values: np.ndarray, low: np.ndarray, high: np.ndarray, empty: float) -> np.ndarray:
    """Reduce each slice to one number that depends on the slice alone.

    Parameters
    ----------
    ufunc : numpy.ufunc
        Such as ``np.add``.
    values : ndarray of shape (m,)
        Without a copy if it is longer than any slice reaches.
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
    if (np.diff(low[some]) < 0).any():
        some = some[np.argsort(low[some], kind="stable")]
    if len(some):
        bounds = np.column_stack([low[some], high[some]]).ravel()
        out[some] = ufunc.reduceat(values if bounds.max() < len(values) else np.append(values, empty), bounds)[::2]
    return out

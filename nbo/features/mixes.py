"""What a mix of categories is like: how many, how even, which most often, which last."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from nbo.features.history import History
from nbo.features.numbers import Numbers, running
from nbo.features.order import counting_order
from nbo.features.slices import reduce_slices, set_out, slice_chunks
from nbo.tables.codes import texts_at

__all__ = ["distinct", "earliest", "entropy", "latest", "pivoted", "top", "top_share"]

# A table of slices by categories is counted directly up to this many cells, else by sorting.
_CELLS = 1 << 24
# Doubles hold whole numbers up to here.
_EXACT = 2**53


def distinct(history: History, column: str, windows: list[str]) -> list[np.ndarray]:
    """Count different values, in several windows at once."""
    codes = history.codes(column)
    order, _, bounds = counting_order(codes.astype(np.int32) + 1, int(codes.max(initial=-1)) + 2)
    found = {window: np.empty(0) for window in windows}
    groups: dict[int, list[str]] = {}
    for window in windows:
        low, high = history.bounds(window)
        if (high - low).sum() > len(codes) and _apart(low, high):
            found[window] = _first_ones(codes, order, bounds, low, high)
        else:
            groups.setdefault(id(high), []).append(window)
    for some in groups.values():
        high = history.bounds(some[0])[1]
        counts = _last_ones(codes, order, bounds, [history.bounds(window)[0] for window in some], high)
        found |= dict(zip(some, counts, strict=True))
    return [found[window] for window in windows]


def _apart(low: np.ndarray, high: np.ndarray) -> bool:
    """Tell whether no slice starts within another, where slices come in order."""
    some = high > low
    low, high = low[some], high[some]
    new = low[1:] > low[:-1]
    in_order = (low[1:] >= low[:-1]).all()
    return bool(in_order and (np.maximum.accumulate(high)[:-1][new] <= low[1:][new]).all())


def _first_ones(
    codes: np.ndarray, order: np.ndarray, bounds: np.ndarray, low: np.ndarray, high: np.ndarray
) -> np.ndarray:
    """Count the values that are the first of their kind in their slice."""
    previous = np.empty(len(codes), dtype=order.dtype)
    previous[order[1:]] = order[:-1]
    previous[order[bounds[:-1][bounds[:-1] < bounds[1:]]]] = -1
    start = np.zeros(len(codes), dtype=order.dtype)
    starts = low[high > low]
    start[starts] = starts
    np.maximum.accumulate(start, out=start)
    new = running((previous < start) & (codes >= 0))
    return new[high] - new[low]


def _last_ones(
    codes: np.ndarray, order: np.ndarray, bounds: np.ndarray, lows: list[np.ndarray], high: np.ndarray
) -> list[np.ndarray]:
    """Count the values that are the last of their kind before `high`, in each of several windows."""
    following = np.empty(len(codes), dtype=order.dtype)
    following[order[:-1]] = order[1:]
    following[order[bounds[1:][bounds[:-1] < bounds[1:]] - 1]] = np.iinfo(order.dtype).max
    following[codes < 0] = -1
    widest = np.minimum.reduce(lows)
    found = [np.empty(len(high), dtype=np.int64) for _ in lows]
    for some in slice_chunks(widest, high):
        begin, stop = widest[some], high[some]
        owner, position = set_out(begin, stop)
        last = running(following[position] >= stop[owner])
        ends = np.cumsum(stop - begin)
        for counts, low in zip(found, lows, strict=True):
            counts[some] = last[ends] - last[ends - (stop - low[some])]
    return found


def _counted(history: History, column: str, window: str) -> Iterator[tuple[slice, np.ndarray, np.ndarray, np.ndarray]]:
    """Count each value in each slice: runs of slices, with owner, code and count of what occurs."""
    codes, n_codes = history.codes(column), max(history.table.codes(column).n_values, 1)
    low, high = history.bounds(window)
    for some in slice_chunks(low, high):
        owner, position = set_out(low[some], high[some])
        there = codes[position] >= 0
        cell = owner[there] * n_codes + codes[position[there]]
        if (some.stop - some.start) * n_codes <= _CELLS:
            counts = np.bincount(cell)
            cells = np.flatnonzero(counts)
            counts = counts[cells]
        else:
            cells, counts = np.unique(cell, return_counts=True)
        yield some, cells // n_codes, cells % n_codes, counts


def entropy(history: History, column: str, window: str) -> np.ndarray:
    """Shannon entropy of the shares of the values, in nats; NaN without any."""
    found = np.full(len(history), np.nan)
    for some, owner, _, counts in _counted(history, column, window):
        # Added from the rarest value on: the order in which values are numbered changes no bit.
        order = np.lexsort((counts, owner))
        owner, counts = owner[order], counts[order]
        total = np.bincount(owner, weights=counts, minlength=some.stop - some.start)
        share = counts / total[owner]
        parts = np.bincount(owner, weights=share * np.log(share), minlength=len(total))
        # "0.0 -" and not a plain minus: a single value has entropy 0, not -0.
        found[some] = np.where(total > 0, 0.0 - parts, np.nan)
    return found


def top_share(history: History, column: str, window: str) -> np.ndarray:
    """Share of the most frequent value; NaN without any."""
    found = np.full(len(history), np.nan)
    for some, owner, _, counts in _counted(history, column, window):
        total = np.bincount(owner, weights=counts, minlength=some.stop - some.start)
        most = np.zeros(len(total))
        np.maximum.at(most, owner, counts)
        found[some] = np.divide(most, total, out=np.full(len(total), np.nan), where=total > 0)
    return found


def top(history: History, column: str, window: str) -> pd.api.extensions.ExtensionArray:
    """Take the most frequent value as text, the first in the alphabet among equals; missing without any."""
    texts, rank = history.table.codes(column).alphabet
    found = np.full(len(history), -1)
    for some, owner, code, counts in _counted(history, column, window):
        order = np.lexsort((rank[code], -counts, owner))
        first = order[np.diff(owner[order], prepend=-1) != 0]
        found[some.start + owner[first]] = rank[code[first]]
    return texts_at(texts, found)


def latest(history: History, column: str, window: str) -> pd.api.extensions.ExtensionArray:
    """Take the last value that is not missing as text, the last in the alphabet among those of one moment."""
    low, high = history.bounds(window)
    codes = history.codes(column)
    texts, rank = history.table.codes(column).alphabet
    # One number that grows with the moment, then with the alphabet.
    grown = np.cumsum(history.moment_starts()) * max(len(texts), 1) + np.append(rank, -1)[codes]
    best = reduce_slices(np.maximum, np.where(codes >= 0, grown, -1), low, high, -1).astype(np.int64)
    return texts_at(texts, np.where(best >= 0, best % max(len(texts), 1), -1))


def earliest(history: History, column: str, window: str) -> pd.api.extensions.ExtensionArray:
    """Take the first value that is not missing as text, the first in the alphabet among those of one moment."""
    low, high = history.bounds(window)
    codes = history.codes(column)
    texts, rank = history.table.codes(column).alphabet
    n_texts, moments = max(len(texts), 1), np.cumsum(history.moment_starts())
    never = (len(codes) + 1) * n_texts
    grown = np.where(codes >= 0, moments * n_texts + np.append(rank, 0)[codes], never)
    best = reduce_slices(np.minimum, grown, low, high, never).astype(np.int64)
    return texts_at(texts, np.where(best < never, best % n_texts, -1))


def pivoted(history: History, slots: np.ndarray, n_slots: int, window: str, column: str = "") -> list[np.ndarray]:
    """Count rows, or add up a column, for each category at once.

    Parameters
    ----------
    history : History
    slots : ndarray of int, shape (m,)
        Which category each row of the history has, `n_slots` for one that is not asked for.
    n_slots : int
    window : str
    column : str, optional
        Numbers to add up; rows are counted where it is empty.

    Returns
    -------
    list of n_slots ndarrays of shape (n,)
        Counts (int64) or sums (float).
    """
    low, high = history.bounds(window)
    found = [np.zeros(len(history), dtype=float if column else np.int64) for _ in range(n_slots)]
    numbers = history.numbers(column) if column else None
    for some in slice_chunks(low, high):
        owner, position = set_out(low[some], high[some])
        if numbers is not None and numbers.odd is not None:
            position = numbers.order[position]
        there = slots[position] < n_slots
        position = position[there]
        cell = owner[there] * n_slots + slots[position]
        size = (some.stop - some.start) * n_slots
        sums = np.bincount(cell, minlength=size) if numbers is None else _sums(numbers, position, cell, size)
        for slot, values in enumerate(found):
            values[some] = sums[slot::n_slots]
    return found


def _sums(numbers: Numbers, position: np.ndarray, cell: np.ndarray, size: int) -> np.ndarray:
    sums = _exact_sums(cell, numbers.cents[position + 1] - numbers.cents[position], size) / 100
    return sums if numbers.odd is None else sums + np.bincount(cell, weights=numbers.odd[position], minlength=size)


def _exact_sums(cell: np.ndarray, cents: np.ndarray, size: int) -> np.ndarray:
    """Add up whole numbers by cell, exactly."""
    if len(cents) and int(np.abs(cents).max()) * len(cents) >= _EXACT:
        high = cents >> 22
        upper = np.bincount(cell, weights=high, minlength=size).astype(np.int64)
        lower = np.bincount(cell, weights=cents - (high << 22), minlength=size).astype(np.int64)
        return (upper << 22) + lower
    return np.bincount(cell, weights=cents, minlength=size).astype(np.int64)

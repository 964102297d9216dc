"""What the groups within a window are like, such as visits: rows of one slice that share a value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from nbo.features.history import History
from nbo.features.slices import set_out, slice_chunks

__all__ = ["Groups"]

_SECOND = 1e6
_KNOWN: WeakKeyDictionary[History, dict[tuple[str, str], Groups]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Groups:
    """What the groups of each slice are like; of a group that a window cuts, only what lies within counts.

    Parameters
    ----------
    n, rows, single, span, longest : ndarray of int64, shape (n,)
        Groups; their rows; groups of a single row; time from first to last row in
        microseconds, of all groups together and of the longest.
    """

    n: np.ndarray
    rows: np.ndarray
    single: np.ndarray
    span: np.ndarray
    longest: np.ndarray

    @classmethod
    def of(cls, history: History, column: str, window: str) -> Groups:
        """Find the groups that share a value of a column; rows without one are in none.

        Parameters
        ----------
        history : History
        column, window : str

        Returns
        -------
        Groups
        """
        known = _KNOWN.setdefault(history, {})
        if (column, window) not in known:
            found = np.zeros((5, len(history)), dtype=np.int64)
            for some, about in _chunks(history, column, window):
                found[:, some] = about
            known[column, window] = cls(*found)
        return known[column, window]

    @property
    def mean_rows(self) -> np.ndarray:
        """Rows a group; NaN without any."""
        return self._each(self.rows)

    @property
    def single_share(self) -> np.ndarray:
        """Share of the groups that have one row; NaN without any."""
        return self._each(self.single)

    @property
    def mean_seconds(self) -> np.ndarray:
        """Mean time from the first to the last row of a group; NaN without any."""
        return self._each(self.span) / _SECOND

    @property
    def max_seconds(self) -> np.ndarray:
        """Longest time from the first to the last row of a group; NaN without any."""
        return np.where(self.n > 0, self.longest / _SECOND, np.nan)

    def _each(self, total: np.ndarray) -> np.ndarray:
        return np.where(self.n > 0, total / np.maximum(self.n, 1), np.nan)


def _chunks(history: History, column: str, window: str) -> Iterator[tuple[slice, np.ndarray]]:
    """Give runs of slices with the five numbers of each slice."""
    codes, n_codes = history.codes(column), max(len(history.table.codes(column).values), 1)
    low, high = history.bounds(window)
    for some in slice_chunks(low, high):
        owner, position = set_out(low[some], high[some])
        there = codes[position] >= 0
        owner, position = owner[there], position[there]
        # Stable: the rows of a group stay in the order of time.
        order = np.argsort(owner * n_codes + codes[position], kind="stable")
        owner, position = owner[order], position[order]
        start = np.flatnonzero(np.diff(owner * n_codes + codes[position], prepend=-1))
        stop = np.append(start, len(owner))[1:] - 1
        span = history.times[position[stop]] - history.times[position[start]]
        yield some, _summed(owner[start], stop - start + 1, span, some.stop - some.start)


def _summed(owner: np.ndarray, rows: np.ndarray, span: np.ndarray, n: int) -> np.ndarray:
    """Add up the groups of each slice; they stand together."""
    found = np.zeros((5, n), dtype=np.int64)
    if len(owner):
        begin = np.flatnonzero(np.diff(owner, prepend=-1))
        parts = [np.ones_like(rows), rows, rows == 1, span]
        found[:4, owner[begin]] = [np.add.reduceat(part.astype(np.int64), begin) for part in parts]
        found[4, owner[begin]] = np.maximum.reduceat(span, begin)
    return found

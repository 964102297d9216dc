"""Where event time meets `as_of`, and nowhere else.

A row counts for a moment `as_of` when it happened before it and was known before it, both
strictly; in a window w it counts when also ``as_of - w <= event_time``. All features and
labels find their rows here, so that there is one place to get this right.

The rows of a table are sorted once by customer and time. Then all that counts for a spine
row is one slice of them, and each window is the end of that slice, found by binary search.
A spine row that must not see some rows yet, for they became known late, gets the others set
out once more as a slice of its own: whatever is computed on slices is exact for late rows too.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.features.keys import by_content, match_keys
from nbo.features.moments import NEVER, SINCE_EVER, length, microseconds, moments
from nbo.features.slices import customer_slices, first_at_or_after, slice_pairs
from nbo.times import check_duration

__all__ = ["ALL", "History", "days_before", "known_before", "rows_as_of"]

ALL: Final = "all"
_DAY = 86_400_000_000


class History:
    """The rows of one table, sorted by customer and time, and the slice that each spine row sees.

    Make one with :meth:`before` (features) or :meth:`after` (labels).

    Attributes
    ----------
    rows : ndarray of int, shape (m,)
        Positions in the table's frame, in the order of the slices.
    times : ndarray of int64, shape (m,)
        When each happened, in microseconds of UTC.
    first, end : ndarray of int, shape (n,)
        Spine row i sees ``rows[first[i]:end[i]]``.
    as_of : ndarray of int64, shape (n,)
        Where each spine row's windows end, in microseconds of UTC.
    """

    def __init__(
        self,
        rows: np.ndarray,
        times: np.ndarray,
        first: np.ndarray,
        end: np.ndarray,
        as_of: np.ndarray,
        parent: tuple[History, np.ndarray] | None = None,
    ) -> None:
        self.rows, self.times, self.first, self.end, self.as_of = rows, times, first, end, as_of
        self._parent = parent
        self._starts: dict[str, np.ndarray] = {ALL: first}

    @cached_property
    def moment(self) -> np.ndarray:
        """Number of the customer's moment at which each row happened; rows tied in time share it."""
        new = np.concatenate([[True], np.diff(self.times) != 0, [True]])
        new[self.first] = new[self.end] = True
        return np.cumsum(new[: len(self.times)])

    @classmethod
    def before(
        cls, frame: pd.DataFrame, spine: pd.DataFrame, table: str, *, time: str = "", key: str = c.CUSTOMER_ID
    ) -> History:
        """Find what each spine row may see.

        Parameters
        ----------
        frame : DataFrame
            The rows of the table.
        spine : DataFrame of shape (n, ...)
            Columns `as_of` and `key`; rows without a key see nothing.
        table : str
            Name of the table; its contract says which column is the row's time.
        time : str, optional
            Another column to take as the row's time, such as closed_at; rows that lack it
            never count. The row must be known before `as_of` as well.
        key : str, default="customer_id"
            Column that table and spine share.

        Returns
        -------
        History

        Raises
        ------
        InputError
            If a column is missing, an event has no time, or the keys are text on one side
            and numbers on the other.
        """
        happened, known = moments(frame, table, time)
        as_of = microseconds(spine[c.AS_OF])
        codes, owners = match_keys(frame, spine, table, key)
        latest = as_of.max(initial=SINCE_EVER)
        rows = np.flatnonzero((codes >= 0) & (happened < latest) & (known < latest))
        rows = rows[np.lexsort((known[rows], happened[rows], codes[rows]))]
        codes, happened, known = codes[rows], happened[rows], known[rows]
        first, stop = customer_slices(codes, owners)
        history = cls(rows, happened, first, first_at_or_after(happened, first, stop, as_of), as_of)
        if not (known > happened).any():
            return history
        known = np.maximum(known, happened)
        n_known = first_at_or_after(known[np.lexsort((known, codes))], first, stop, as_of) - first
        hasty = np.flatnonzero(n_known < history.end - first)
        return history._set_out(hasty, lambda owner, position: known[position] < as_of[owner])

    @classmethod
    def after(
        cls,
        frame: pd.DataFrame,
        spine: pd.DataFrame,
        table: str,
        gap: pd.Timedelta,
        horizon: pd.Timedelta,
        *,
        key: str = c.CUSTOMER_ID,
    ) -> History:
        """Find what came of each spine row: rows in ``[as_of + gap, as_of + gap + horizon)``.

        Rows count here whenever they became known; labels see to that.

        Parameters
        ----------
        frame, spine, table
            As for :meth:`before`.
        gap : Timedelta
            From `as_of` to the start of the label window; 0 or more.
        horizon : Timedelta
            Length of the label window.
        key : str, default="customer_id"
            As for :meth:`before`.

        Returns
        -------
        History

        Raises
        ------
        InputError
            As for :meth:`before`.
        """
        happened, _ = moments(frame, table)
        start = microseconds(spine[c.AS_OF]) + length(gap)
        codes, owners = match_keys(frame, spine, table, key)
        rows = np.flatnonzero(codes >= 0)
        rows = rows[np.lexsort((happened[rows], codes[rows]))]
        low, stop = customer_slices(codes[rows], owners)
        first = first_at_or_after(happened[rows], low, stop, start)
        end = first_at_or_after(happened[rows], first, stop, start + length(horizon))
        return cls(rows, happened[rows], first, end, start + length(horizon))

    def where(self, keep: np.ndarray) -> History:
        """Keep only some rows of the table.

        Parameters
        ----------
        keep : ndarray of bool
            One value per row of the table's frame.

        Returns
        -------
        History
        """
        chosen = keep[self.rows]
        before = np.concatenate([[0], np.cumsum(chosen)])
        first, end = before[self.first], before[self.end]
        return History(self.rows[chosen], self.times[chosen], first, end, self.as_of, parent=(self, before))

    def still_open(self, ends: pd.Series) -> History:
        """Keep, for each spine row, only the rows that had not ended before its `as_of`.

        Parameters
        ----------
        ends : Series of datetime64
            When each row of the table's frame ended; missing while it goes on.

        Returns
        -------
        History
        """
        ended = microseconds(ends)[self.rows]
        ended = np.where(ended == SINCE_EVER, NEVER, ended)
        everyone = np.arange(len(self.as_of))
        return self._set_out(everyone, lambda owner, position: ended[position] >= self.as_of[owner])

    def start(self, window: str) -> np.ndarray:
        """Give where a window starts; it ends where the spine row's slice ends.

        Parameters
        ----------
        window : str
            A length of time such as "30D", or "all".

        Returns
        -------
        ndarray of int, shape (n,)
        """
        if window not in self._starts:
            if self._parent is not None:
                parent, before = self._parent
                self._starts[window] = before[parent.start(window)]
            else:
                begin = self.as_of - length(check_duration(window, "window"))
                self._starts[window] = first_at_or_after(self.times, self.first, self.end, begin)
        return self._starts[window]

    def days_ago(self, position: np.ndarray, owner: np.ndarray) -> np.ndarray:
        """Count the days from events, by position, to the `as_of` of spine rows, as floats."""
        return (self.as_of[owner] - self.times[position]) / _DAY

    def _set_out(self, some: np.ndarray, seen: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> History:
        """Copy, behind all others, the rows that some spine rows see, one slice for each."""
        counts = np.zeros(len(some), dtype=np.int64)
        parts = [np.arange(len(self.rows))]
        for owner, position in slice_pairs(self.first[some], self.end[some]):
            kept = seen(some[owner], position)
            parts.append(position[kept])
            counts += np.bincount(owner[kept], minlength=len(some))
        chosen = np.concatenate(parts)
        first, end = self.first.copy(), self.end.copy()
        end[some] = len(self.rows) + np.cumsum(counts)
        first[some] = end[some] - counts
        return History(self.rows[chosen], self.times[chosen], first, end, self.as_of)


def rows_as_of(frame: pd.DataFrame, spine: pd.DataFrame, table: str, key: str = c.CUSTOMER_ID) -> np.ndarray:
    """Find the row of an attribute table that held for each spine row.

    It is the one with the latest `valid_from` before `as_of`; among equals, the one known last.

    Parameters
    ----------
    frame, spine, table, key
        As for :meth:`History.before`.

    Returns
    -------
    ndarray of int, shape (n,)
        Positions in `frame`; -1 where no row held yet.

    Raises
    ------
    InputError
        As for :meth:`History.before`.
    """
    identity = [name for name in (key, c.VALID_FROM, c.KNOWN_AT) if name in frame]
    ordered = by_content(frame, identity)
    history = History.before(frame[identity].iloc[ordered], spine, table, key=key)
    found = np.full(len(spine), -1)
    some = history.end > history.first
    found[some] = ordered[history.rows[history.end[some] - 1]]
    return found


def known_before(frame: pd.DataFrame, table: str, moment: pd.Timestamp) -> np.ndarray:
    """Mark the rows that count for a moment.

    Parameters
    ----------
    frame : DataFrame of shape (m, ...)
    table : str
    moment : Timestamp

    Returns
    -------
    ndarray of bool, shape (m,)

    Raises
    ------
    InputError
        If an event has no time.
    """
    happened, known = moments(frame, table)
    return np.maximum(happened, known) < microseconds(pd.Series([moment]))[0]


def days_before(times: pd.Series, as_of: pd.Series) -> np.ndarray:
    """Count the days from a time to `as_of`, as floats; NaN where it is not before `as_of`.

    Parameters
    ----------
    times, as_of : Series of datetime64, length n

    Returns
    -------
    ndarray of shape (n,)
    """
    then, now = microseconds(times), microseconds(as_of)
    there = (then != SINCE_EVER) & (then < now)
    return np.where(there, (now - np.where(there, then, now)) / _DAY, np.nan)

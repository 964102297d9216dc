"""Where event time meets `as_of`, and nowhere else.

A row counts for a moment `as_of` when it happened before it and was known before it, both
strictly; in a window it counts when it also lies in ``[start, end)`` of the window. All features and
labels find their rows here, so that there is one place to get this right.

The rows of a table are sorted once by customer and time. Then all that counts for a spine
row is one slice of them, and each window is a part of that slice, found by binary search.
A spine row that must not see some rows yet, for they became known late, sees a shorter slice if
those are its last; else it gets the others set out once more as a slice of its own. So
whatever is computed on slices is exact for late rows too.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns
from nbo.features.history import History
from nbo.features.keys import Asked, content_rank, match_keys
from nbo.features.moments import NEVER, SINCE_EVER, length, moments
from nbo.features.order import order_by
from nbo.features.slices import first_at_or_after, slice_pairs
from nbo.tables import TableColumns
from nbo.tables.plain_values import microseconds

__all__ = ["days_before", "known_before", "rows_after", "rows_as_of", "rows_before", "still_open"]

_DAY = 86_400_000_000
_FEW = 1024


def rows_before(
    table: TableColumns,
    spine: pd.DataFrame,
    *,
    time: str = "",
    key: str = c.CUSTOMER_ID,
    ties: np.ndarray | None = None,
    asked: Asked | None = None,
) -> History:
    """Find what each spine row may see.

    Parameters
    ----------
    table : TableColumns
        Its contract says which column is the row's time.
    spine : DataFrame of shape (n, ...)
        Columns `as_of` and `key`; rows without a key see nothing.
    time : str, optional
        Another column to take as the row's time, such as closed_at; rows that lack it
        never count. The row must be known before `as_of` as well.
    key : str, default="customer_id"
        Column that table and spine share.
    ties : ndarray of shape (m,), optional
        Order of rows of one time, after when they were known. By default it is left open.
    asked : Asked, optional
        What the spine asks for, if that is known already.

    Returns
    -------
    History

    Raises
    ------
    InputError
        If a column is missing, an event has no time, or the keys are text on one side
        and numbers on the other.
    """
    happened, known = moments(table, time)
    late = known is not happened
    asked = asked or Asked.of(spine, key)
    as_of, owners, codes = asked.as_of, asked.owners, asked.found_in(table, key)
    latest = as_of.max(initial=SINCE_EVER)
    keep = (codes >= 0) & (happened < latest)
    if late:
        keep &= known < latest
    rows: np.ndarray | None = None
    if not keep.all():
        rows = np.flatnonzero(keep).astype(_positions(len(keep)))
        codes, happened, known = codes[rows], happened[rows], known[rows]
    n_keys = int(owners.max(initial=-1)) + 1
    if ties is None:
        order, happened, bounds = order_by(codes, happened, n_keys)
    else:
        order = _lexical_order(codes, happened, known, ties if rows is None else ties[rows])
        happened, bounds = happened[order], np.searchsorted(codes[order], np.arange(n_keys + 1))
    first, stop = _slices(bounds, owners)
    end = first_at_or_after(happened, first, stop, as_of)
    history = History(table, order if rows is None else rows[order], happened, first, end, as_of)
    return _without_unknown(history, known[order], bounds, stop) if late else history


def _lexical_order(*keys: np.ndarray) -> np.ndarray:
    """Sort by the first key, then the next ...; equal rows keep their order. Logs are mostly sorted already."""
    later = np.zeros(max(len(keys[0]) - 1, 0), dtype=bool)
    equal = ~later
    for key in keys:
        later |= equal & (key[1:] > key[:-1])
        equal &= key[1:] == key[:-1]
    return np.arange(len(keys[0])) if (later | equal).all() else np.lexsort(keys[::-1])


def rows_after(
    table: TableColumns, spine: pd.DataFrame, gap: pd.Timedelta, horizon: pd.Timedelta, *, key: str = c.CUSTOMER_ID
) -> History:
    """Find what came of each spine row: rows in ``[as_of + gap, as_of + gap + horizon)``.

    Rows count here whenever they became known; labels see to that.

    Parameters
    ----------
    table, spine, key
        As for :func:`rows_before`.
    gap : Timedelta
        From `as_of` to the start of the label window; 0 or more.
    horizon : Timedelta
        Length of the label window.

    Returns
    -------
    History

    Raises
    ------
    InputError
        As for :func:`rows_before`.
    """
    happened, _ = moments(table)
    start = microseconds(spine[c.AS_OF]) + length(gap)
    codes, owners = match_keys(table, spine, key)
    rows = np.flatnonzero(codes >= 0)
    order, times, bounds = order_by(codes[rows], happened[rows], int(owners.max(initial=-1)) + 1)
    low, stop = _slices(bounds, owners)
    first = first_at_or_after(times, low, stop, start)
    end = first_at_or_after(times, first, stop, start + length(horizon))
    return History(table, rows[order], times, first, end, start + length(horizon))


def still_open(history: History, ends: np.ndarray) -> History:
    """Keep, for each spine row, only the rows that had not ended before its `as_of`.

    Parameters
    ----------
    history : History
    ends : ndarray of int64
        When each row of the table ended; `SINCE_EVER` while it goes on.

    Returns
    -------
    History
    """
    ended = ends[history.rows]
    ended = np.where(ended == SINCE_EVER, NEVER, ended)
    if (ended == NEVER).all():
        return history
    everyone = np.arange(len(history.as_of))
    return _set_out(history, everyone, lambda owner, position: ended[position] >= history.as_of[owner])


def rows_as_of(
    table: TableColumns | pd.DataFrame,
    spine: pd.DataFrame,
    name: str = "",
    key: str = c.CUSTOMER_ID,
    asked: Asked | None = None,
) -> np.ndarray:
    """Find the row of an attribute table that held for each spine row.

    It is the one with the latest `valid_from` before `as_of`; among equals, the one known last.

    Parameters
    ----------
    table : TableColumns or DataFrame
    spine, key, asked
        As for :func:`rows_before`.
    name : str, optional
        The table that a frame is.

    Returns
    -------
    ndarray of int, shape (n,)
        Positions in the table; -1 where no row held yet.

    Raises
    ------
    InputError
        As for :func:`rows_before`.
    """
    table = TableColumns.of(table, name) if isinstance(table, pd.DataFrame) else table
    check_columns(table, [key], table.name)
    ties = None
    if len(table) > 1:
        happened, known = moments(table)
        # Few rows of different moments have no twins, and need no look at what they hold.
        if len(table) > _FEW or len(np.unique(happened)) < len(happened):
            ties = content_rank(table, pd.DataFrame({key: table[key], "happened": happened, "known": known}))
    history = rows_before(table, spine, key=key, ties=ties, asked=asked)
    found = np.full(len(spine), -1)
    some = history.end > history.first
    found[some] = history.rows[history.end[some] - 1]
    return found


def known_before(table: TableColumns | pd.DataFrame, moment: pd.Timestamp, name: str = "") -> np.ndarray:
    """Mark the rows that count for a moment.

    Parameters
    ----------
    table : TableColumns or DataFrame of m rows
    moment : Timestamp
    name : str, optional
        The table that a frame is.

    Returns
    -------
    ndarray of bool, shape (m,)

    Raises
    ------
    InputError
        If an event has no time.
    """
    happened, known = moments(TableColumns.of(table, name) if isinstance(table, pd.DataFrame) else table)
    return np.maximum(happened, known) < moment.to_datetime64().astype("datetime64[us]").astype(np.int64)


def days_before(times: np.ndarray, as_of: np.ndarray) -> np.ndarray:
    """Count the days from a time to `as_of`, as floats; NaN where it is not before `as_of`.

    Parameters
    ----------
    times, as_of : ndarray of int64, shape (n,)
        Microseconds of UTC; `SINCE_EVER` where missing.

    Returns
    -------
    ndarray of shape (n,)
    """
    there = (times != SINCE_EVER) & (times < as_of)
    return np.where(there, (as_of - np.where(there, times, as_of)) / _DAY, np.nan)


def _slices(bounds: np.ndarray, owners: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give where the rows of each owner start and stop; nowhere for an owner without a key."""
    some = owners >= 0
    return np.where(some, bounds[owners], 0), np.where(some, np.append(bounds, 0)[owners + 1], 0)


def _positions(n_rows: int) -> type:
    return np.int32 if n_rows < np.iinfo(np.int32).max else np.int64


def _without_unknown(history: History, known: np.ndarray, bounds: np.ndarray, stop: np.ndarray) -> History:
    """Take off, for each spine row, what was not known yet."""
    known = np.maximum(known, history.times)
    if (known == history.times).all():
        return history
    inside = np.ones(max(len(known) - 1, 0), dtype=bool)
    inside[bounds[(bounds > 0) & (bounds < len(known))] - 1] = False
    # Known out of turn: later than the next row, or at another time than a row of the same moment.
    tied = (history.times[1:] == history.times[:-1]) & (known[1:] != known[:-1])
    wrong = inside & ((known[1:] < known[:-1]) | tied)
    ordered = known
    if wrong.any():
        codes = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))
        ordered = known[np.lexsort((known, codes))]
    end = history.first + (first_at_or_after(ordered, history.first, stop, history.as_of) - history.first)
    before = np.concatenate([[0], np.cumsum(np.append(wrong, False))])
    # Between the first and the last row that it would see, nothing is out of turn: the unknown are its last.
    out_of_turn = before[np.maximum(history.end - 1, history.first)] > before[history.first]
    hasty = np.flatnonzero((end < history.end) & out_of_turn)
    end[hasty] = history.end[hasty]
    history = History(history.table, history.rows, history.times, history.first, end, history.as_of)
    return _set_out(history, hasty, lambda owner, position: known[position] < history.as_of[owner])


def _set_out(history: History, some: np.ndarray, seen: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> History:
    """Copy, behind all others, the rows that some spine rows see, one slice for each."""
    if not len(some):
        return history
    counts = np.zeros(len(some), dtype=np.int64)
    parts = [np.arange(len(history.rows))]
    for owner, position in slice_pairs(history.first[some], history.end[some]):
        kept = seen(some[owner], position)
        parts.append(position[kept])
        counts += np.bincount(owner[kept], minlength=len(some))
    chosen = np.concatenate(parts)
    first, end = history.first.copy(), history.end.copy()
    end[some] = len(history.rows) + np.cumsum(counts)
    first[some] = end[some] - counts
    return History(history.table, history.rows[chosen], history.times[chosen], first, end, history.as_of)

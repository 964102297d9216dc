"""Complaints: open ones, and those closed not long ago."""

from __future__ import annotations

from typing import Final

import numpy as np

from nbo import columns as c
from nbo.alerting.causes.signal import Signal, day_of, days_text, last_rows, silent
from nbo.features.conditions import rows_where
from nbo.features.history import History
from nbo.features.moments import NEVER, SINCE_EVER
from nbo.features.slices import first_at_or_after, reduce_slices
from nbo.features.windows import rows_before, still_open
from nbo.tables import CustomerTables, Spine, TableColumns

__all__ = ["OPEN_COMPLAINT", "complaint_changes", "complaint_signals"]

OPEN_COMPLAINT: Final = "open complaint"
_RECENT: Final = "recent complaint"
_COMPLAINT: Final = (c.KIND, "complaint")
_WINDOW: Final = "60D"


def complaint_signals(tables: CustomerTables, spine: Spine) -> list[Signal]:
    """Find who has an open complaint, and who had one closed that was opened in the last 60 days.

    Of several, the last one tells topic and severity. Who has an open one does not have a recent one as well.

    Parameters
    ----------
    tables : CustomerTables
    spine : Spine of n rows

    Returns
    -------
    list of Signal
    """
    table = tables.columns("cases")
    if not tables.has("cases") or c.KIND not in table:
        return [silent(name, len(spine)) for name in (OPEN_COMPLAINT, _RECENT)]
    history = rows_before(table, spine.frame)
    history = history.where(rows_where(table, [_COMPLAINT])[history.rows])
    ends = table.times(c.CLOSED_AT) if c.CLOSED_AT in table else np.full(len(table), SINCE_EVER)
    now = still_open(history, ends)
    open_ = _signal(OPEN_COMPLAINT, table, now, now.end > now.first, ends)
    low, high = history.bounds(_WINDOW)
    return [open_, _signal(_RECENT, table, history, (high > low) & ~open_.holds, ends)]


def _signal(name: str, table: TableColumns, history: History, holds: np.ndarray, ends: np.ndarray) -> Signal:
    _, rows = last_rows(history)
    details = np.full(len(history), "", dtype=object)
    topics = _texts(table, c.TOPIC)
    details[holds] = topics[rows[holds]]
    opened = table.times(c.OPENED_AT)
    severity = table.numbers(c.SEVERITY) if c.SEVERITY in table else np.full(len(table), np.nan)

    def evidence(row: int) -> str:
        case = rows[row]
        topic = f" on {details[row]}" if details[row] else ""
        grave = "" if np.isnan(severity[case]) else f", severity {severity[case]:g} of 5"
        if name == OPEN_COMPLAINT:
            age = days_text(history.as_of[row] - opened[case])
            return f"complaint{topic} open for {age}, since {day_of(opened[case])}{grave}"
        return f"complaint{topic} of {day_of(opened[case])}, closed on {day_of(ends[case])}{grave}"

    return Signal(name, holds, evidence, details)


def _texts(table: TableColumns, column: str) -> np.ndarray:
    """Give a column of categories as texts, empty where missing."""
    if column not in table or not len(table):
        return np.full(len(table), "", dtype=object)
    codes = table.codes(column)
    return np.array([*codes.texts, ""], dtype=object)[codes.codes]


def complaint_changes(
    tables: CustomerTables, spine: Spine, since: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Say when the complaints of a moment were all closed, and whether another has come after it.

    Parameters
    ----------
    tables : CustomerTables
    spine : Spine of n rows
    since : ndarray of int64, shape (n,)
        The earlier moment of each row, in microseconds of UTC.

    Returns
    -------
    closed : ndarray of int64, shape (n,)
        When the last of the complaints that were opened before `since` was closed; `NEVER` while one is open, or where
        there was none. It may lie before `since` where the closing became known late.
    newer : ndarray of bool, shape (n,)
        Whether a complaint was opened at or after `since`.
    known : ndarray of int64, shape (n,)
        When the last of those that are open now was both opened and known; `SINCE_EVER` where none is open.
    """
    table = tables.columns("cases")
    if not tables.has("cases") or c.KIND not in table or c.CLOSED_AT not in table:
        n = len(spine)
        return np.full(n, NEVER), np.zeros(n, dtype=bool), np.full(n, SINCE_EVER)
    history = rows_before(table, spine.frame)
    history = history.where(rows_where(table, [_COMPLAINT])[history.rows])
    split = first_at_or_after(history.times, history.first, history.end, since)
    stated = table.times(c.CLOSED_AT)
    ends = np.where(stated == SINCE_EVER, NEVER, stated)[history.rows]
    last = reduce_slices(np.maximum, ends, history.first, split, SINCE_EVER)
    closed = np.where((last > SINCE_EVER) & (last < history.as_of), last, NEVER)
    now = still_open(history, stated)
    counts = np.maximum(now.times, table.times(c.KNOWN_AT)[now.rows]) if c.KNOWN_AT in table else now.times
    return closed, history.end > split, reduce_slices(np.maximum, counts, now.first, now.end, SINCE_EVER)

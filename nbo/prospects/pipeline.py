"""The history of opportunities, in order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_rows
from nbo.features.moments import NEVER
from nbo.prospects.changes import Changes, Visible
from nbo.prospects.moments import DAY, micro
from nbo.tables import TableColumns
from nbo.tables.plain_values import MISSING_TIME

__all__ = ["Pipeline"]

_CLOSED_KNOWN_AT = "closed_known_at"
_OWN = (c.OPPORTUNITY_ID, c.ENTERED_AT, c.KNOWN_AT, c.CLOSED_AT, _CLOSED_KNOWN_AT, c.WON, c.EXPECTED_CLOSE)
_TIMES = (c.CLOSED_AT, _CLOSED_KNOWN_AT, c.EXPECTED_CLOSE)


class Pipeline:
    """The history of opportunities, read once and asked for many moments.

    Parameters
    ----------
    changes : Changes
    closed, closed_known : ndarray of int64, shape (k,)
        When each was closed, and when that was known, in microseconds; far in the future where it is open.
    won : ndarray of float, shape (k,)
        1, 0, or NaN where it is open.
    """

    def __init__(self, changes: Changes, closed: np.ndarray, closed_known: np.ndarray, won: np.ndarray) -> None:
        self.changes, self.closed, self.closed_known, self.won = changes, closed, closed_known, won

    @classmethod
    def of(cls, opportunities: Any) -> Pipeline:
        """Read and check a history."""
        changes = Changes.of(opportunities, "opportunities", c.OPPORTUNITY_ID, c.ENTERED_AT, _TIMES)
        frame, table = changes.frame, TableColumns.of(changes.frame, "opportunities")
        check_columns(frame, [c.STAGE], "opportunities")
        closed, known, won = (np.full(len(changes.keys), NEVER), np.full(len(changes.keys), NEVER), None)
        outcome = np.full(len(changes.keys), np.nan)
        if c.CLOSED_AT in frame.columns:
            check_columns(frame, [c.WON], "opportunities, which has closed_at,")
            closed = _one_time(changes, table, c.CLOSED_AT)
            won = table.numbers(c.WON)
            check_rows(~np.isin(won, [0, 1]) & ~np.isnan(won), frame[c.WON], "opportunities.won", "1 or 0 or missing")
            changes.check_one(pd.Series(won), c.WON)
            outcome = np.where(closed < NEVER, changes.one(won, np.nan), np.nan)
            unknown = (closed < NEVER) & np.isnan(outcome)
            check_rows(unknown, changes.keys, "opportunities.won", "there for each opportunity that is closed")
            late = _one_time(changes, table, _CLOSED_KNOWN_AT) if _CLOSED_KNOWN_AT in frame.columns else closed
            known = np.where(late == NEVER, closed, np.maximum(closed, late))
        return cls(changes, closed, known, outcome)

    def rows(self, as_of: pd.Timestamp, until: pd.Timestamp | None = None) -> pd.DataFrame:
        """Give the rows of one moment; see :func:`opportunity_rows`."""
        now = self.changes.visible(as_of, self.closed_known >= micro(as_of))
        codes, frame = now.codes, self.changes.frame
        found: dict[str, Any] = {c.OPPORTUNITY_ID: self.changes.keys[codes]}
        found[c.AS_OF] = np.full(len(codes), as_of.to_datetime64(), dtype="datetime64[us]")
        found |= {name: now.latest(name) for name in frame.columns if name not in _OWN}
        found |= {**_stages(now, as_of), **_amounts(now), **_closings(now, as_of)}
        if until is not None:
            seen = self.closed_known[codes] < micro(until)
            end = np.where(seen, self.closed[codes], micro(until))
            lasted = np.maximum(end - micro(as_of), 0).astype("timedelta64[us]")
            found |= {c.DURATION: lasted, c.WON: np.where(seen, self.won[codes], np.nan)}
        return pd.DataFrame(found)

    def wins(self, until: pd.Timestamp) -> pd.DataFrame:
        """Give what was won and known before a moment.

        Parameters
        ----------
        until : Timestamp

        Returns
        -------
        DataFrame
            opportunity_id, opened_known (when it was first in the pipeline, in microseconds), event_time (of the
            closing), and what the history said last.
        """
        keep = (self.won == 1) & (self.closed_known < micro(until))
        now = self.changes.visible(until, keep)
        codes, rows = now.codes, now.rows
        counted = np.minimum.reduceat(self.changes.counts[rows], now.first) if len(rows) else np.empty(0, dtype=int)
        found: dict[str, Any] = {c.OPPORTUNITY_ID: self.changes.keys[codes], "opened_known": counted}
        found[c.EVENT_TIME] = self.closed[codes].astype("datetime64[us]")
        found |= {name: now.latest(name) for name in self.changes.frame.columns if name not in _OWN}
        return pd.DataFrame(found)


def _one_time(changes: Changes, table: TableColumns, column: str) -> np.ndarray:
    times = table.times(column)
    changes.check_one(pd.Series(times).where(times != MISSING_TIME), column)
    found = changes.one(times, MISSING_TIME)
    return np.where(found == MISSING_TIME, NEVER, found)


def _days(now: Visible, place: np.ndarray, as_of: pd.Timestamp) -> np.ndarray:
    return (micro(as_of) - now.changes.times[now.rows[place]]) / DAY


def _stages(now: Visible, as_of: pd.Timestamp) -> dict[str, np.ndarray]:
    stages = now.changes.frame[c.STAGE].iloc[now.rows]
    codes = pd.factorize(stages)[0]
    at, _ = now.moves(codes, codes >= 0)
    entered = np.zeros(len(now.rows), dtype=bool)
    entered[at] = True
    entered[now.first] = True
    return {
        "stage_days": _days(now, now.filled(entered)[now.last], as_of),
        "open_days": _days(now, now.first, as_of),
        "n_stages": now.count(at),
    }


def _amounts(now: Visible) -> dict[str, np.ndarray]:
    if c.AMOUNT not in now.changes.frame.columns:
        return {}
    table = TableColumns.of(now.changes.frame, now.changes.what)
    amounts = table.numbers(c.AMOUNT)[now.rows]
    said = ~np.isnan(amounts)
    at, _ = now.moves(amounts, said)
    latest, first = _latest(now, amounts, said), _earliest(now, amounts, said)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(first != 0, latest / first, np.nan)
    return {"amount_changes": now.count(at), "amount_ratio": ratio}


def _closings(now: Visible, as_of: pd.Timestamp) -> dict[str, np.ndarray]:
    if c.EXPECTED_CLOSE not in now.changes.frame.columns:
        return {}
    times = TableColumns.of(now.changes.frame, now.changes.what).times(c.EXPECTED_CLOSE)[now.rows]
    said = times != MISSING_TIME
    days = np.where(said, (times - micro(as_of)) / DAY, np.nan)
    at, before = now.moves(times, said)
    latest = _latest(now, days, said)
    later = at[times[at] > times[before]]
    return {
        "days_to_close": latest,
        "slips": now.count(later),
        "slip_days": latest - _earliest(now, days, said),
    }


def _latest(now: Visible, values: np.ndarray, said: np.ndarray) -> np.ndarray:
    place = now.filled(said)[now.last]
    return np.where(place >= 0, values[place], np.nan) if len(place) else np.empty(0)


def _earliest(now: Visible, values: np.ndarray, said: np.ndarray) -> np.ndarray:
    places = np.flatnonzero(said)
    owner = np.repeat(np.arange(len(now.first)), now.last - now.first + 1)[places]
    found = np.full(len(now.first), np.nan)
    found[owner[::-1]] = values[places[::-1]]
    return found

"""Rows that say what changed, and what of it was known at a moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_keys
from nbo.errors import InputError
from nbo.features.keys import content_rank
from nbo.prospects.moments import micro
from nbo.tables import TableColumns
from nbo.tables.plain_values import MISSING_TIME
from nbo.times import check_times

__all__ = ["Changes", "Visible"]


@dataclass(frozen=True)
class Changes:
    """Rows in the order of their key and time, each once.

    Parameters
    ----------
    frame : DataFrame of m rows
        The rows, sorted.
    keys : Index of length k
        The different keys, sorted.
    codes : ndarray of int, shape (m,)
        Number of the key of each row, never falling.
    times : ndarray of int64, shape (m,)
        When each row came to hold, in microseconds.
    counts : ndarray of int64, shape (m,)
        When it had both come to hold and become known.
    what : str
        Name of the frame for messages.
    """

    frame: pd.DataFrame
    keys: pd.Index
    codes: np.ndarray
    times: np.ndarray
    counts: np.ndarray
    what: str

    @classmethod
    def of(cls, frame: object, what: str, key: str, time: str, more_times: Sequence[str] = ()) -> Changes:
        """Sort the rows of a frame; rows that are the same in every column count once.

        Parameters
        ----------
        frame : DataFrame of m rows
            With `key` and `time`, and `known_at` if a row may become known late.
        what : str
            Name of the frame for messages.
        key, time : str
            Columns.
        more_times : sequence of str, optional
            Other columns that hold times, if they are there.

        Returns
        -------
        Changes

        Raises
        ------
        InputError
            If a column is missing, or a key or time is missing in a row.
        """
        rows = check_frame(frame, what)
        check_columns(rows, [key, time], what)
        check_keys(rows[key], f"{what}.{key}")
        there = [name for name in (c.KNOWN_AT, *more_times) if name in rows.columns]
        stated = {name: check_times(rows[name], f"{what}.{name}", missing=name != time) for name in (time, *there)}
        rows = rows.assign(**stated).drop_duplicates(ignore_index=True)
        table = TableColumns.of(rows, what)
        times = table.times(time)
        known = table.times(c.KNOWN_AT) if c.KNOWN_AT in rows.columns else times
        counts = np.where(known == MISSING_TIME, times, np.maximum(known, times))
        codes, keys = pd.factorize(rows[key], sort=True)
        rank = content_rank(table, pd.DataFrame({"key": codes, "time": times, "known": counts}))
        order = np.lexsort((rank, counts, times, codes))
        frame = rows.iloc[order].reset_index(drop=True)
        return cls(frame, pd.Index(keys, name=key), codes[order], times[order], counts[order], what)

    def visible(self, as_of: pd.Timestamp, keep: np.ndarray | None = None) -> Visible:
        """Find the rows that count for a moment.

        Parameters
        ----------
        as_of : Timestamp
            Rows count that held and were known strictly before it.
        keep : ndarray of bool, shape (k,), optional
            The keys to look at; by default all.

        Returns
        -------
        Visible
        """
        seen = self.counts < micro(as_of)
        if keep is not None:
            seen &= keep[self.codes]
        rows = np.flatnonzero(seen)
        starts = np.flatnonzero(np.diff(self.codes[rows], prepend=-1))
        return Visible(self, rows, starts, np.append(starts[1:], len(rows))[: len(starts)] - 1)

    def check_one(self, values: pd.Series, column: str) -> None:
        """Refuse keys for which a column holds two values that differ.

        Parameters
        ----------
        values : Series of m rows
            In the order of the rows; missing where a row says nothing.
        column : str
            Its name, for the message.

        Raises
        ------
        InputError
            Names the first key.
        """
        said = values.notna().to_numpy()
        pairs = pd.DataFrame({"code": self.codes[said], "value": values[said].to_numpy()}).drop_duplicates()
        twice = pairs["code"][pairs["code"].duplicated()].unique()
        if len(twice):
            raise InputError(
                f"{self.what}.{column} must be one for each {self.keys.name}; {len(twice)} of "
                f"{len(self.keys)} have several, first: {self.keys[twice.min()]!r}."
            )

    def one(self, values: np.ndarray, missing: object) -> np.ndarray:
        """Give for each key the one value that its rows hold.

        Parameters
        ----------
        values : ndarray of shape (m,)
        missing : object
            The value of rows that say nothing.

        Returns
        -------
        ndarray of shape (k,)
            `missing` where no row says anything.
        """
        found = np.full(len(self.keys), missing, dtype=values.dtype)
        said = values == values if missing is np.nan else values != missing
        found[self.codes[said]] = values[said]
        return found


@dataclass(frozen=True)
class Visible:
    """The rows that count for a moment.

    Parameters
    ----------
    changes : Changes
    rows : ndarray of int, shape (v,)
        Positions of the rows.
    first, last : ndarray of int, shape (g,)
        Of each key that has any, the first and the last place in `rows`.
    """

    changes: Changes
    rows: np.ndarray
    first: np.ndarray
    last: np.ndarray

    @property
    def codes(self) -> np.ndarray:
        """Numbers of the keys that have any row, shape (g,)."""
        return self.changes.codes[self.rows[self.first]]

    def latest(self, column: str) -> pd.Series:
        """Give the latest value that is not missing, one for each key that has any row.

        Parameters
        ----------
        column : str

        Returns
        -------
        Series of g rows
            Missing where no row says anything.
        """
        values = self.changes.frame[column].iloc[self.rows].reset_index(drop=True)
        place = self.filled(values.notna().to_numpy())[self.last]
        found = values.iloc[np.maximum(place, 0)].reset_index(drop=True)
        return found if (place >= 0).all() else found.where(place >= 0)

    def filled(self, said: np.ndarray) -> np.ndarray:
        """Give for each row the place of the latest row up to it, of the same key, that says something.

        Parameters
        ----------
        said : ndarray of bool, shape (v,)

        Returns
        -------
        ndarray of int, shape (v,)
            -1 where none does.
        """
        places = np.arange(len(self.rows))
        latest = np.maximum.accumulate(np.where(said, places, -1)) if len(places) else places
        own_first = np.repeat(self.first, self.last - self.first + 1)
        return np.where(latest >= own_first, latest, -1)

    def moves(self, values: np.ndarray, said: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Find the rows at which a column takes another value than it had.

        Parameters
        ----------
        values : ndarray of shape (v,)
        said : ndarray of bool, shape (v,)
            Where a row says something.

        Returns
        -------
        at : ndarray of int, shape (j,)
            Places of the rows.
        before : ndarray of int, shape (j,)
            Places of the rows that hold what was before.
        """
        latest = self.filled(said)
        own_first = np.zeros(len(self.rows), dtype=bool)
        own_first[self.first] = True
        before = np.where(own_first, -1, np.append(-1, latest[:-1])[: len(latest)])
        at = np.flatnonzero(said & (before >= 0))
        at = at[values[at] != values[before[at]]]
        return at, before[at]

    def count(self, at: np.ndarray) -> np.ndarray:
        """Count places by key.

        Parameters
        ----------
        at : ndarray of int, shape (j,)

        Returns
        -------
        ndarray of float, shape (g,)
        """
        owner = np.repeat(np.arange(len(self.first)), self.last - self.first + 1)
        return np.bincount(owner[at], minlength=len(self.first)).astype(float)

"""From when until when rows of a table count for a condition, and when enough of them begin to count at once."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns
from nbo.features.conditions import Condition, rows_where
from nbo.features.moments import NEVER, length, moments
from nbo.tables import CustomerTables

__all__ = ["Presence", "entries", "presence"]


@dataclass(frozen=True, eq=False)
class Presence:
    """Rows of a table, and from when until when each counts; all times in microseconds of UTC.

    Parameters
    ----------
    group : ndarray of int, shape (m,)
        Customer, or customer and value of `by`, of each row.
    happened, known : ndarray of int64, shape (m,)
        When the row happened, and when it was known and had happened.
    start, stop : ndarray of int64, shape (m,)
        It counts in ``[start, stop)``.
    customers : Series of length g
        Of each group.
    values : ndarray of object (str), shape (g,)
        Value of `by` of each group; empty without one.
    """

    group: np.ndarray
    happened: np.ndarray
    known: np.ndarray
    start: np.ndarray
    stop: np.ndarray
    customers: pd.Series
    values: np.ndarray

    def _keys(self) -> pd.DataFrame:
        return pd.DataFrame({"customer": self.customers, "value": self.values})

    def counted(self, window: pd.Timedelta, wait: pd.Timedelta | None, cancels: Presence | None) -> Presence:
        """Say from when until when each row counts.

        Parameters
        ----------
        window : Timedelta
            From when it happened.
        wait : Timedelta or None
            How old it must be.
        cancels : Presence or None
            Rows that end what happened before them, from when they are known.

        Returns
        -------
        Presence
        """
        start = self.known if wait is None else np.maximum(self.known, self.happened + length(wait))
        stop = self.happened + length(window)
        if cancels is not None and len(cancels.group):
            stop = np.minimum(stop, self._cancelled(cancels))
        return replace(self, start=start, stop=stop)

    def _cancelled(self, cancels: Presence) -> np.ndarray:
        """Find when the first row became known that cancels each row: of those that happened at or after it."""
        own, theirs = self._keys(), cancels._keys()
        # Of a table without the column, rows cancel whatever the value is.
        on = ["customer", "value"] if theirs["value"].any() else ["customer"]
        match = own[on].merge(theirs[on].assign(number=np.arange(len(theirs))), on=on, how="left")["number"]
        wanted = match.fillna(-1).to_numpy(dtype=np.int64)[self.group]
        order = np.lexsort((cancels.happened, cancels.group))
        group, happened, known = (part[order] for part in (cancels.group, cancels.happened, cancels.known))
        # From the last row of each group backwards, the earliest that one of the rows from here on was known.
        first = pd.Series(known[::-1]).groupby(group[::-1]).cummin().to_numpy()[::-1]
        place = _search(group, happened, wanted, self.happened)
        inside = (wanted >= 0) & (place < len(group))
        inside[inside] = group[place[inside]] == wanted[inside]
        return np.where(inside, np.append(first, NEVER)[np.where(inside, place, -1)], NEVER)


def _search(group: np.ndarray, times: np.ndarray, wanted: np.ndarray, sought: np.ndarray) -> np.ndarray:
    """Find the first position of a group at or after a moment, in rows sorted by group and time."""
    n, m = len(group), len(wanted)
    both_group, both_time = np.concatenate([group, wanted]), np.concatenate([times, sought])
    # Of equal ones, those sought come first.
    side = np.concatenate([np.ones(n, dtype=np.int8), np.zeros(m, dtype=np.int8)])
    order = np.lexsort((side, both_time, both_group))
    before = np.cumsum(order < n)
    place = np.empty(n + m, dtype=np.int64)
    place[order] = before
    return place[n:]


def presence(
    tables: CustomerTables,
    name: str,
    where: tuple[Condition, ...],
    by: str | None,
    last: int,
    any_value: bool = False,
) -> Presence:
    """Take the rows of a table that meet conditions and were known before a moment; the same row twice is one.

    Parameters
    ----------
    tables : CustomerTables
    name : str
    where : tuple of tuple
    by : str or None
        Column that makes groups of a customer's rows.
    last : int
        The moment, in microseconds of UTC.
    any_value : bool, default=False
        Take the rows of a table without the column `by` as of any value.

    Returns
    -------
    Presence
        With nothing counted yet.

    Raises
    ------
    InputError
        If the table lacks a column.
    """
    table, frame = tables.columns(name), tables.get(name)
    if by is not None and (not any_value) and tables.has(name):
        check_columns(frame, [by], name)
    own_by = by if by is not None and by in frame else None
    happened, known = moments(table)
    seen = np.maximum(happened, known)
    keep = rows_where(table, where) & (seen < last) & frame[c.CUSTOMER_ID].notna().to_numpy()
    if own_by is not None:
        keep &= frame[own_by].notna().to_numpy()
    keep[keep] = ~frame[keep].duplicated().to_numpy()
    rows = frame[keep]
    values = rows[own_by].astype("str") if own_by is not None else pd.Series("", index=rows.index, dtype="str")
    who, customers = pd.factorize(rows[c.CUSTOMER_ID])
    what, texts = pd.factorize(values)
    group, pairs = pd.factorize(who.astype(np.int64) * max(len(texts), 1) + what)
    owner, value = np.divmod(pairs, max(len(texts), 1))
    empty = np.zeros(len(rows), dtype=np.int64)
    ids = pd.Series(customers, dtype=rows[c.CUSTOMER_ID].dtype).take(owner).reset_index(drop=True)
    labels = np.asarray(texts, dtype=object)[value] if len(texts) else np.empty(0, dtype=object)
    return Presence(group, happened[keep], seen[keep], empty, empty, ids, labels)


def entries(held: Presence, at_least: int, last: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find when, in each group, the rows that count become enough.

    Parameters
    ----------
    held : Presence
    at_least : int
    last : int
        Only before it.

    Returns
    -------
    group : ndarray of int, shape (k,)
    moment : ndarray of int64, shape (k,)
    number : ndarray of int, shape (k,)
        Rows that count then.

    Examples
    --------
    >>> group, hour = np.zeros(2, dtype=int), np.array([0, 1])
    >>> held = Presence(group, hour, hour, hour, hour + 5, pd.Series(["ann"]), np.array([""], dtype=object))
    >>> [part.tolist() for part in entries(held, 2, 100)]
    [[0], [1], [2]]
    """
    some = held.start < held.stop
    # Most groups never have enough rows, so they need no sorting.
    some &= np.bincount(held.group[some], minlength=len(held.customers))[held.group] >= at_least
    n = int(some.sum())
    group = np.concatenate([held.group[some], held.group[some]])
    moment = np.concatenate([held.start[some], held.stop[some]])
    change = np.repeat([1, -1], n)
    order = np.lexsort((moment, group))
    group, moment, change = group[order], moment[order], change[order]
    # What comes and goes at one moment is one change, so that a condition that goes on does not begin anew.
    ends = np.append((group[1:] != group[:-1]) | (moment[1:] != moment[:-1]), True) if n else np.empty(0, dtype=bool)
    counts = np.cumsum(change)[ends]
    group, moment = group[ends], moment[ends]
    before = np.concatenate([[0], counts[:-1]]) if len(counts) else counts
    # All rows of a group have gone at its end, so each group starts at 0.
    begins = (counts >= at_least) & (before < at_least) & (moment < last)
    return group[begins], moment[begins], counts[begins]

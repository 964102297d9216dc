"""What a spine may see of the tables, found once for all builders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.errors import InputError
from nbo.features.answers import answers, with_categories
from nbo.features.conditions import Condition, rows_where
from nbo.features.derived import with_derived
from nbo.features.history import History
from nbo.features.keys import Asked
from nbo.features.one_row import one_row
from nbo.features.stitching import stitched_events
from nbo.features.value_counts import ValueCounts
from nbo.features.windows import known_before, rows_as_of, rows_before, still_open
from nbo.tables import CONTRACTS, Spine, TableColumns
from nbo.tables.plain_values import microseconds
from nbo.tables.stored_tables import opened, pieces

__all__ = ["Counts", "Past", "Rows"]

# pandas warns of a frame of more than a hundred single columns.
_SINGLE_COLUMNS = 80
# A table, the column with the rows' times and that with their ends, if they are not its own, and conditions.
Rows = tuple[str, str, str, tuple[Condition, ...]]


class Counts(Protocol):
    """Counts something in a piece of a table; those that count the same are equal."""

    @property
    def columns(self) -> list[str]:
        """The columns that are read."""

    def __call__(self, piece: TableColumns, known: np.ndarray, /) -> dict[str, int]:
        """Count in the rows of a piece that were known; gives a number by text."""


class Past:
    """What a spine may see of the tables, found once for all builders.

    Builders compute columns for `questions`: each different row of the spine once, sorted by
    customer and time, so that the rows of a customer are read in one go.

    Parameters
    ----------
    tables : CustomerTables or other tables with `has` and `columns`
    spine : Spine of m rows

    Attributes
    ----------
    questions : DataFrame of shape (n, 2)
        customer_id and as_of.
    as_of : ndarray of int64, shape (n,)
        In microseconds of UTC.
    """

    def __init__(self, tables: Any, spine: Spine) -> None:
        self._tables = opened(tables)
        self.questions, self._inverse = _tidy(spine.frame)
        self.as_of = microseconds(self.questions[c.AS_OF])
        self._columns: dict[str, TableColumns] = {}
        self._histories: dict[Rows, History] = {}
        self._rows: dict[tuple[str, str], np.ndarray] = {}
        self._known: dict[str, np.ndarray] = {}

    def __len__(self) -> int:
        return len(self.questions)

    def has(self, name: str) -> bool:
        """Tell whether a table is there."""
        return bool(self._tables.has(name))

    def states(self, name: str, column: str) -> bool:
        """Tell whether a table has a column as it is stored, not only by what was joined to it."""
        return column in self._tables.columns(name)

    def table(self, name: str) -> TableColumns:
        """Give a table; one that is not there has no rows.

        Events of anonymous visitors belong to the customers they turned out to be, from when
        that was known. Decisions have the category of their offer, outcomes what their decision was.
        """
        if name not in self._columns:
            self._columns[name] = with_derived(self._joined(name, self._tables.columns(name)))
        return self._columns[name]

    def _joined(self, name: str, table: TableColumns) -> TableColumns:
        if name == "events" and self.has("identities") and len(table):
            return stitched_events(table, self._tables.columns("identities"))
        if name == "decisions":
            return with_categories(table, self._tables.columns("catalog"))
        return answers(table, self.table("decisions")) if name == "outcomes" else table

    def history(self, name: str, time: str = "", open_until: str = "", where: tuple[Condition, ...] = ()) -> History:
        """Give the rows of a table that each question may see.

        Parameters
        ----------
        name : str
        time : str, optional
            Column to take as the row's time instead of its own.
        open_until : str, optional
            Column with the end of a row; rows that ended before `as_of` are left out.
        where : tuple of conditions
            Rows that do not meet all are left out.

        Returns
        -------
        History
        """
        which = (name, time, open_until, where)
        if which not in self._histories:
            if where:
                history = self.history(name, time, open_until)
                if len(history.rows):
                    history = history.where(rows_where(history, where))
            elif open_until:
                history = still_open(self.history(name, time), self.table(name).times(open_until))
            else:
                history = self.history_of(self.table(name), time)
            self._histories[which] = history
        return self._histories[which]

    def keep(self, needed: Mapping[str, Collection[str] | None], wanted: Callable[[Rows], bool]) -> None:
        """Let go of what is not needed any more; it would be found anew.

        Parameters
        ----------
        needed : mapping of str to collection of str, or None
            The columns that are still needed, by table; None stands for all.
        wanted : callable
            Tells of rows, as :meth:`history` takes them, whether they will be asked for again.
        """
        self._columns = {name: table for name, table in self._columns.items() if name in needed}
        self._histories = {rows: found for rows, found in self._histories.items() if wanted(rows)}
        whats: list[TableColumns | History] = [*self._columns.values(), *self._histories.values()]
        for what in whats:
            columns = needed.get(what.name)
            if columns is not None:
                what.forget(columns)

    @property
    def n_rows(self) -> int:
        """How many rows, of all tables, are held in order."""
        return sum(len(history.rows) for history in self._histories.values())

    def history_of(self, table: TableColumns, time: str = "", key: str = c.CUSTOMER_ID) -> History:
        """Give the rows of a table made by a builder that each question may see."""
        return rows_before(table, self.questions, time=time, key=key, asked=self._asked_by(key))

    def _asked_by(self, key: str) -> Asked | None:
        return self._asked if key == c.CUSTOMER_ID else None

    @cached_property
    def _asked(self) -> Asked:
        return Asked.of(self.questions, c.CUSTOMER_ID)

    def rows_as_of(self, name: str, key: str = c.CUSTOMER_ID) -> np.ndarray:
        """Find the row of an attribute table that held for each question; -1 where none did."""
        if (name, key) not in self._rows:
            self._rows[name, key] = rows_as_of(self.table(name), self.questions, key=key, asked=self._asked_by(key))
        return self._rows[name, key]

    @cached_property
    def latest(self) -> pd.Timestamp:
        """The latest moment of the spine; NaT without rows."""
        return self.questions[c.AS_OF].max()

    def known(self, name: str) -> np.ndarray:
        """Mark the rows of a table, as it is stored, that were known before the latest moment of the spine."""
        if name not in self._known:
            times = [str(CONTRACTS[name].time), c.KNOWN_AT]
            marks = [self._known_of(piece) for piece in pieces(self._tables, name, times)]
            self._known[name] = np.concatenate([np.empty(0, bool), *marks])
        return self._known[name]

    def _known_of(self, table: TableColumns) -> np.ndarray:
        nothing = self.latest is pd.NaT or not len(table)
        return np.zeros(len(table), bool) if nothing else known_before(table, self.latest)

    def top_values(self, name: str, column: str, top: int) -> list[str]:
        """Learn the most frequent values of a column, the first in the alphabet among equals.

        Parameters
        ----------
        name, column : str
        top : int
            How many.

        Returns
        -------
        list of str

        Raises
        ------
        InputError
            If `top` is no whole number of 0 or more.
        """
        if not isinstance(top, int) or top < 0:
            raise InputError(f"the number of values to take must be 0 or more; got {top!r}.")
        counts = self.value_counts(name, column)
        return sorted(counts, key=lambda text: (-counts[text], text))[:top]

    def value_counts(self, name: str, column: str, where: tuple[Condition, ...] = ()) -> dict[str, int]:
        """Count the values of a column, as texts, in rows known before the latest moment of the spine.

        Parameters
        ----------
        name, column : str
        where : tuple of conditions, default=()
            Rows that do not meet all are left out.

        Returns
        -------
        dict of str to int
            In the order of the alphabet.
        """
        return self.counted(name, ValueCounts(column, where))

    def counted(self, name: str, count: Counts) -> dict[str, int]:
        """Add up what is counted in the rows of a table, as it is stored, known before the latest moment of the spine.

        All that a builder learns from rows it learns through this: so tables of any size, wherever
        they are, are learnt from piece by piece.

        Parameters
        ----------
        name : str
        count : Counts
            Takes a piece of the table and which of its rows were known; gives a number by text.

        Returns
        -------
        dict of str to int
            In the order of the alphabet.
        """
        found: Counter[str] = Counter()
        first = 0
        for piece in pieces(self._tables, name, count.columns):
            found.update(count(piece, self.known(name)[first : first + len(piece)]))
            first += len(piece)
        return dict(sorted(found.items()))

    def spread(self, columns: dict[str, Any]) -> pd.DataFrame:
        """Give columns computed for the questions to the rows of the spine.

        Parameters
        ----------
        columns : dict of str to array of n values
            Emptied on the way, so that no column is held twice.

        Returns
        -------
        DataFrame of m rows
            In the order of the spine.
        """
        return self.frame(self.given(columns))

    def given(self, columns: dict[str, Any]) -> dict[str, Any]:
        """Give columns computed for the questions to the rows of the spine, and empty what they came in."""
        rows = self._inverse
        return {name: _taken(columns.pop(name), rows) for name in list(columns)} if rows is not None else columns

    def frame(self, columns: dict[str, Any]) -> pd.DataFrame:
        """Make a frame of columns for the rows of the spine."""
        n_rows = len(self) if self._inverse is None else len(self._inverse)
        if n_rows == 1 and len(columns) > _SINGLE_COLUMNS:
            return one_row(columns)
        # pandas warns of frames of many single columns; to put them together copies them.
        return pd.DataFrame(columns, index=range(n_rows), copy=len(columns) > _SINGLE_COLUMNS)


def _taken(values: Any, rows: np.ndarray) -> Any:
    return values[rows] if isinstance(values, np.ndarray) else pd.Series(values).array.take(rows)


def _tidy(spine: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray | None]:
    """Give each different row once, by customer and time, and which of them each row is; None if it is the same."""
    if len(spine) < 2:
        return spine, None
    codes, _ = pd.factorize(spine[c.CUSTOMER_ID])
    as_of = microseconds(spine[c.AS_OF])
    following, later = np.diff(codes), np.diff(as_of)
    if ((following > 0) | ((following == 0) & (later > 0))).all():
        return spine, None
    order = np.lexsort((as_of, codes))
    new = np.ones(len(order), dtype=bool)
    new[1:] = (np.diff(codes[order]) != 0) | (np.diff(as_of[order]) != 0)
    inverse = np.empty(len(order), dtype=np.int64)
    inverse[order] = np.cumsum(new) - 1
    return spine.iloc[order[new]].reset_index(drop=True), inverse

"""The rows of one table in the order of the kernel, and the slice of them that each spine row sees."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property

import numpy as np

from nbo.features.numbers import Numbers
from nbo.features.slices import first_at_or_after
from nbo.features.window import ALL, Window
from nbo.tables import TableColumns

__all__ = ["History"]

_DAY = 86_400_000_000


class History:
    """The rows of one table, sorted by customer and time, and the slice that each spine row sees.

    Make one with :func:`nbo.features.windows.rows_before` (features) or
    :func:`~nbo.features.windows.rows_after` (labels).

    Parameters
    ----------
    table : TableColumns
    rows : ndarray of int, shape (m,)
        Positions in the table, in the order of the slices.
    times : ndarray of int64, shape (m,)
        When each happened, in microseconds of UTC.
    first, end : ndarray of int, shape (n,)
        Spine row i sees ``rows[first[i]:end[i]]``.
    as_of : ndarray of int64, shape (n,)
        Where each spine row's windows end, in microseconds of UTC.
    """

    def __init__(
        self,
        table: TableColumns,
        rows: np.ndarray,
        times: np.ndarray,
        first: np.ndarray,
        end: np.ndarray,
        as_of: np.ndarray,
    ) -> None:
        self.rows, self.times = rows, times
        self._take_slices(table, first, end, as_of)

    def _take_slices(self, table: TableColumns, first: np.ndarray, end: np.ndarray, as_of: np.ndarray) -> None:
        self.table, self.first, self.end, self.as_of = table, first, end, as_of
        self._bounds: dict[str, tuple[np.ndarray, np.ndarray]] = {ALL: (first, end)}
        self._numbers: dict[str, Numbers] = {}
        self._codes: dict[str, np.ndarray] = {}

    def __len__(self) -> int:
        return len(self.first)

    @property
    def name(self) -> str:
        """The table that the rows are of."""
        return self.table.name

    def forget(self, needed: Collection[str]) -> None:
        """Let go of columns other than those needed, and of what was made of them."""
        self._numbers = {name: numbers for name, numbers in self._numbers.items() if name in needed}
        self._codes = {name: codes for name, codes in self._codes.items() if name in needed}

    def bounds(self, window: str) -> tuple[np.ndarray, np.ndarray]:
        """Give the slices of a window.

        Parameters
        ----------
        window : str
            Such as "30D" or "all"; see :class:`~nbo.features.window.Window`.

        Returns
        -------
        low, high : ndarray of int, shape (n,)
            The rows of the window are those in ``[low, high)``.
        """
        if window not in self._bounds:
            self._bounds[window] = self._found(Window.of(window))
        return self._bounds[window]

    def _found(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        start, end = window.span(self.as_of)
        high = self.end if end is self.as_of else first_at_or_after(self.times, self.first, self.end, end)
        return (self.first if start is None else first_at_or_after(self.times, self.first, high, start)), high

    def numbers(self, column: str) -> Numbers:
        """Give a column of numbers in the order of the slices."""
        if column not in self._numbers:
            padded = np.full(len(self.rows) + 1, np.nan)
            self._fill(column, padded[:-1])
            self._numbers[column] = Numbers(padded, self.moment_starts)
        return self._numbers[column]

    def _fill(self, column: str, values: np.ndarray) -> None:
        np.take(self.table.numbers(column), self.rows, out=values, mode="clip")

    def codes(self, column: str) -> np.ndarray:
        """Give a column of categories in the order of the slices, as the numbers of ``table.codes(column)``."""
        if column not in self._codes:
            self._codes[column] = self.table.codes(column).codes[self.rows]
        return self._codes[column]

    def weighed(self, column: str, weights: tuple[tuple[str, float], ...]) -> str:
        """Make numbers of a column of categories.

        Parameters
        ----------
        column : str
        weights : tuple of (str, float)
            The weight of each text; all others, and missing ones, weigh 0.

        Returns
        -------
        str
            Name by which :meth:`numbers` gives them.
        """
        name = f"{column} {weights}"
        if name not in self._numbers:
            known = dict(weights)
            weight = [known.get(text, 0.0) for text in self.table.codes(column).texts]
            padded = np.full(len(self.rows) + 1, np.nan)
            padded[:-1] = np.array([*weight, 0.0])[self.codes(column)]
            self._numbers[name] = Numbers(padded, self.moment_starts)
        return name

    def moment_starts(self) -> np.ndarray:
        """Mark the rows before which a new moment, or a new slice, starts; shape (m,)."""
        new = np.ones(len(self.times) + 1, dtype=bool)
        new[1:-1] = self.times[1:] != self.times[:-1]
        new[self.first] = new[self.end] = True
        return new[:-1]

    def days_ago(self, position: np.ndarray, owner: np.ndarray) -> np.ndarray:
        """Count the days from events, by position, to the `as_of` of spine rows, as floats."""
        return (self.as_of[owner] - self.times[position]) / _DAY

    def where(self, keep: np.ndarray) -> History:
        """Keep only some rows.

        Parameters
        ----------
        keep : ndarray of bool, shape (m,)
            One value for each of `rows`.

        Returns
        -------
        History
        """
        return self if keep.all() else _Filtered(self, keep)


class _Filtered(History):
    """Some rows of a history."""

    def __init__(self, parent: History, keep: np.ndarray) -> None:
        self._parent, self._keep = parent, keep
        self._before = np.zeros(len(keep) + 1, dtype=np.int32 if len(keep) < np.iinfo(np.int32).max else np.int64)
        np.cumsum(keep, out=self._before[1:])
        self.rows = parent.rows[keep]
        first, end = (self._before[edge].astype(np.int64) for edge in (parent.first, parent.end))
        self._take_slices(parent.table, first, end, parent.as_of)

    def forget(self, needed: Collection[str]) -> None:
        super().forget(needed)
        self.__dict__.pop("times", None)

    @cached_property
    def times(self) -> np.ndarray:  # type: ignore[override]
        return self._parent.times[self._keep]

    def _found(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        low, high = self._parent.bounds(window.text)
        end = self.end if high is self._parent.end else self._before[high].astype(np.int64)
        return self._before[low].astype(np.int64), end

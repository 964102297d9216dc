"""Some rows of a table, of which a column is taken only when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from nbo.tables import TableColumns

__all__ = ["Cut"]


class Cut:
    """Some rows of a table, of which a column is taken only when it is asked for.

    A card reads few of all columns, and of most only a few rows.

    Parameters
    ----------
    frame : DataFrame
        The table.
    name : str
        Which one it is.
    places : ndarray of int, optional
        Positions of the rows; by default all.
    arrays : dict of str to ExtensionArray, optional
        Whole columns of the table that were found before; what is found is put there.

    Attributes
    ----------
    name : str
    names : list of str
        Its columns.

    Examples
    --------
    >>> sales = pd.DataFrame({"customer_id": ["ann", "bob", "ann"], "amount": [1.0, 2.0, 4.0]})
    >>> cut = Cut(sales, "transactions", np.array([0, 2]))
    >>> len(cut), cut.series("amount").tolist()
    (2, [1.0, 4.0])
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        name: str,
        places: np.ndarray | None = None,
        arrays: dict[str, Any] | None = None,
    ) -> None:
        self.name = name
        self.names = [str(column) for column in frame.columns.tolist()]
        self._frame, self._places, self._whole = frame, places, {} if arrays is None else arrays
        self._arrays: dict[str, Any] = {}
        self._series: dict[str, pd.Series] = {}
        self._made: dict[str, Callable[[], Any]] = {}
        # The same rows, and the columns in which they differ: what is found of others is found once.
        self._base: tuple[Cut, frozenset[str]] | None = None

    def __len__(self) -> int:
        return len(self._frame) if self._places is None else len(self._places)

    def array(self, column: str) -> Any:
        """Take a column.

        Parameters
        ----------
        column : str

        Returns
        -------
        ExtensionArray of n values
        """
        if column not in self._arrays:
            base = self._base_of(column)
            if base is not None:
                self._arrays[column] = base.array(column)
            else:
                self._arrays[column] = self._made[column]() if column in self._made else self._taken(column)
        return self._arrays[column]

    def some(self, column: str, rows: np.ndarray) -> list[Any]:
        """List a column of some of the rows; the others are not taken."""
        if column in self._arrays or column in self._made:
            taken = self.array(column).take(rows)
        else:
            taken = self._found(column).take(rows if self._places is None else self._places[rows])
        return list(taken.tolist())

    def series(self, column: str) -> pd.Series:
        """Take a column as a Series with an index of its own."""
        if column not in self._series:
            base = self._base_of(column)
            self._series[column] = (
                base.series(column) if base is not None else pd.Series(self.array(column), copy=False)
            )
        return self._series[column]

    def frame(self) -> pd.DataFrame:
        """Take all columns."""
        return pd.DataFrame({name: self._as_given(name) for name in self.names}, index=range(len(self)), copy=False)

    def columns(self) -> TableColumns:
        """Give it as calculations read tables."""
        return TableColumns(self.name, self.names, len(self), self.series)

    def different(self, column: str) -> list[Any]:
        """List the different values of a column that are there, in the order in which they first stand."""
        return list(dict.fromkeys(value for value in self.array(column).tolist() if not pd.isna(value)))

    def where(self, keep: np.ndarray) -> Cut:
        """Keep some rows.

        Parameters
        ----------
        keep : ndarray of bool, shape (n,)

        Returns
        -------
        Cut
            Itself, if all are kept.
        """
        if keep.all():
            return self
        kept = np.flatnonzero(keep)
        cut = Cut(self._frame, self.name, kept if self._places is None else self._places[kept], self._whole)
        made = {name: partial(self._kept, name, kept) for name in self._made}
        return cut.with_made(made, self.names)

    def without(self, columns: Sequence[str]) -> Cut:
        """Leave out columns."""
        return self.with_made({}, [name for name in self.names if name not in columns])

    def with_made(self, made: Mapping[str, Callable[[], Any]], names: Sequence[str] | None = None) -> Cut:
        """Put columns that are made, when they are asked for, in the place of those of the table.

        Parameters
        ----------
        made : mapping of str to callable
            Gives the column as an array.
        names : sequence of str, optional
            The columns; by default its own and those made.

        Returns
        -------
        Cut
        """
        cut = Cut(self._frame, self.name, self._places, self._whole)
        cut._made, cut._base = {**self._made, **made}, (self, frozenset(made))
        cut.names = list(dict.fromkeys([*self.names, *made])) if names is None else list(names)
        return cut

    def _base_of(self, column: str) -> Cut | None:
        """Give the cut that this one was made from, if the column is the same there."""
        return None if self._base is None or column in self._base[1] else self._base[0]

    def _as_given(self, column: str) -> Any:
        """Take a column, as texts again where the table has texts and its categories were given numbers."""
        values = self.array(column)
        if isinstance(values, pd.Categorical) and self._frame[column].dtype == "str":
            return values.astype("str")
        return values

    def _kept(self, column: str, kept: np.ndarray) -> Any:
        return self.array(column).take(kept)

    def _taken(self, column: str) -> Any:
        values = self._found(column)
        return values if self._places is None else values.take(self._places)

    def _found(self, column: str) -> Any:
        if column not in self._whole:
            self._whole[column] = self._frame[column].array
        return self._whole[column]

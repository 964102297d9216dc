"""A table as calculations read it: column by column, as arrays."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache, cached_property
from typing import Any

import numpy as np
import pandas as pd

from nbo.checks import check_columns
from nbo.tables.codes import Codes
from nbo.tables.contracts import CONTRACTS
from nbo.tables.key_positions import key_positions
from nbo.tables.plain_values import finite_numbers, microseconds
from nbo.tables.typed import check_single

__all__ = ["TableColumns"]


class TableColumns:
    """A table as calculations read it: column by column, as arrays, each read when first asked for.

    Parameters
    ----------
    name : str
        The table that it is.
    names : sequence of str
        Its columns.
    n_rows : int
    read : callable
        Gives a column by its name, as a Series of `n_rows` values with the type of the contract.

    Examples
    --------
    >>> sales = TableColumns.of(pd.DataFrame({"amount": [9.5, None], "kind": ["sale", None]}), "transactions")
    >>> sales.numbers("amount").tolist(), sales.codes("kind").codes.tolist()
    ([9.5, nan], [0, 0])
    """

    def __init__(self, name: str, names: Sequence[str], n_rows: int, read: Callable[[str], pd.Series]) -> None:
        self.name, self._n_rows, self._read = name, n_rows, read
        self._order, self._names = list(names), frozenset(names)
        self._codes: dict[str, Codes] = {}

    @classmethod
    def without_rows(cls, name: str) -> TableColumns:
        """Stand for a table that is not there: it has any column that is asked for, without rows."""
        return _NoRows(name, [column.name for column in CONTRACTS[name].columns], 0, lambda _: pd.Series(dtype="str"))

    @classmethod
    def of(cls, frame: pd.DataFrame, name: str) -> TableColumns:
        """Take a frame."""

        @cache
        def read(column: str) -> pd.Series:
            return frame[column]

        return cls(name, [str(column) for column in frame.columns], len(frame), read)

    @cached_property
    def columns(self) -> Any:
        """The names of the columns; an Index where a name stands twice."""
        return _Names(self._order) if len(self._names) == len(self._order) else pd.Index(self._order, dtype="object")

    @classmethod
    def later(cls, name: str, names: Sequence[str], make: Callable[[], TableColumns]) -> TableColumns:
        """Stand for a table of which the columns are known, and that is made when it is first read."""
        return _Later(name, names, make)

    def __len__(self) -> int:
        return self._n_rows

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __getitem__(self, name: str) -> pd.Series:
        # Also where a name stands twice.
        if name not in self._names or len(self._names) < len(self._order):
            check_columns(self, [name], self.name)
        return self._read(name)

    def numbers(self, name: str) -> np.ndarray:
        """Give a column of numbers, flags or texts that are numbers as floats.

        Parameters
        ----------
        name : str

        Returns
        -------
        ndarray of float, shape (n,)
            NaN where missing.

        Raises
        ------
        InputError
            If the column is not there, a row is no number, or is infinite.
        """
        return finite_numbers(self[name], f"{self.name}.{name}")

    def times(self, name: str) -> np.ndarray:
        """Give a column of times as whole microseconds of UTC.

        Parameters
        ----------
        name : str

        Returns
        -------
        ndarray of int64, shape (n,)
            `MISSING_TIME` where missing.

        Raises
        ------
        InputError
            If the column is not there, or a row is not a time.
        """
        return microseconds(self[name], f"{self.name}.{name}")

    def codes(self, name: str) -> Codes:
        """Give a column of categories as numbers and their texts.

        Where the contract says what a missing value stands for, it stands for it here; the
        column may then be missing altogether.

        Parameters
        ----------
        name : str

        Returns
        -------
        Codes

        Raises
        ------
        InputError
            If the column is not there.
        """
        if name not in self._codes:
            self._codes[name] = self._coded(name)
        return self._codes[name]

    def _coded(self, name: str) -> Codes:
        known = CONTRACTS[self.name].column(name) if self.name in CONTRACTS else None
        missing = known.missing if known is not None else ""
        if missing and name not in self:
            return Codes(np.zeros(len(self), dtype=np.int8), [missing])
        values = self[name]
        check_single(values, f"{self.name}.{name}")
        codes = Codes.of(values)
        return codes.filled(missing) if missing else codes

    def forget(self, needed: Collection[str]) -> None:
        """Let go of categories of columns other than those needed; they would be found anew."""
        self._codes = {name: codes for name, codes in self._codes.items() if name in needed}

    def found_among(self, name: str, asked: pd.Index | pd.Series) -> np.ndarray:
        """Find each row's key among some that are asked for.

        Parameters
        ----------
        name : str
            Column of keys.
        asked : Index or Series
            Different keys.

        Returns
        -------
        ndarray of int32, shape (n,)
            Positions in `asked`; -1 where missing or not asked for.

        Raises
        ------
        InputError
            If the column is not there, or its keys are text and those asked for are numbers, or the other way.
        """
        return key_positions(self[name], pd.Index(asked), f"{self.name}.{name}")

    def replaced(self, **columns: Callable[[], pd.Series]) -> TableColumns:
        """Make a copy in which some columns are computed, each when first asked for.

        Parameters
        ----------
        **columns : callable
            Gives the column, a Series of `n_rows` values.

        Returns
        -------
        TableColumns
        """
        return _Replaced(self, columns)

    def frame(self, names: Sequence[str] | None = None) -> pd.DataFrame:
        """Give columns, all by default, as a frame."""
        chosen = list(self.columns) if names is None else list(names)
        return pd.DataFrame({name: self[name] for name in chosen}, index=range(len(self)), copy=False)


class _Names(tuple[str, ...]):
    """Names of columns, each once; made much faster than an Index."""

    is_unique = True


class _NoRows(TableColumns):
    def __getitem__(self, name: str) -> pd.Series:
        return self._read(name)


class _Replaced(TableColumns):
    """A table with other columns; what is not replaced is asked of the table itself."""

    def __init__(self, table: TableColumns, made: Mapping[str, Callable[[], pd.Series]]) -> None:
        # How many rows there are, the table is asked only when that is asked for.
        super().__init__(table.name, list(dict.fromkeys([*table._order, *made])), 0, self._made)
        self._table, self._makers = table, made
        self._made_columns: dict[str, pd.Series] = {}

    def __len__(self) -> int:
        return len(self._table)

    def _made(self, name: str) -> pd.Series:
        if name not in self._makers:
            return self._table[name]
        if name not in self._made_columns:
            self._made_columns[name] = self._makers[name]()
        return self._made_columns[name]

    def __getitem__(self, name: str) -> pd.Series:
        return self._made(name)

    def numbers(self, name: str) -> np.ndarray:
        return super().numbers(name) if name in self._makers else self._table.numbers(name)

    def times(self, name: str) -> np.ndarray:
        return super().times(name) if name in self._makers else self._table.times(name)

    def found_among(self, name: str, asked: pd.Index | pd.Series) -> np.ndarray:
        return super().found_among(name, asked) if name in self._makers else self._table.found_among(name, asked)

    def forget(self, needed: Collection[str]) -> None:
        super().forget(needed)
        self._table.forget(needed)

    def _coded(self, name: str) -> Codes:
        return super()._coded(name) if name in self._makers else self._table.codes(name)


class _Later(TableColumns):
    """A table that is made when it is first read."""

    def __init__(self, name: str, names: Sequence[str], make: Callable[[], TableColumns]) -> None:
        super().__init__(name, names, 0, lambda column: self._table[column])
        self._make = make

    @cached_property
    def _table(self) -> TableColumns:
        return self._make()

    def __len__(self) -> int:
        return len(self._table)

    def numbers(self, name: str) -> np.ndarray:
        return self._table.numbers(name)

    def times(self, name: str) -> np.ndarray:
        return self._table.times(name)

    def _coded(self, name: str) -> Codes:
        return self._table.codes(name)

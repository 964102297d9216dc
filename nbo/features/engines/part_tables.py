"""The tables of one partition, as builders read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from nbo.errors import InputError
from nbo.tables import TableColumns

__all__ = ["PartTables"]


class PartTables:
    """The tables of one partition, as builders read them.

    They have the columns of the whole tables. One that was not set out is refused where it is
    read: a builder that misses it would take it for a table without that column.

    Parameters
    ----------
    whole : CustomerTables or StoredTables
    n_rows : mapping of str to int
        Rows of the partition in each table that was set out.
    columns : mapping of str to collection of str
        Columns that were set out.
    read : callable
        Gives a column of the partition by table and name.
    """

    def __init__(
        self,
        whole: Any,
        n_rows: Mapping[str, int],
        columns: Mapping[str, Any],
        read: Callable[[str, str], pd.Series],
    ) -> None:
        self._whole, self._n_rows, self._columns, self._read = whole, n_rows, columns, read

    @property
    def names(self) -> list[str]:
        """The tables that are there."""
        return list(self._whole.names)

    def has(self, name: str) -> bool:
        """Tell whether a table is there."""
        return bool(self._whole.has(name))

    def columns(self, name: str) -> TableColumns:
        """Give a table column by column; one that is not there has no rows.

        Parameters
        ----------
        name : str

        Returns
        -------
        TableColumns

        Raises
        ------
        InputError
            If the table, or a column that is read of it, was not set out.
        """
        if not self.has(name):
            return TableColumns.without_rows(name)
        if name not in self._n_rows:
            raise InputError(f"a builder reads the table {name}, which its `tables` do not name.")

        def read(column: str) -> pd.Series:
            if column not in self._columns[name]:
                raise InputError(f"a builder reads {name}.{column}, of which its features say nothing.")
            return self._read(name, column)

        return TableColumns(name, list(self._whole.columns(name).columns), self._n_rows[name], read)

"""Tables that stay on disk: columns are read when they are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from nbo.checks import check_one_of
from nbo.errors import InputError
from nbo.tables.contracts import CONTRACTS
from nbo.tables.store import table_places
from nbo.tables.stored_table import PIECE, StoredTable
from nbo.tables.table_columns import TableColumns

__all__ = ["StoredTables", "opened", "pieces"]


def opened(tables: Any) -> Any:
    """Take a folder as tables that stay on disk, tables as they are, and refuse anything else."""
    if isinstance(tables, str | Path):
        return StoredTables(tables)
    if not callable(getattr(tables, "columns", None)):
        kind = type(tables).__name__
        raise TypeError(
            f"tables must be CustomerTables or a folder of Parquet; got {kind}. Use CustomerTables(transactions=frame)."
        )
    return tables


def pieces(tables: Any, name: str, names: Sequence[str]) -> Iterable[TableColumns]:
    """Give columns of a table, a bounded number of rows at a time where it stays on disk.

    Parameters
    ----------
    tables : CustomerTables or StoredTables
    name : str
        Name of the table.
    names : sequence of str
        Its columns to read; one that the table lacks is left out.

    Returns
    -------
    iterable of TableColumns
        In the order of the table.
    """
    return tables.pieces(name, names) if isinstance(tables, StoredTables) else [tables.columns(name)]


class StoredTables:
    """Tables that stay on disk: columns are read when they are asked for.

    Calculations that need a few columns of a large table then hold only those in memory, one
    at a time. Types are those of the contract, as in :class:`~nbo.tables.CustomerTables`.

    Parameters
    ----------
    folder : str or Path
        Holds ``<table>.parquet``, or a folder ``<table>/`` of Parquet files, for each table.

    Attributes
    ----------
    names : list of str
        The tables that are there.

    Raises
    ------
    InputError
        If the folder has no table, a table in two forms, or one that is no Parquet: read such
        a folder with ``CustomerTables.read``.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> from nbo.tables import CustomerTables
    >>> sales = pd.DataFrame({"customer_id": ["ann"], "event_time": ["2026-01-31T10:00"], "amount": [9.5]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     CustomerTables(transactions=sales).write(folder)
    ...     StoredTables(folder).columns("transactions").numbers("amount").tolist()
    [9.5]
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self._places = table_places(self.folder)
        for place in self._places.values():
            if place.suffix == ".csv":
                raise InputError(f"{place} is no Parquet; read the folder with CustomerTables.read({str(folder)!r}).")
        self._stored: dict[str, StoredTable] = {}

    def __repr__(self) -> str:
        return f"StoredTables({str(self.folder)!r}: {', '.join(self.names)})"

    @property
    def names(self) -> list[str]:
        """The tables that are there."""
        return list(self._places)

    def has(self, name: str) -> bool:
        """Tell whether a table is there."""
        return name in self._places

    def stored(self, name: str) -> StoredTable:
        """Give a table that is there, to read it in batches."""
        check_one_of(name, self.names, "table")
        if name not in self._stored:
            self._stored[name] = StoredTable(self._places[name], name)
        return self._stored[name]

    def columns(self, name: str) -> TableColumns:
        """Give a table column by column; one that is not there has no rows.

        Parameters
        ----------
        name : str
            Name of the table.

        Returns
        -------
        TableColumns

        Raises
        ------
        InputError
            If there is no such kind of table, or a file cannot be read.
        """
        if not self.has(name):
            check_one_of(name, list(CONTRACTS), "table")
            return TableColumns.without_rows(name)
        table = self.stored(name)
        return TableColumns(name, table.names, len(table), table.column)

    def pieces(self, name: str, names: Sequence[str]) -> Iterator[TableColumns]:
        """Give columns of a table a bounded number of rows at a time.

        Parameters
        ----------
        name : str
            Name of the table.
        names : sequence of str
            Its columns to read; one that the table lacks is left out.

        Yields
        ------
        TableColumns
            In the order of the table; all rows at once where no column is to be read.
        """
        there = [column for column in names if self.has(name) and column in self.stored(name).names]
        if not there:
            yield self.columns(name)
            return
        for frame in self.stored(name).batches(there, PIECE):
            yield TableColumns.of(frame, name)

"""Tables that stay on disk: columns are read when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from nbo.checks import check_columns, check_one_of
from nbo.errors import InputError
from nbo.tables.arrow_columns import arrow_column, is_category
from nbo.tables.contracts import CONTRACTS
from nbo.tables.store import table_places
from nbo.tables.table_columns import TableColumns

__all__ = ["StoredTable", "StoredTables", "opened"]

# Rows read at once where a table is read in pieces: bounds memory, changes no result.
PIECE = 1 << 20


def opened(tables: Any) -> Any:
    """Take a folder as tables that stay on disk; anything else as it is."""
    return StoredTables(tables) if isinstance(tables, str | Path) else tables


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


class StoredTable:
    """One table on disk.

    Parameters
    ----------
    place : Path
        A Parquet file, or a folder of such files.
    name : str
        The table that it is.
    """

    def __init__(self, place: Path, name: str) -> None:
        self.name = name
        self.paths = [place] if place.is_file() else sorted(place.rglob("*.parquet"))
        if not self.paths:
            raise InputError(f"{place} holds no Parquet file.")
        try:
            self._files = [pq.ParquetFile(path) for path in self.paths]
        except (OSError, pa.ArrowException) as error:
            raise InputError(f"{place} cannot be read: {error}") from error
        names = [file.schema_arrow.names for file in self._files]
        self.names = names[0]
        if any(set(others) != set(self.names) for others in names):
            raise InputError(f"the files in {place} have different columns, such as {names[0]} and {names[-1]}.")
        self._gaps: dict[str, bool] = {}

    @cached_property
    def _n_rows(self) -> int:
        return sum(file.metadata.num_rows for file in self._files)

    def __len__(self) -> int:
        return self._n_rows

    @property
    def n_bytes(self) -> int:
        """Size of the files on disk."""
        return sum(path.stat().st_size for path in self.paths)

    def column(self, name: str) -> pd.Series:
        """Read one column, with the type of the contract."""
        if name not in self.names:
            check_columns(pd.DataFrame(columns=self.names), [name], self.name)
        try:
            return self._whole(name) if self.is_category(name) else self._filled(name)
        finally:
            # Else Arrow keeps what the files were decoded into.
            pa.default_memory_pool().release_unused()

    def _filled(self, name: str) -> pd.Series:
        """Read a column piece by piece into one array; all at once where it is none of numbers or times."""
        values, begin = np.empty(0), 0
        for batch in self.record_batches([name], PIECE):
            piece = self.typed(pa.chunked_array([batch.column(0)]), name)
            values = np.empty_like(piece.to_numpy(), shape=len(self)) if not begin and _is_plain(piece) else values
            if piece.dtype != values.dtype or len(values) != len(self):
                return self._whole(name)
            values[begin : begin + len(piece)] = piece.to_numpy()
            begin += len(piece)
        return pd.Series(values, copy=False) if begin else self._whole(name)

    def _whole(self, name: str) -> pd.Series:
        texts = [name] * self.is_category(name)
        parts = [self._reader(path, texts).read([name], use_threads=False).column(0) for path in self.paths]
        chunks = [chunk for part in parts for chunk in part.chunks]
        return self.typed(pa.chunked_array(chunks, type=parts[0].type) if chunks else parts[0], name)

    def batches(self, names: Sequence[str], n_rows: int) -> Iterator[pd.DataFrame]:
        """Read columns a bounded number of rows at a time, with the types of the contract.

        Parameters
        ----------
        names : sequence of str
        n_rows : int
            The most rows of a batch.

        Yields
        ------
        DataFrame
        """
        for batch in self.record_batches(names, n_rows):
            yield pd.DataFrame({name: self.typed(pa.chunked_array([batch.column(name)]), name) for name in names})

    def record_batches(self, names: Sequence[str], n_rows: int) -> Iterator[pa.RecordBatch]:
        """Read columns a bounded number of rows at a time, as they are stored; categories as a dictionary.

        Parameters
        ----------
        names : sequence of str
        n_rows : int
            The most rows of a batch.

        Yields
        ------
        pyarrow.RecordBatch
        """
        texts = [name for name in names if self.is_category(name)]
        for path in self.paths:
            yield from self._reader(path, texts).iter_batches(n_rows, columns=list(names), use_threads=False)

    def typed(self, values: pa.ChunkedArray, name: str) -> pd.Series:
        """Give some rows of a column the type that all of it has.

        Parameters
        ----------
        values : pyarrow.ChunkedArray of n values
            As they are stored.
        name : str
            The column.

        Returns
        -------
        Series of length n
        """
        if pa.types.is_integer(values.type) and not values.null_count and self._has_gaps(name):
            values = values.cast(pa.float64(), safe=False)
        return arrow_column(values, self.name, name)

    def _has_gaps(self, name: str) -> bool:
        """Tell whether a row of a column is missing: integers are floats then."""
        if name not in self._gaps:
            self._gaps[name] = any(_missing(file, name) for file in self._files)
        return self._gaps[name]

    def is_category(self, name: str) -> bool:
        """Tell whether a column holds categories, which are read as numbers and a dictionary."""
        return is_category(self._files[0].schema_arrow.field(name).type, self.name, name)

    def _reader(self, path: Path, texts: list[str]) -> pq.ParquetFile:
        return pq.ParquetFile(path, read_dictionary=texts, pre_buffer=False)


def _is_plain(values: pd.Series) -> bool:
    return isinstance(values.dtype, np.dtype) and values.dtype.kind in "fiM"


def _missing(file: pq.ParquetFile, name: str) -> bool:
    """Tell whether a row of a column is missing, by the file's statistics if it has them."""
    for group in range(file.metadata.num_row_groups):
        rows = file.metadata.row_group(group)
        chunks = (rows.column(number) for number in range(rows.num_columns))
        statistics = next(chunk.statistics for chunk in chunks if chunk.path_in_schema == name)
        if statistics is None or not statistics.has_null_count:
            return any(batch.column(0).null_count for batch in file.iter_batches(PIECE, columns=[name]))
        if statistics.null_count:
            return True
    return False

"""One table on disk, read column by column or piece by piece."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from nbo.checks import check_columns
from nbo.errors import InputError
from nbo.tables.arrow_columns import arrow_column, is_category

__all__ = ["PIECE", "StoredTable"]

# Rows read at once where a table is read in pieces: bounds memory, changes no result.
PIECE = 1 << 20
# Categories that take more each, in a file, are read faster as texts than as a dictionary.
_FEW_BYTES = 3


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
        parts = [file.read([name], use_threads=False).column(0) for file in self._readers(texts)]
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
        texts = [name for name in names if self.is_category(name) and self._repeats(name)]
        for file in self._readers(texts):
            yield from file.iter_batches(n_rows, columns=list(names), use_threads=False)

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

    def _repeats(self, name: str) -> bool:
        """Tell whether the values of a column must repeat, as few bytes as they take in the files."""
        n_bytes = sum(chunk.total_uncompressed_size for file in self._files for chunk in _chunks(file, name))
        return n_bytes <= _FEW_BYTES * len(self)

    def _has_gaps(self, name: str) -> bool:
        """Tell whether a row of a column is missing: integers are floats then."""
        if name not in self._gaps:
            self._gaps[name] = any(_missing(file, name) for file in self._files)
        return self._gaps[name]

    def is_category(self, name: str) -> bool:
        """Tell whether a column holds categories, which are read as numbers and a dictionary."""
        return is_category(self._files[0].schema_arrow.field(name).type, self.name, name)

    def _readers(self, texts: list[str]) -> Iterator[pq.ParquetFile]:
        """Open the files anew, as a file gives one way of reading texts; what they hold is known already."""
        for path, file in zip(self.paths, self._files, strict=True):
            yield pq.ParquetFile(path, metadata=file.metadata, read_dictionary=texts, pre_buffer=False)


def _is_plain(values: pd.Series) -> bool:
    return isinstance(values.dtype, np.dtype) and values.dtype.kind in "fiM"


def _missing(file: pq.ParquetFile, name: str) -> bool:
    """Tell whether a row of a column is missing, by the file's statistics if it has them."""
    for chunk in _chunks(file, name):
        statistics = chunk.statistics
        if statistics is None or not statistics.has_null_count:
            return any(batch.column(0).null_count for batch in file.iter_batches(PIECE, columns=[name]))
        if statistics.null_count:
            return True
    return False


def _chunks(file: pq.ParquetFile, name: str) -> Iterator[pq.ColumnChunkMetaData]:
    """Give what a file says of a column, for each group of rows."""
    for group in range(file.metadata.num_row_groups):
        rows = file.metadata.row_group(group)
        chunks = (rows.column(number) for number in range(rows.num_columns))
        yield from (chunk for chunk in chunks if chunk.path_in_schema == name)

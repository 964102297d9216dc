"""Rows of partitions as bytes: how tables travel between the tasks of an engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from nbo.features.engines.part_tables import PartTables
from nbo.features.order import counting_order
from nbo.tables import TableColumns
from nbo.tables.arrow_columns import arrow_column

__all__ = ["PAYLOADS", "arrow_tables", "gathered", "packed", "table_columns", "unpacked"]

# The rows of one table that one partition needs, as a stream of Arrow.
PAYLOADS = pa.schema({"partition": pa.int32(), "table": pa.string(), "rows": pa.binary()})
# Bytes held before they are passed on.
_PIECE = 32 * 2**20
# Says of each row of a piece in which partitions it is needed: positions, and a partition for each.
Places = Callable[[pa.Table], tuple[np.ndarray, np.ndarray]]


def gathered(batches: Iterable[pa.RecordBatch], names: Sequence[str]) -> Iterator[pa.Table]:
    """Put small batches together, up to a bounded size.

    Parameters
    ----------
    batches : iterable of pyarrow.RecordBatch
    names : sequence of str
        What their columns are called.

    Yields
    ------
    pyarrow.Table
    """
    held: list[pa.RecordBatch] = []
    for batch in batches:
        held.append(batch)
        if sum(one.nbytes for one in held) >= _PIECE:
            yield pa.Table.from_batches(held).rename_columns(list(names))
            held = []
    if held:
        yield pa.Table.from_batches(held).rename_columns(list(names))


def packed(pieces: Iterable[pa.Table], table: str, places: Places, n: int) -> Iterator[pa.RecordBatch]:
    """Set out rows by partition.

    Parameters
    ----------
    pieces : iterable of pyarrow.Table
        Rows of one table.
    table : str
        Its name.
    places : callable
        Gives, for a piece, positions of rows and the partition that each is needed in.
    n : int
        Number of partitions.

    Yields
    ------
    pyarrow.RecordBatch
        Of the schema `PAYLOADS`.
    """
    for piece in pieces:
        rows, partitions = places(piece)
        _, rows, bounds = counting_order(partitions, n, rows)
        whole = piece.combine_chunks()
        found: list[tuple[int, bytes]] = []
        for number in np.flatnonzero(np.diff(bounds)).tolist():
            found.append((number, _bytes(whole.take(pa.array(rows[bounds[number] : bounds[number + 1]])))))
            if sum(len(payload) for _, payload in found) >= _PIECE:
                yield _payloads(found, table)
                found = []
        yield _payloads(found, table)


def unpacked(batches: Iterable[pa.RecordBatch]) -> dict[str, pa.Table]:
    """Take the rows of a partition back.

    Parameters
    ----------
    batches : iterable of pyarrow.RecordBatch
        Columns as those of `PAYLOADS`, all of one partition.

    Returns
    -------
    dict of str to pyarrow.Table
        By table.
    """
    found: dict[str, list[pa.Table]] = {}
    for batch in batches:
        for table, payload in zip(batch.column(1).to_pylist(), batch.column(2), strict=True):
            found.setdefault(table, []).append(pa.ipc.open_stream(payload.as_buffer()).read_all())
    return {table: pa.concat_tables(parts) for table, parts in found.items()}


def table_columns(rows: pa.Table, name: str) -> TableColumns:
    """Take rows of Arrow as a table that calculations read.

    Parameters
    ----------
    rows : pyarrow.Table
    name : str
        The table that they are of.

    Returns
    -------
    TableColumns
    """
    return TableColumns(name, rows.column_names, len(rows), lambda column: arrow_column(rows[column], name, column))


def arrow_tables(whole: Mapping[str, Sequence[str]], parts: Mapping[str, pa.Table]) -> PartTables:
    """Take rows of Arrow as the tables of a partition.

    Parameters
    ----------
    whole : mapping of str to sequence of str
        All tables that are there, with all of their columns.
    parts : mapping of str to pyarrow.Table
        The rows of the partition, with the columns that were set out.

    Returns
    -------
    PartTables
    """

    def read(name: str, column: str) -> pd.Series:
        return arrow_column(parts[name][column], name, column)

    n_rows = {name: len(rows) for name, rows in parts.items()}
    columns = {name: rows.column_names for name, rows in parts.items()}
    return PartTables(_Names(whole), n_rows, columns, read)


class _Names:
    """Which tables are there, and what their columns are called."""

    def __init__(self, names: Mapping[str, Sequence[str]]) -> None:
        self._names = names

    @property
    def names(self) -> list[str]:
        return list(self._names)

    def has(self, name: str) -> bool:
        return name in self._names

    def columns(self, name: str) -> TableColumns:
        return TableColumns(name, self._names[name], 0, lambda column: pd.Series(dtype="str", name=column))


def _bytes(rows: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        writer.write_table(rows)
    return bytes(sink.getvalue())


def _payloads(found: list[tuple[int, bytes]], table: str) -> pa.RecordBatch:
    partitions, payloads = [number for number, _ in found], [payload for _, payload in found]
    return pa.RecordBatch.from_pydict(
        {"partition": partitions, "table": [table] * len(found), "rows": payloads}, schema=PAYLOADS
    )

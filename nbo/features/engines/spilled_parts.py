"""Tables on disk, set out once more by partition."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from nbo import columns as c
from nbo.features.engines.part_tables import PartTables
from nbo.features.engines.routes import Routes
from nbo.features.needs import Needs
from nbo.features.order import counting_order
from nbo.progress import track
from nbo.tables import StoredTables, TableColumns
from nbo.tables.stored_table import PIECE, StoredTable
from nbo.whole_files import whole_file

__all__ = ["SpilledParts"]

# A dictionary of more texts than this takes longer to write, and to read again for each partition, than the texts.
_TEXTS = 4096
_FEWEST = 1 << 15
_DONE = "done.json"


class SpilledParts:
    """Tables on disk, set out once more by partition, so that one partition is read without the others.

    Each table is read once, a bounded number of rows at a time. Each such piece becomes one
    Arrow file in which the rows of a partition stand together; in a partition, rows keep the order of
    the table. A table that is set out whole is not set out again after a stop.

    Parameters
    ----------
    tables : StoredTables
    needs : dict of str to list of str, or None
        What is read of each table.
    routes : Routes
    folder : Path
        Where to set out.
    """

    def __init__(self, tables: StoredTables, needs: Needs, routes: Routes, folder: Path) -> None:
        self._tables, self._routes, self._folder = tables, routes, folder
        self._columns = {
            name: _read_columns(tables.stored(name), columns) for name, columns in needs.items() if tables.has(name)
        }
        self._n_pieces: dict[str, int] = {}
        self._n_rows: dict[str, list[int]] = {}

    def spill(self, progress: bool | None = None) -> None:
        """Set out the tables that are not yet.

        Parameters
        ----------
        progress : bool, optional
            As for :func:`nbo.progress.track`.
        """
        for name in self._columns:
            if not (self._folder / name / _DONE).exists():
                self._spill_table(name, progress)
            done = json.loads((self._folder / name / _DONE).read_text())
            self._n_pieces[name], self._n_rows[name] = done["pieces"], done["rows"]

    def part(self, number: int) -> PartTables:
        """Give the tables of one partition; a column is read when it is asked for."""
        n_rows = {name: rows[number] for name, rows in self._n_rows.items()}
        return PartTables(self._tables, n_rows, self._columns, lambda name, column: self._column(name, column, number))

    def _spill_table(self, name: str, progress: bool | None) -> None:
        stored, columns = self._tables.stored(name), self._columns[name]
        keys = [key for key in self._routes.keys(name) if key in stored.names]
        shutil.rmtree(self._folder / name, ignore_errors=True)
        # Rows of a postcode, or of nobody, may be needed in every partition.
        piece = max(PIECE // self._routes.n, _FEWEST) if not keys or c.POSTCODE in keys else PIECE
        batches = stored.record_batches(list(dict.fromkeys([*columns, *keys])), piece)
        n_rows, n_pieces = np.zeros(self._routes.n, dtype=np.int64), 0
        total = -(-len(stored) // piece)
        for batch in track(batches, f"setting out {name}", total=total, unit="piece", progress=progress):
            rows, places = self._routes.places(TableColumns(name, keys, batch.num_rows, batch.column))
            _, rows, bounds = counting_order(places, self._routes.n, rows)
            with whole_file(self._piece(name, n_pieces)) as aside:
                _write(batch.select(columns).take(pa.array(rows)), bounds, aside)
            n_rows, n_pieces = n_rows + np.diff(bounds), n_pieces + 1
        with whole_file(self._folder / name / _DONE) as aside:
            aside.write_text(json.dumps({"pieces": n_pieces, "rows": n_rows.tolist()}))

    def _piece(self, name: str, number: int) -> Path:
        return self._folder / name / f"{number:06}.arrow"

    def _column(self, name: str, column: str, number: int) -> pd.Series:
        stored = self._tables.stored(name)
        if not self._n_pieces[name]:
            return stored.column(column)
        place, category = self._columns[name].index(column), stored.is_category(column)
        paths = [self._piece(name, piece) for piece in range(self._n_pieces[name])]
        chunks = [_read(path, place, number) for path in paths]
        if category:
            chunks = [_coded(chunk) for chunk in chunks]
        return stored.typed(pa.chunked_array(chunks), column)


def _read_columns(stored: StoredTable, columns: list[str] | None) -> list[str]:
    return list(stored.names) if columns is None else [name for name in columns if name in stored.names]


def _write(sorted_rows: pa.RecordBatch, bounds: np.ndarray, path: Path) -> None:
    """Write the rows of each partition as one batch of an Arrow file."""
    lean = [_lean(column) for column in sorted_rows.columns]
    batch = pa.RecordBatch.from_arrays(lean, names=sorted_rows.schema.names)
    options = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, batch.schema, options=options) as writer:
        for first, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
            writer.write_batch(batch.slice(first, end - first))


def _lean(column: pa.Array) -> pa.Array:
    if not pa.types.is_dictionary(column.type):
        return column
    if len(column.dictionary) > _TEXTS:
        return column.dictionary_decode()
    return column.cast(pa.dictionary(pa.int16(), column.type.value_type))


def _coded(chunk: pa.Array) -> pa.Array:
    if not pa.types.is_dictionary(chunk.type):
        return chunk.dictionary_encode()
    return chunk.cast(pa.dictionary(pa.int32(), chunk.type.value_type))


def _read(path: Path, column: int, number: int) -> pa.Array:
    options = pa.ipc.IpcReadOptions(included_fields=[column], use_threads=False)
    with pa.memory_map(str(path)) as source:
        return pa.ipc.open_file(source, options=options).get_batch(number).column(0)

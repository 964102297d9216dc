"""Customers whose features were built before, read from Parquet a bounded number of rows at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from nbo import columns as c
from nbo.batch.kernel import feature_frame
from nbo.batch.rejects import REJECT_TYPES, is_blank, rejects_frame
from nbo.batch.rows import Ask, Rows
from nbo.errors import InputError
from nbo.experiments import Arms
from nbo.features import FeatureFiles, known_customers
from nbo.features.engines.out_folder import is_unfinished
from nbo.features.engines.partition import key_hashes
from nbo.next_best_offer import NextBestOffer
from nbo.next_best_offer.asked import Asked
from nbo.tables import CustomerTables, Spine
from nbo.times import check_times

__all__ = ["FeatureRows", "feature_paths"]

TABLE = "features"


def feature_paths(place: str | Path) -> list[Path]:
    """Find the Parquet files of features.

    Parameters
    ----------
    place : str or Path
        A file, or a folder of them, such as ``FeatureSet.build(..., out=...)`` writes.

    Returns
    -------
    list of Path
        By name; files whose name begins with ``.`` or ``_`` are no features.

    Raises
    ------
    InputError
        If there is none, or a build of features is not done there.
    """
    place = Path(place)
    if place.is_file():
        return [place]
    if is_unfinished(place):
        raise InputError(f"{place} holds features whose build is not done. Build them again: it goes on.")
    if (place / "manifest.json").is_file():
        return FeatureFiles(place).paths
    found = [path for path in sorted(place.rglob("*.parquet")) if path.name[0] not in "._"]
    if not found:
        raise InputError(f"features must be a Parquet file or a folder of some; there is none at {place}.")
    return found


class FeatureRows(Rows):
    """Customers whose features were built before, read from Parquet a bounded number of rows at a time.

    They are read twice: once to set aside the rows that cannot be scored, and once to score. Rows without a customer,
    of a customer who stood before or was not known by the moment, of another moment, or with an infinite feature are
    set aside.

    Parameters
    ----------
    model : NextBestOffer
    place : str or Path
        As for :func:`feature_paths`; with the column `customer_id`, and `as_of` or not.
    tables : CustomerTables
        For the rules.
    rejects : DataFrame
        Rows of the tables that were set aside.
    as_of : Timestamp
    limit : int or None
        Only the first so many rows.

    Raises
    ------
    InputError
        If there are no files, a feature or `customer_id` is missing, or a file cannot be read.
    """

    def __init__(
        self,
        model: NextBestOffer,
        place: str | Path,
        tables: CustomerTables,
        rejects: pd.DataFrame,
        as_of: pd.Timestamp,
        limit: int | None,
    ) -> None:
        self._model, self._tables, self._as_of = model, tables, as_of
        self._paths, self._names = feature_paths(place), model.features.feature_names
        self._timed = self._check_schemas()
        there = sum(pq.read_metadata(path).num_rows for path in self._paths)
        self._settle(there if limit is None else min(limit, there), rejects)

    def _settle(self, n_rows: int, rejects: pd.DataFrame) -> None:
        """Find the rows that cannot be scored, and list them behind those of the tables."""
        self.n_rows = n_rows
        # Rules know nothing of others, not even that they refused their consent.
        told = self._tables.has("customers")
        self._known = key_hashes(known_customers(self._tables, self._as_of).frame[c.CUSTOMER_ID]) if told else None
        found = self._faulty()
        self._usable = np.ones(self.n_rows, dtype=bool)
        self._usable[found["row"]] = False
        self.n_customers = int(self._usable.sum())
        self.rejects = pd.concat([rejects, found], ignore_index=True) if len(found) else rejects

    def parts(self, size: int, wanted: Collection[int], arms: Arms | None) -> Iterator[tuple[int, Ask]]:  # noqa: D102
        for number, rows in enumerate(self._read(size, [c.CUSTOMER_ID, *self._names])):
            if number in wanted:
                usable = self._usable[number * size : number * size + len(rows)]
                yield number, partial(self._ask, rows.filter(pa.array(usable)), arms)

    def whole(self, arms: Arms | None) -> Asked:  # noqa: D102
        rows = pa.concat_tables(self._read(self.n_rows or 1, [c.CUSTOMER_ID, *self._names]))
        return self._ask(rows.filter(pa.array(self._usable)), arms)

    def _ask(self, rows: pa.Table, arms: Arms | None) -> Asked:
        ids = rows.column(c.CUSTOMER_ID).to_pandas()
        spine = Spine.of(pd.DataFrame({c.CUSTOMER_ID: ids, c.AS_OF: self._as_of}))
        return Asked.of(self._model, self._tables, spine, arms=arms, X=feature_frame(rows, self._names))

    def _check_schemas(self) -> bool:
        """Refuse files without a needed column; tell whether they say the moment of their rows."""
        timed: list[bool] = []
        first: dict[str, str] = {}
        for path in self._paths:
            try:
                schema = pq.read_schema(path)
                names = schema.names
            except (OSError, pa.ArrowInvalid) as error:
                raise InputError(f"{path} cannot be read as Parquet: {error}.") from error
            lacking = [name for name in (c.CUSTOMER_ID, *self._names) if name not in names]
            if lacking:
                raise InputError(
                    f"{path} lacks {len(lacking)} of the {len(self._names)} features of the model, or the customer_id; "
                    f"first {lacking[0]!r}. Build them by model.features.build(tables, spine, out=folder)."
                )
            timed.append(c.AS_OF in names)
            for name in (c.CUSTOMER_ID, *self._names):
                kind = _kind(schema.field(name).type)
                if kind and first.setdefault(name, kind) != kind:
                    raise InputError(f"{path} holds {kind} in {name!r}, and the files before it {first[name]}.")
        if any(timed) and not all(timed):
            raise InputError(
                f"features must all have the column as_of, or none; {self._paths[timed.index(False)]} lacks it."
            )
        return all(timed)

    def _read(self, size: int, names: list[str]) -> Iterator[pa.Table]:
        """Give the rows in tables of `size` rows, the last one shorter; at least one table."""
        held: list[pa.Table] = []
        n_held, left, given = 0, self.n_rows, False
        for path in self._paths:
            # Read ahead, Arrow would keep every column chunk of the file.
            for batch in pq.ParquetFile(path, pre_buffer=False).iter_batches(min(size, 65_536), columns=names):
                rows = pa.Table.from_batches([batch.slice(0, left)]).select(names)
                left -= len(rows)
                held, n_held = [*held, rows], n_held + len(rows)
                while n_held >= size:
                    together = pa.concat_tables(held, promote_options="permissive")
                    yield together.slice(0, size)
                    held, n_held, given = [together.slice(size)], n_held - size, True
                if not left:
                    break
            if not left:
                break
        if n_held or not given:
            yield pa.concat_tables(held, promote_options="permissive") if held else self._nobody(names)

    def _nobody(self, names: list[str]) -> pa.Table:
        return pq.read_schema(self._paths[0]).empty_table().select(names)

    def _faulty(self) -> pd.DataFrame:
        """List the rows that cannot be scored, each with its first reason."""
        names = [c.CUSTOMER_ID, *([c.AS_OF] if self._timed else []), *self._names]
        found, hashes, first = [], [], 0
        for rows in self._read(65_536, names):
            ids = rows.column(c.CUSTOMER_ID)
            faults = list(self._row_faults(rows))
            hashes.append(key_hashes(ids.combine_chunks()))
            found.append(rejects_frame(TABLE, ids.to_pandas(), faults, first))
            first += len(rows)
        keys = np.concatenate(hashes)
        lost = np.concatenate([part["row"].to_numpy() for part in found])
        # A row that is set aside anyway takes nobody's place.
        left = np.delete(np.arange(len(keys)), lost)
        order = left[np.argsort(keys[left], kind="stable")]
        again = np.sort(order[1:][keys[order[1:]] == keys[order[:-1]]])
        found.append(self._twice(again))
        return pd.concat(found, ignore_index=True).sort_values("row", ignore_index=True).astype(REJECT_TYPES)

    def _row_faults(self, rows: pa.Table) -> Iterator[tuple[np.ndarray, str, str]]:
        ids = rows.column(c.CUSTOMER_ID)
        yield ids.is_null().to_numpy(), c.CUSTOMER_ID, "missing"
        if not pa.types.is_integer(ids.type):
            yield is_blank(ids.to_pandas()), c.CUSTOMER_ID, "blank"
        if self._known is not None:
            unknown = ~np.isin(key_hashes(ids.combine_chunks()), self._known)
            yield unknown & ids.is_valid().to_numpy(), c.CUSTOMER_ID, f"no customer known before {self._as_of}"
        if self._timed:
            other = check_times(rows.column(c.AS_OF).to_pandas(), "features.as_of", missing=True) != self._as_of
            yield other.to_numpy(), c.AS_OF, f"not {self._as_of}"
        for name in self._names:
            column = rows.column(name)
            if pa.types.is_floating(column.type):
                infinite = pc.fill_null(pc.is_inf(column), False)
                if pc.any(infinite).as_py():
                    yield infinite.to_numpy(), name, "not finite"

    def _twice(self, again: np.ndarray) -> pd.DataFrame:
        """List later rows of customers who stood before."""
        ids: list[Any] = []
        first = 0
        for rows in self._read(65_536, [c.CUSTOMER_ID]) if len(again) else ():
            own = again[(again >= first) & (again < first + len(rows))] - first
            ids += rows.column(c.CUSTOMER_ID).take(pa.array(own)).to_pylist()
            first += len(rows)
        wrong = np.ones(len(again), dtype=bool)
        frame = rejects_frame(TABLE, pd.Series(ids, dtype=object), [(wrong, c.CUSTOMER_ID, "an earlier row has it")])
        return frame.assign(row=again)


def _kind(kind: pa.DataType) -> str:
    """Say what a column holds; nothing where nothing is known."""
    if pa.types.is_null(kind):
        return ""
    if pa.types.is_dictionary(kind):
        return _kind(kind.value_type)
    plain = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)
    return "numbers" if plain or pa.types.is_decimal(kind) else "texts" if _is_text(kind) else str(kind)


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)

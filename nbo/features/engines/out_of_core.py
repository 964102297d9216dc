"""Features of tables and spines of any size: partition by partition, each by the same kernel, into files."""

from __future__ import annotations

import math
from collections.abc import Sized
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd
import pyarrow as pa
from joblib import Parallel, delayed

from nbo import columns as c
from nbo.errors import InputError
from nbo.features.engines.feature_files import SPINE_ROW, FeatureFiles
from nbo.features.engines.fingerprint import fingerprint
from nbo.features.engines.held_parts import HeldParts
from nbo.features.engines.out_folder import OutFolder
from nbo.features.engines.partition import check_partitions, partition_of
from nbo.features.engines.routes import Routes
from nbo.features.engines.spilled_parts import SpilledParts
from nbo.features.keys import match_keys
from nbo.features.needs import Needs, linked_tables, links
from nbo.features.order import counting_order
from nbo.progress import track
from nbo.tables import CustomerTables, Spine, StoredTables
from nbo.tables.stored_tables import pieces

if TYPE_CHECKING:
    from nbo.features.feature_set import FeatureSet

__all__ = ["build_files", "planned_partitions"]

# What a partition is meant to take at its peak, and what it takes by row and column.
_TARGET = 512 * 2**20
_PER_VALUE = 16
_PER_ROW = 60
_PER_CELL = 24


def build_files(
    features: FeatureSet,
    tables: CustomerTables | StoredTables,
    spine: Spine,
    out: Path,
    partitions: int | None = None,
    progress: bool | None = None,
    overwrite: bool = False,
    n_jobs: int = 1,
) -> FeatureFiles:
    """Build features into files, one partition of the customers after the other.

    Parameters
    ----------
    features : FeatureSet
        Fitted.
    tables : CustomerTables or StoredTables
    spine : Spine
    out : Path
    partitions, progress, overwrite, n_jobs
        As for :meth:`FeatureSet.build`.

    Returns
    -------
    FeatureFiles
    """
    check_partitions(partitions)
    folder, needs = OutFolder(out), features.needs()
    folder.check()
    _check_ids(features, tables, spine)
    build = fingerprint(features.to_dict(), tables, spine, needs)
    with folder.locked():
        if not folder.is_done(build, partitions, overwrite):
            n = folder.begin(build, partitions or planned_partitions(features, tables, spine, needs, n_jobs))
            _write_parts(features, tables, spine, folder, n, progress, n_jobs)
            folder.finish(_about(features, len(spine)))
    return FeatureFiles(out)


def _check_ids(features: FeatureSet, tables: CustomerTables | StoredTables, spine: Spine) -> None:
    """Refuse ids that are text here and numbers there, which might never meet in one partition."""
    for name in sorted({name for builder in features.builders for name in builder.tables}):
        if tables.has(name) and c.CUSTOMER_ID in tables.columns(name):
            for first in islice(pieces(tables, name, [c.CUSTOMER_ID]), 1):
                match_keys(first, spine.frame.iloc[:1], c.CUSTOMER_ID)


def _about(features: FeatureSet, n_rows: int) -> dict[str, Any]:
    names = [SPINE_ROW, c.CUSTOMER_ID, c.AS_OF, *features.feature_names]
    dictionary = features.describe().to_dict("records")
    return {"rows": n_rows, "columns": names, "features": features.to_dict(), "dictionary": dictionary}


def planned_partitions(features: FeatureSet, tables: Any, spine: Sized, needs: Needs, n_jobs: int = 1) -> int:
    """Plan how many partitions to make, so that what one takes in memory stays bounded.

    Parameters
    ----------
    features : FeatureSet
        Fitted.
    tables : CustomerTables, StoredTables or other tables with `has` and `columns`
        Only their names and lengths count.
    spine : Spine, or whatever is as long
    needs : dict of str to list of str, or None
        What is read of each table.
    n_jobs : int, default=1
        How many partitions are computed at once.

    Returns
    -------
    int
    """
    size = len(spine) * _PER_CELL * len(features.feature_names)
    for name, columns in needs.items():
        if tables.has(name):
            table = tables.columns(name)
            read = [column for column in table.columns if columns is None or column in columns]
            size += len(table) * (_PER_ROW + _PER_VALUE * len(read))
    return max(1, math.ceil(size * max(n_jobs, 1) / _TARGET))


def _write_parts(
    features: FeatureSet,
    tables: CustomerTables | StoredTables,
    spine: Spine,
    folder: OutFolder,
    n: int,
    progress: bool | None,
    n_jobs: int,
) -> None:
    todo = [number for number in range(n) if not folder.has_part(number)]
    if not todo:
        return
    parts = _parts(features, tables, n, folder.work, progress)
    asked = _asked(spine, n)

    def write(number: int) -> None:
        rows, part = asked[number], cast(CustomerTables, parts.part(number))
        some = Spine.of(spine.frame.iloc[rows])
        folder.write_part(_table(rows, some.frame, features.build(part, some)), number)

    # Threads, for the arrays are shared and NumPy leaves the interpreter to others while it works.
    work = Parallel(n_jobs, backend="threading", return_as="generator")(delayed(write)(number) for number in todo)
    for _ in track(work, "building features", total=len(todo), unit="part", progress=progress):
        pa.default_memory_pool().release_unused()


def _parts(
    features: FeatureSet, tables: CustomerTables | StoredTables, n: int, work: Path, progress: bool | None
) -> HeldParts | SpilledParts:
    """Cut the tables by partition."""
    needs, builders = features.needs(), features.builders
    routes = Routes.of(tables, n, links(builders), linked_tables(builders), needs)
    if isinstance(tables, CustomerTables):
        return HeldParts(tables, needs, routes)
    parts = SpilledParts(tables, needs, routes, work)
    parts.spill(progress)
    return parts


def _asked(spine: Spine, n: int) -> list[np.ndarray]:
    """Give the rows of the spine of each partition."""
    order, _, bounds = counting_order(partition_of(spine.frame[c.CUSTOMER_ID], n), n)
    return np.split(order.astype(np.int64), bounds[1:-1])


def _table(rows: np.ndarray, asked: pd.DataFrame, X: pd.DataFrame) -> pa.Table:
    ids = asked[c.CUSTOMER_ID]
    if isinstance(ids.dtype, pd.CategoricalDtype):
        ids = ids.astype(ids.cat.categories.dtype)
    columns: dict[str, Any] = {
        SPINE_ROW: rows,
        c.CUSTOMER_ID: ids,
        c.AS_OF: asked[c.AS_OF],
        **{str(name): X[name] for name in X},
    }
    try:
        return pa.table({name: _array(values) for name, values in columns.items()})
    except pa.ArrowException as error:
        raise InputError(f"customer ids must be all texts or all whole numbers to be written: {error}") from error


def _array(values: Any) -> pa.Array:
    array = pa.array(values, from_pandas=True)
    return array.cast(pa.string()) if pa.types.is_large_string(array.type) else array

"""Tables on Spark, and what the driver needs to know of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from nbo import columns as c
from nbo.checks import check_one_of
from nbo.errors import InputError
from nbo.features.engines.payloads import table_columns
from nbo.features.engines.spark_numbered import ROW, numbered_by_content, numbered_by_place, place_of
from nbo.features.engines.spark_rows import SparkRows, arrow_rows
from nbo.features.engines.spark_session import is_spark_frame
from nbo.tables import CONTRACTS, CustomerTables, StoredTables, TableColumns

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["SparkTables", "read_files"]

# Columns that lead rows to other customers.
_KEYS = (c.CUSTOMER_ID, c.ANONYMOUS_ID, c.RELATED_ID, c.DECISION_ID)
_SHARED = (c.HOUSEHOLD_ID, c.ACCOUNT_ID, c.POSTCODE)


class SparkTables:
    """Tables on Spark, and what the driver needs to know of them: names, types, numbers of rows, keys.

    Parameters
    ----------
    tables : CustomerTables, StoredTables, str, Path, or mapping of str to DataFrame of Spark
    session : SparkSession
    numbered : bool, default=False
        Add the column `ROW`: the position of a row in its table, or, of a data frame of Spark, which has no order,
        a hash of what it holds.

    Raises
    ------
    InputError
        If a table is unknown, or a folder cannot be read.
    TypeError
        If a table is no data frame of Spark.
    """

    def __init__(self, tables: Any, session: SparkSession, numbered: bool = False) -> None:
        self.session = session
        found: dict[str, Any]
        if isinstance(tables, CustomerTables):
            found = {name: _held(tables.get(name), name, numbered) for name in tables.names}
        elif isinstance(tables, Mapping):
            found = {n: numbered_by_content(rows) if numbered else rows for n, rows in _checked(tables).items()}
        else:
            stored = StoredTables(tables) if isinstance(tables, str | Path) else tables
            found = {
                name: read_files(stored.stored(name).paths, session, f"the table {name} in {stored.folder}", numbered)
                for name in stored.names
            }
        self.rows = {name: SparkRows(rows, session) for name, rows in found.items()}

    @property
    def names(self) -> list[str]:
        """The tables that are there."""
        return list(self.rows)

    def has(self, name: str) -> bool:
        """Tell whether a table is there."""
        return name in self.rows

    def columns(self, name: str) -> TableColumns:
        """Give the columns of a table with their types, without rows; the catalog, which is small, with them.

        Parameters
        ----------
        name : str

        Returns
        -------
        TableColumns
        """
        if not self.has(name):
            check_one_of(name, list(CONTRACTS), "table")
            return TableColumns.without_rows(name)
        rows = self.rows[name]
        return table_columns(rows.fetched(rows.names) if name == "catalog" else rows.empty(), name)

    def sized(self, names: Collection[str]) -> SizedTables:
        """Count the rows of some tables, in one job."""
        counts = {name: self.rows[name].n_rows(name) for name in names if self.has(name)}
        here = {name: n for name, n in counts.items() if isinstance(n, int)}
        there = [n for n in counts.values() if not isinstance(n, int)]
        found = reduce(lambda one, other: one.union(other), there).collect() if there else []
        return SizedTables(self, here | {row["label"]: row["n"] for row in found})

    def keys(self, needed: Collection[str], links: Collection[str]) -> KeyTables:
        """Give the keys that lead rows to other customers, brought here when they are asked for.

        Parameters
        ----------
        needed : collection of str
            The tables that are read.
        links : collection of str
            Keys by which other customers' rows matter.

        Returns
        -------
        KeyTables
        """
        by_place = self.rows["environment"].names if "environment" in needed and self.has("environment") else []
        keys = {*_KEYS, *(key for key in _SHARED if key in links or key in by_place)}
        return KeyTables(self, {*needed, "customers", "decisions"}, keys)


class SizedTables:
    """Tables of which only the names of the columns and the numbers of rows are known."""

    def __init__(self, tables: SparkTables, n_rows: Mapping[str, int]) -> None:
        self._tables, self._n_rows = tables, n_rows

    def has(self, name: str) -> bool:
        return name in self._n_rows

    def columns(self, name: str) -> TableColumns:
        return TableColumns(name, self._tables.rows[name].names, self._n_rows[name], _nothing)


class KeyTables:
    """Tables of which only keys can be read, each combination of them once or more."""

    def __init__(self, tables: SparkTables, names: Collection[str], keys: Collection[str]) -> None:
        self._tables, self._names, self._keys = tables, names, keys
        self._fetched: dict[str, TableColumns] = {}

    def has(self, name: str) -> bool:
        return name in self._names and self._tables.has(name)

    def columns(self, name: str) -> TableColumns:
        rows = self._tables.rows[name]

        def read(column: str) -> pd.Series:
            if name not in self._fetched:
                keys = [key for key in rows.names if key in self._keys]
                self._fetched[name] = table_columns(rows.fetched(keys), name)
            return self._fetched[name][column]

        return TableColumns(name, rows.names, 0, read)


def _nothing(column: str) -> pd.Series:
    return pd.Series(dtype="str", name=column)


def _checked(tables: Mapping[Any, Any]) -> dict[str, DataFrame]:
    for name, frame in tables.items():
        check_one_of(name, list(CONTRACTS), "table")
        if not is_spark_frame(frame):
            raise TypeError(f"the table {name} must be a data frame of Spark; got {type(frame).__name__}.")
    return dict(tables)


def _held(frame: pd.DataFrame, name: str, numbered: bool) -> pa.Table:
    rows = arrow_rows(frame, name)
    return rows.append_column(ROW, pa.array(np.arange(len(rows)))) if numbered else rows


def read_files(paths: Sequence[Path], session: SparkSession, what: str, numbered: bool = False) -> DataFrame:
    """Read Parquet files by Spark, each by its name: folders such as `year=2026` are no columns.

    Parameters
    ----------
    paths : sequence of Path
    session : SparkSession
    what : str
        What they hold, for messages.
    numbered : bool, default=False
        Add the column `ROW`, the position of a row.

    Returns
    -------
    DataFrame of Spark

    Raises
    ------
    InputError
        If Spark cannot read them.
    """
    from pyspark.errors import AnalysisException

    hidden = [path for path in paths if path.name.startswith(("_", "."))]
    if hidden:
        raise InputError(f"Spark does not read files that begin with _ or a dot, such as {hidden[0]}; rename it.")
    try:
        rows = session.read.parquet(*[place_of(path) for path in paths])
    except AnalysisException as error:
        raise InputError(f"Spark cannot read {what}: {str(error).splitlines()[0]}") from error
    return numbered_by_place(rows, paths) if numbered else rows

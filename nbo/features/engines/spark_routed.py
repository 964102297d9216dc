"""One task of Spark for each partition of the customers, with the rows of tables that it needs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from nbo import columns as c
from nbo.features.engines.payloads import packed, table_columns
from nbo.features.engines.routes import Routes
from nbo.features.engines.spark_session import Task, telling
from nbo.features.engines.spark_tables import SparkTables
from nbo.features.needs import Needs
from nbo.tables import CONTRACTS

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.types import StructType

__all__ = ["SPARK_PAYLOADS", "RoutedTables"]

# The schema PAYLOADS in the words of Spark.
SPARK_PAYLOADS = "partition int, table string, rows binary"


class RoutedTables:
    """Tables on Spark whose rows go to the partitions that need them, to be computed by one task each.

    Parameters
    ----------
    tables : SparkTables
    needs : dict of str to list of str, or None
        What is read of each table; None stands for all columns.

    Attributes
    ----------
    whole : dict of str to list of str
        All tables that are there, with all of their columns.
    empty : dict of str to pyarrow.Table
        The tables that are read, without rows.
    """

    def __init__(self, tables: SparkTables, needs: Needs) -> None:
        self._tables = tables
        self._columns = {name: self._read(name, columns) for name, columns in needs.items() if tables.has(name)}
        self.whole = {name: tables.rows[name].names for name in tables.names}
        self.empty = {name: tables.rows[name].empty(columns) for name, columns in self._columns.items()}

    def run(
        self,
        task: Task,
        schema: str | StructType,
        n: int,
        beside: Sequence[DataFrame] = (),
        links: Collection[str] = (),
        linked_tables: Collection[str] = (),
        wanted: Collection[int] | None = None,
        strays: bool = False,
    ) -> DataFrame:
        """Run a task for each partition.

        Parameters
        ----------
        task : callable
            Takes batches of the schema ``PAYLOADS``, all of one partition, or none; gives batches.
        schema : str or StructType
            What it gives, in the words of Spark.
        n : int
            Number of partitions.
        beside : sequence of DataFrame of Spark
            More payloads, such as those of the questions.
        links, linked_tables : collection of str
            As for :meth:`Routes.of`.
        wanted : collection of int, optional
            Only rows of these partitions are sent out; all by default.
        strays : bool, default=False
            Whether rows that must name a customer and do not go to the first partition, and not nowhere.

        Returns
        -------
        DataFrame of Spark
            Not computed yet.
        """
        routes = Routes.of(self._tables.keys(self._columns, links), n, links, linked_tables)
        asked = np.isin(np.arange(n), list(range(n) if wanted is None else wanted))
        parts = [self._set_out(name, routes, asked, strays) for name in self._columns]
        rows = reduce(lambda one, other: one.union(other), [*parts, *beside])
        return rows.repartitionById(n, "partition").mapInArrow(telling(task), schema)

    def _read(self, name: str, columns: list[str] | None) -> list[str]:
        there = self._tables.rows[name].names
        wanted = there if columns is None else {*columns, *Routes.keys(name)}
        return [column for column in there if column in wanted]

    def _set_out(self, name: str, routes: Routes, asked: np.ndarray, strays: bool) -> DataFrame:
        key = CONTRACTS[name].column(c.CUSTOMER_ID)
        lost = strays and key is not None and key.required

        def places(piece: pa.Table) -> tuple[np.ndarray, np.ndarray]:
            rows, partitions = routes.places(table_columns(piece, name))
            if lost:
                some = np.setdiff1d(np.flatnonzero(piece[c.CUSTOMER_ID].is_null()), rows)
                rows, partitions = np.append(rows, some), np.append(partitions, np.zeros(len(some), partitions.dtype))
            return (rows, partitions) if asked.all() else (rows[asked[partitions]], partitions[asked[partitions]])

        def work(pieces: Iterator[pa.Table]) -> Iterator[pa.RecordBatch]:
            return packed(pieces, name, places, routes.n)

        return self._tables.rows[name].through(work, self._columns[name], SPARK_PAYLOADS)

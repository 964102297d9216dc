"""Learn the columns of features from tables on Spark."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from nbo import columns as c
from nbo.features.engines.payloads import arrow_tables
from nbo.features.engines.spark_tables import SparkTables
from nbo.features.past import Counts, Past
from nbo.tables import CONTRACTS, Spine

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

__all__ = ["CountedPast", "anybody"]

# A table, and what to count in it.
Asked = tuple[str, Counts]

# Values of a column that are brought to the driver, the most frequent.
_MOST = 100_000
# Different values that a task holds before it passes their counts on.
_HELD = 1_000_000
_COUNTS = "asked int, text string, n long"


class CountedPast(Past):
    """What `fit` may see of tables on Spark: their columns, and counts of values.

    A count that is not there yet is noted, and given as nothing for now; :meth:`count` makes
    one job of all that were noted. So a fit asks, counts, and then goes by the counts.

    Parameters
    ----------
    tables : SparkTables
    latest : Timestamp
        Rows known before it count; NaT if none do.
    """

    def __init__(self, tables: SparkTables, latest: pd.Timestamp) -> None:
        self._on_spark, self._spine = tables, anybody(latest)
        super().__init__(tables, self._spine)
        self._found: dict[Asked, dict[str, int]] = {}
        self._noted: list[Asked] = []

    def counted(self, name: str, count: Counts) -> dict[str, int]:
        """Give the counts, or nothing as long as they are not there."""
        which = (name, count)
        if which not in self._found and which not in self._noted:
            # On tables without rows this refuses what it would refuse on others.
            super().counted(name, count)
            self._noted.append(which)
        return self._found.get(which, {})

    def count(self) -> bool:
        """Count what was noted; tell whether there was something."""
        if not self._noted:
            return False
        counts: dict[Asked, dict[str, int]] = {which: {} for which in self._noted}
        for row in self._most_frequent().orderBy("text").collect():
            counts[self._noted[row["asked"]]][row["text"]] = row["n"]
        self._found |= counts
        self._noted = []
        return True

    def _most_frequent(self) -> DataFrame:
        from pyspark.sql import Window
        from pyspark.sql import functions as f

        by_table: dict[str, list[tuple[int, Asked]]] = {}
        for number, which in enumerate(self._noted):
            by_table.setdefault(which[0], []).append((number, which))
        parts = [self._counted(name, some) for name, some in by_table.items() if self._on_spark.has(name)]
        if not parts:
            return self._on_spark.session.createDataFrame([], _COUNTS)
        counts = reduce(lambda one, other: one.union(other), parts).groupBy("asked", "text").agg(f.sum("n").alias("n"))
        rank = f.row_number().over(Window.partitionBy("asked").orderBy(f.desc("n"), "text"))
        return counts.withColumn("rank", rank).where(f.col("rank") <= _MOST)

    def _counted(self, name: str, some: list[tuple[int, Asked]]) -> DataFrame:
        rows, spine = self._on_spark.rows[name], self._spine
        names = [str(CONTRACTS[name].time), c.KNOWN_AT, *(column for _, (_, count) in some for column in count.columns)]
        there = [column for column in dict.fromkeys(names) if column in rows.names]

        def work(pieces: Iterator[pa.Table]) -> Iterator[pa.RecordBatch]:
            return _counts(pieces, name, some, spine)

        return rows.through(work, there, _COUNTS)


def anybody(latest: pd.Timestamp) -> Spine:
    """Ask for nobody in particular at a moment; for nobody at all where it is NaT.

    Parameters
    ----------
    latest : Timestamp

    Returns
    -------
    Spine
    """
    moments = pd.Series([latest] if latest is not pd.NaT else [], dtype="datetime64[us]")
    return Spine.of(pd.DataFrame({c.CUSTOMER_ID: np.zeros(len(moments), dtype=np.int64), c.AS_OF: moments}))


def _counts(
    pieces: Iterator[pa.Table], name: str, some: list[tuple[int, Asked]], spine: Spine
) -> Iterator[pa.RecordBatch]:
    """Count values piece by piece, as :class:`Past` does."""
    found: Counter[tuple[int, str]] = Counter()
    for piece in pieces:
        past = Past(arrow_tables({name: piece.column_names}, {name: piece}), spine)
        for number, which in some:
            found.update({(number, text): n for text, n in past.counted(*which).items()})
        if len(found) > _HELD:
            yield _batch(found)
            found = Counter()
    yield _batch(found)


def _batch(found: Counter[tuple[int, str]]) -> pa.RecordBatch:
    numbers = pa.array([number for number, _ in found], type=pa.int32())
    texts = pa.array([text for _, text in found], type=pa.string())
    return pa.record_batch([numbers, texts, pa.array(found.values(), type=pa.int64())], names=["asked", "text", "n"])

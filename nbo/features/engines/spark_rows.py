"""Rows of one table where they are: in memory here, or in a data frame of Spark."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa

from nbo.errors import InputError
from nbo.features.engines.payloads import gathered
from nbo.features.engines.spark_numbered import ROW, content_hash, quoted
from nbo.features.engines.spark_session import telling
from nbo.tables import CONTRACTS
from nbo.tables.codes import as_texts

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["SparkRows", "arrow_rows"]

Work = Callable[[Iterator[pa.Table]], Iterator[pa.RecordBatch]]


class SparkRows:
    """Rows of one table where they are: in memory here, or in a data frame of Spark.

    What has to be done for all rows is done where they are, by the same functions.

    Parameters
    ----------
    rows : pyarrow.Table or DataFrame of Spark
    session : SparkSession
    """

    def __init__(self, rows: pa.Table | DataFrame, session: SparkSession) -> None:
        self._rows, self._session = rows, session
        self.names: list[str] = list(rows.column_names if isinstance(rows, pa.Table) else rows.columns)
        self._empty: pa.Table | None = None

    def empty(self, names: Sequence[str] | None = None) -> pa.Table:
        """Give columns, all by default, without rows."""
        if self._empty is None:
            self._empty = self._rows.slice(0, 0) if isinstance(self._rows, pa.Table) else self._rows.limit(0).toArrow()
        return self._empty if names is None else self._empty.select(list(names))

    def fetched(self, names: Sequence[str]) -> pa.Table:
        """Bring some columns here, each combination of values once or more."""
        if isinstance(self._rows, pa.Table):
            return self._rows.select(list(names))
        return self._selected(names).distinct().toArrow().rename_columns(list(names))

    def n_rows(self, label: str) -> int | DataFrame:
        """Count the rows: a number of those that are here, else one row of `label` and `n` to be computed."""
        from pyspark.sql import functions as f

        if isinstance(self._rows, pa.Table):
            return len(self._rows)
        return self._rows.agg(f.lit(label).alias("label"), f.count(f.lit(1)).alias("n"))

    def content(self, label: str) -> DataFrame | None:
        """Sum up what the rows hold, whatever their order: one row of `label`, `n` and `content` to be computed.

        None where the rows are here.
        """
        from pyspark.sql import functions as f

        if isinstance(self._rows, pa.Table):
            return None
        rows = self._rows.drop(ROW)
        # Wider than 64 bits, for a sum that leaves them is an error.
        content = f.sum(content_hash(rows).cast("decimal(38, 0)")).cast("string")
        return rows.agg(f.lit(label).alias("label"), f.count(f.lit(1)).alias("n"), content.alias("content"))

    def through(self, work: Work, names: Sequence[str], schema: str) -> DataFrame:
        """Put all rows through a function, piece by piece.

        Parameters
        ----------
        work : callable
            Takes pieces with the columns `names`, gives batches.
        names : sequence of str
            The columns to read.
        schema : str
            What the batches hold, in the words of Spark.

        Returns
        -------
        DataFrame of Spark
        """
        names = list(names)
        if not isinstance(self._rows, pa.Table):

            def task(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
                return work(gathered(batches, names))

            return self._selected(names).mapInArrow(telling(task), schema)
        pieces = gathered(self._rows.select(names).to_batches(), names)
        batches = list(work(pieces))
        if not batches:
            return self._session.createDataFrame([], schema)
        return self._session.createDataFrame(pa.Table.from_batches(batches))

    def _selected(self, names: Sequence[str]) -> DataFrame:
        """Take columns under names that Spark cannot take for anything else, such as `a.b` for a part of `a`."""
        from pyspark.sql import functions as f

        frame: Any = self._rows
        return frame.select(*[f.col(quoted(name)).alias(f"c{number}") for number, name in enumerate(names)])


def arrow_rows(frame: pd.DataFrame, table: str) -> pa.Table:
    """Take a frame as Arrow.

    Parameters
    ----------
    frame : DataFrame of n rows
    table : str
        The table that it is.

    Returns
    -------
    pyarrow.Table

    Raises
    ------
    InputError
        If a column holds values of several kinds, such as numbers and texts.
    """
    columns = {}
    for name in frame.columns:
        try:
            columns[str(name)] = pa.array(_plain(frame[name], table), from_pandas=True)
        except (pa.ArrowException, TypeError, ValueError) as error:
            raise InputError(
                f"{table}.{name} must hold values of one kind to be handed to Spark: {error}. "
                "tables.validate() lists all problems of the tables."
            ) from error
    return pa.table(columns)


def _plain(values: pd.Series, table: str) -> pd.Series:
    """Take categories that are no texts as what the kernel takes them for: keys as they are, others as texts."""
    if not isinstance(values.dtype, pd.CategoricalDtype):
        return values
    kind = values.cat.categories.dtype
    if isinstance(kind, pd.StringDtype):
        return values
    known = CONTRACTS[table].column(str(values.name)) if table in CONTRACTS else None
    if known is not None and known.kind != "category":
        return values.astype(kind)
    return values.cat.rename_categories(list(as_texts(pd.Series(values.cat.categories))))

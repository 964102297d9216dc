"""The questions on Spark: a spine from here, or a data frame that stays there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from nbo import columns as c
from nbo.checks import check_columns
from nbo.errors import InputError
from nbo.features.engines.feature_files import SPINE_ROW
from nbo.features.engines.partition import partition_of
from nbo.features.engines.payloads import packed
from nbo.features.engines.spark_numbered import place_of
from nbo.features.engines.spark_rows import SparkRows, arrow_rows
from nbo.features.engines.spark_session import is_spark_frame
from nbo.tables import Spine
from nbo.tables.plain_values import microseconds

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import StructField

__all__ = ["SPINE", "SparkSpine", "asked"]

# Under this name its rows travel with those of the tables.
SPINE = "spine"


class SparkSpine:
    """The questions on Spark: a spine from here, or a data frame that stays there.

    Parameters
    ----------
    spine : Spine, DataFrame of Spark, str or Path
        A path is that of a Parquet file or folder. All columns of a data frame are kept.
    session : SparkSession

    Raises
    ------
    InputError
        If customer_id or as_of is missing, or the path cannot be read.
    TypeError
        If `spine` is something else.
    """

    def __init__(self, spine: Any, session: SparkSession) -> None:
        self._measured: tuple[int, pd.Timestamp] | None = None
        rows: Any
        if isinstance(spine, Spine):
            self._measured = len(spine), spine.frame[c.AS_OF].max()
            rows = _numbered(spine)
            self.fields = _fields(rows.schema)
        else:
            rows = _read(spine, session)
            self.fields = list(rows.schema.fields)
        self._rows = SparkRows(rows, session)
        check_columns(pd.DataFrame(columns=self._rows.names), [c.CUSTOMER_ID, c.AS_OF], SPINE)

    @property
    def names(self) -> list[str]:
        """The columns, which the features are put behind."""
        return self._rows.names

    def empty(self) -> pa.Table:
        """Give the columns without rows."""
        return self._rows.empty()

    def measured(self) -> tuple[int, pd.Timestamp]:
        """Count the rows and find the latest moment, NaT without rows; in one job, once."""
        if self._measured is None:
            found = self._rows.through(_measure, [c.CUSTOMER_ID, c.AS_OF], "n long, latest long")
            n, latest = found.agg({"n": "sum", "latest": "max"}).select("sum(n)", "max(latest)").collect()[0]
            # Times are numbers here, so that no time zone of Spark has a say.
            self._measured = int(n or 0), pd.Timestamp(latest, unit="us") if n else pd.NaT  # type: ignore[assignment]
        return self._measured  # type: ignore[return-value]

    def payloads(self, n: int, schema: str) -> DataFrame:
        """Set out the questions by partition."""

        def work(pieces: Iterator[pa.Table]) -> Iterator[pa.RecordBatch]:
            return packed(pieces, SPINE, lambda piece: _home(piece, n), n)

        return self._rows.through(work, self.names, schema)


def asked(rows: pa.Table) -> Spine:
    """Take rows of Arrow as a spine.

    Parameters
    ----------
    rows : pyarrow.Table
        With customer_id and as_of.

    Returns
    -------
    Spine
    """
    return Spine.of(pd.DataFrame({name: rows[name].to_pandas() for name in (c.CUSTOMER_ID, c.AS_OF)}))


def _measure(pieces: Iterator[pa.Table]) -> Iterator[pa.RecordBatch]:
    for piece in pieces:
        if len(piece):
            latest = microseconds(asked(piece).frame[c.AS_OF]).max()
            yield pa.RecordBatch.from_pydict({"n": [len(piece)], "latest": [latest]})


def _home(piece: pa.Table, n: int) -> tuple[np.ndarray, np.ndarray]:
    return np.arange(len(piece)), partition_of(piece[c.CUSTOMER_ID].to_pandas(), n)


def _numbered(spine: Spine) -> pa.Table:
    ids = spine.frame[c.CUSTOMER_ID]
    if isinstance(ids.dtype, pd.CategoricalDtype):
        ids = ids.astype(ids.cat.categories.dtype)
    numbered = {SPINE_ROW: np.arange(len(spine)), c.CUSTOMER_ID: ids, c.AS_OF: spine.frame[c.AS_OF]}
    rows = arrow_rows(pd.DataFrame(numbered), SPINE)
    kind = rows.schema.field(c.CUSTOMER_ID).type
    whole, real = pa.types.is_integer(kind), pa.types.is_floating(kind)
    plain = pa.int64() if whole else pa.float64() if real else pa.string()
    kinds = {SPINE_ROW: pa.int64(), c.CUSTOMER_ID: plain, c.AS_OF: pa.timestamp("us")}
    return rows.select(list(kinds)).cast(pa.schema(kinds))


def _fields(schema: pa.Schema) -> Sequence[StructField]:
    """Say the types of a spine's columns in the words of Spark."""
    from pyspark.sql import types as t

    kinds = {pa.int64(): t.LongType(), pa.float64(): t.DoubleType(), pa.timestamp("us"): t.TimestampNTZType()}
    return [t.StructField(field.name, kinds.get(field.type, t.StringType())) for field in schema]


def _read(spine: Any, session: SparkSession) -> DataFrame:
    from pyspark.errors import AnalysisException

    if is_spark_frame(spine):
        return spine
    if not isinstance(spine, str | Path):
        raise TypeError(
            f"spine must be a Spine, a data frame of Spark or the path of a Parquet file; got {type(spine).__name__}."
        )
    place = Path(spine)
    try:
        return session.read.parquet(place_of(place) if place.exists() else str(spine))
    except AnalysisException as error:
        raise InputError(f"the spine {spine} cannot be read as Parquet: {str(error).splitlines()[0]}") from error

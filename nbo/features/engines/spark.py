"""Features on Spark: partition by partition, each by the same kernel as everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa

from nbo import columns as c
from nbo.errors import InputError
from nbo.features.base import FeatureBuilder
from nbo.features.engines.out_of_core import planned_partitions
from nbo.features.engines.partition import check_partitions
from nbo.features.engines.payloads import arrow_tables, unpacked
from nbo.features.engines.spark_fit import CountedPast, anybody
from nbo.features.engines.spark_routed import SPARK_PAYLOADS, RoutedTables
from nbo.features.engines.spark_session import Task, clear_errors, found_session, own_python
from nbo.features.engines.spark_spine import SPINE, SparkSpine, asked
from nbo.features.engines.spark_tables import SparkTables
from nbo.features.needs import linked_tables, links
from nbo.features.past import Past
from nbo.features.together import build_together, fit_together, refuse_twins
from nbo.tables import CustomerTables

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.types import StructType

    from nbo.features.feature_set import FeatureSet

__all__ = ["build_on_spark", "fit_on_spark"]

# Rows of a batch that is handed back to Spark.
_BATCH = 10_000


def fit_on_spark(features: FeatureSet, tables: Any, spine: Any, session: Any = None) -> None:
    """Fix the columns of a set of features by tables on Spark.

    Parameters
    ----------
    features : FeatureSet
    tables, spine, session
        As for :func:`build_on_spark`.
    """
    job = _Job(features, tables, spine, session)
    with own_python(job.session), clear_errors():
        job.fit()


def build_on_spark(
    features: FeatureSet,
    tables: Any,
    spine: Any,
    session: Any = None,
    out: str | Path | None = None,
    partitions: int | None = None,
    overwrite: bool = False,
) -> DataFrame:
    """Build features on Spark.

    Parameters
    ----------
    features : FeatureSet
        One that is not fitted is fitted on this spine first.
    tables : CustomerTables, StoredTables, str, Path, or mapping of str to DataFrame of Spark
    spine : Spine, DataFrame of Spark, str or Path
    session : SparkSession, optional
    out : str or Path, optional
        Where Spark writes the features as Parquet, now.
    partitions : int, optional
    overwrite : bool, default=False

    Returns
    -------
    DataFrame of Spark
        Columns of the spine, then the features; not computed yet unless `out` is given.
    """
    check_partitions(partitions)
    job = _Job(features, tables, spine, session)
    with own_python(job.session), clear_errors():
        if not features.is_fitted:
            job.fit()
        refuse_twins(features.builders)
        frame = job.built(partitions)
        return frame if out is None else _written(frame, str(out), overwrite)


class _Job:
    def __init__(self, features: FeatureSet, tables: Any, spine: Any, session: Any) -> None:
        given = [*(tables.values() if isinstance(tables, Mapping) else ()), spine]
        self.features, self.session = features, found_session(session, given)
        self.tables, self.spine = SparkTables(tables, self.session), SparkSpine(spine, self.session)
        self._here = tables if isinstance(tables, CustomerTables) else None

    def fit(self) -> None:
        """Fix the columns; ask for counts, count, and go by the counts."""
        latest = self.spine.measured()[1]
        past = CountedPast(self.tables, latest) if self._here is None else Past(self._here, anybody(latest))
        fit_together(self.features.builders, past)
        while isinstance(past, CountedPast) and past.count():
            fit_together(self.features.builders, past)

    def built(self, partitions: int | None) -> DataFrame:
        builders = self.features.builders
        routed = RoutedTables(self.tables, self.features.needs())
        self._check_ids(routed.empty)
        # Building features of nobody tells the columns and their types.
        nobody = build_together(builders, Past(arrow_tables(routed.whole, routed.empty), asked(self.spine.empty())))
        n = partitions or self._planned()
        return routed.run(
            _part(builders, routed.whole, routed.empty, nobody),
            self._schema(nobody),
            n,
            [self.spine.payloads(n, SPARK_PAYLOADS)],
            links(builders),
            linked_tables(builders),
        )

    def _planned(self) -> int:
        """Plan as many partitions as memory needs, and two for each core or more."""
        needs = self.features.needs()
        context: Any = getattr(self.session, "sparkContext", None)
        cores = context.defaultParallelism if context is not None else 1
        size = range(self.spine.measured()[0])
        return max(planned_partitions(self.features, self.tables.sized(needs), size, needs), 2 * cores)

    def _schema(self, nobody: pd.DataFrame) -> StructType:
        """Say the columns and their types in the words of Spark."""
        from pyspark.sql import types as t

        kinds = {"int64": t.LongType(), "float64": t.DoubleType()}
        built = [t.StructField(str(name), kinds.get(str(kind), t.StringType())) for name, kind in nobody.dtypes.items()]
        fields = [*self.spine.fields, *built]
        self._check_names([field.name for field in fields])
        return t.StructType(fields)

    def _check_ids(self, empty: Mapping[str, pa.Table]) -> None:
        """Refuse ids that are texts here and numbers there: they might never meet in one partition."""
        asked = _kind_of_ids(self.spine.empty())
        for name, rows in empty.items():
            if c.CUSTOMER_ID in rows.column_names and _kind_of_ids(rows) not in (asked, ""):
                raise InputError(
                    f"{name}.customer_id holds {_kind_of_ids(rows)}, and the spine {asked}. Ids must be of one kind."
                )

    def _check_names(self, names: list[str]) -> None:
        exact = self.session.conf.get("spark.sql.caseSensitive") == "true"
        seen: dict[str, str] = {}
        for name in names:
            key = name if exact else name.lower()
            if key in seen:
                raise InputError(
                    f"two columns would be called {seen[key]!r} and {name!r}, which Spark takes for one. Rename the "
                    "column of the spine, or set spark.sql.caseSensitive to true if they differ by case."
                )
            seen[key] = name


def _kind_of_ids(rows: pa.Table) -> str:
    kind = rows.schema.field(c.CUSTOMER_ID).type
    if pa.types.is_null(kind):
        return ""
    number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    return "numbers" if number else "texts"


def _part(
    builders: Sequence[FeatureBuilder], whole: Mapping[str, list[str]], empty: Mapping[str, pa.Table], X: pd.DataFrame
) -> Task:
    """Make the task that builds the features of one partition, with the columns and types of `X`."""
    kinds = {name: _array(X[name]).type for name in X}

    def task(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        rows = unpacked(batches)
        questions = rows.pop(SPINE, None)
        if questions is None:
            return
        built = build_together(builders, Past(arrow_tables(whole, {**empty, **rows}), asked(questions)))
        arrays = {name: _array(built[name]) for name in built}
        if {name: array.type for name, array in arrays.items()} != kinds:
            raise InputError("a worker of Spark builds other columns than the driver; both must run the same nbo.")
        columns = [*questions.columns, *arrays.values()]
        yield from pa.table(columns, names=[*questions.column_names, *arrays]).to_batches(max_chunksize=_BATCH)

    return task


def _array(values: pd.Series) -> pa.Array:
    array = pa.array(values, from_pandas=True)
    return array.cast(pa.string()) if pa.types.is_large_string(array.type) else array


def _written(frame: DataFrame, out: str, overwrite: bool) -> DataFrame:
    from pyspark.errors import AnalysisException

    try:
        frame.write.mode("overwrite" if overwrite else "errorifexists").parquet(out)
    except AnalysisException as error:
        if error.getCondition() != "PATH_ALREADY_EXISTS":
            raise
        raise InputError(f"{out} is there already; name another folder, or say overwrite=True.") from None
    return frame.sparkSession.read.parquet(out)

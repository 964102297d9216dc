"""The features by Spark on this machine: its own SQL, and nbo's kernel on Spark."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from tests.benchmarks.features import sql

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

CORES = 2


def prepare() -> SparkSession:
    """Start the session, or give the one that runs; its start is not measured."""
    from pyspark.sql import SparkSession

    settings = {
        "spark.driver.memory": "6g",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": str(4 * CORES),
        "spark.ui.enabled": "false",
    }
    session = SparkSession.builder.master(f"local[{CORES}]").config(map=settings).getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    session.range(1).count()
    return session


def build(folder: Path, spine: pd.DataFrame) -> DataFrame:
    """Give one row per spine row, by the form of SQL that is fastest on DuckDB too."""
    return answer(folder, spine, sql.by_rings)


def build_as_written(folder: Path, spine: pd.DataFrame) -> DataFrame:
    """Give one row per spine row, by one aggregate with a FILTER per feature."""
    return answer(folder, spine, sql.as_written)


def build_nbo(folder: Path, spine: pd.DataFrame) -> Any:
    """Give one row per spine row, by nbo's kernel on Spark."""
    from tests.benchmarks.features import nbo_peer

    return nbo_peer.build(folder, spine, engine="spark")


def answer(folder: Path, spine: pd.DataFrame, query: Any) -> DataFrame:
    session = prepare()
    rows = session.createDataFrame(spine.assign(id=range(len(spine))))
    # Without a zone, as the events are: else Spark converts every event's time.
    rows.withColumn("as_of", rows["as_of"].cast("timestamp_ntz")).createOrReplaceTempView("spine")
    session.read.parquet(str(folder / "transactions.parquet")).createOrReplaceTempView("events")
    return session.sql(query(micros))


def micros(later: str, earlier: str) -> str:
    return f"timestampdiff(MICROSECOND, {earlier}, {later})"

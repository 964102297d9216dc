"""The features by DuckDB."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa

from tests.benchmarks.features import sql


def build(folder: Path, spine: pd.DataFrame) -> pa.Table:
    """Give one row per spine row, in the fastest form found."""
    return answer(folder, spine, sql.by_rings)


def build_as_written(folder: Path, spine: pd.DataFrame) -> pa.Table:
    """Give one row per spine row, by one aggregate with a FILTER per feature."""
    return answer(folder, spine, sql.as_written)


def answer(folder: Path, spine: pd.DataFrame, query: Callable[[sql.Micros], str]) -> pa.Table:
    with duckdb.connect() as connection:
        connection.register("spine", spine.assign(id=range(len(spine))))
        connection.read_parquet(str(folder / "transactions.parquet")).create_view("events")
        return connection.sql(query(micros)).to_arrow_table()


def micros(later: str, earlier: str) -> str:
    return f"(epoch_us({later}) - epoch_us({earlier}))"

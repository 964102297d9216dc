"""A number for each row on Spark, so that workers find the order that the rows have where they come from."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow.parquet as pq

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

__all__ = ["ROW", "content_hash", "numbered_by_content", "numbered_by_place", "place_of", "quoted"]

# Name of the column of numbers.
ROW: Final = "nbo_row"


def quoted(name: str) -> str:
    """Quote a column's name, so that Spark takes it for nothing else, such as `a.b` for a part of `a`."""
    return "`" + name.replace("`", "``") + "`"


def place_of(path: Path) -> str:
    """Say where a file is in the words of Spark, which takes spaces and signs as they are.

    Parameters
    ----------
    path : Path

    Returns
    -------
    str
    """
    return "file://" + path.resolve().as_posix()


def content_hash(frame: DataFrame) -> Column:
    """Give 64 bits of what a row holds, the same wherever it stands.

    Parameters
    ----------
    frame : DataFrame of Spark

    Returns
    -------
    Column of Spark
    """
    from pyspark.sql import functions as f

    columns = [f.col(quoted(name)) for name in frame.columns]
    # Spark passes over missing values: where they are must count too.
    return f.xxhash64(*[part for column in columns for part in (column, column.isNull())])


def numbered_by_content(frame: DataFrame) -> DataFrame:
    """Give rows that have no order a number made of what they hold.

    Parameters
    ----------
    frame : DataFrame of Spark

    Returns
    -------
    DataFrame of Spark
        With the column `ROW`.
    """
    return frame.withColumn(ROW, content_hash(frame))


def numbered_by_place(frame: DataFrame, paths: Sequence[Path]) -> DataFrame:
    """Give rows of Parquet files their position, 0 for the first of the first file.

    Parameters
    ----------
    frame : DataFrame of Spark
        Of these files.
    paths : sequence of Path

    Returns
    -------
    DataFrame of Spark
        With the column `ROW`.
    """
    from pyspark.sql import functions as f

    row: Any = f.col("_metadata.row_index")
    if len(paths) > 1:
        sizes = [pq.read_metadata(path).num_rows for path in paths]
        firsts = zip(paths, accumulate(sizes, initial=0), strict=False)
        known = [f.lit(value) for path, first in firsts for value in (path.resolve().as_posix(), first)]
        # A plus is a plus in a path, and would be read as a space.
        plain = f.url_decode(f.regexp_replace("_metadata.file_path", r"\+", "%2B"))
        row = row + f.create_map(*known)[f.regexp_replace(plain, "^file:/+", "/")]
    return frame.withColumn(ROW, row.cast("long"))

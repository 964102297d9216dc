"""Write the parts of a batch job by the workers of Spark, and their manifest by the driver."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from nbo.batch.files import remove_leftovers, write_parquet
from nbo.batch.rejects import REJECT_TYPES
from nbo.batch.routed_part import REJECT_PARTS, RoutedPartFiles
from nbo.batch.writer import REJECTS, Writer

__all__ = ["SparkWriter", "WrittenRows"]

# Writes parts of so many partitions.
Run = Callable[[int, dict[int, RoutedPartFiles]], None]


@dataclass(frozen=True)
class WrittenRows:
    """Who was decided for, as far as parts are written: the driver never sees the customers.

    Parameters
    ----------
    out : Path
        The folder of the job.
    n_rows : int
        Rows of customers, or of features that were built before.
    n_offers : int
    placed : collection of str
        Tables whose rows have a position.
    tables : collection of str
        All tables, in the order in which their rejects are listed.
    """

    out: Path
    n_rows: int
    n_offers: int
    placed: Collection[str]
    tables: Collection[str]

    @property
    def n_customers(self) -> int:
        """Customers of the parts that are there; where none is, the rows to be cut into parts."""
        parts = list((self.out / "scores").glob("part-*.parquet"))
        if not parts:
            return self.n_rows
        return sum(pq.read_metadata(part).num_rows for part in parts) // self.n_offers

    @property
    def rejects(self) -> pd.DataFrame:
        """Rows that those parts set aside, each once, though several parts may have got it."""
        paths = sorted((self.out / REJECT_PARTS).glob("part-*.parquet"))
        parts = [pd.read_parquet(path) for path in paths]
        # Rows without a position that hold the same have one number; each of them counts.
        parts = [part.assign(again=part.groupby(["table", "row"]).cumcount()) for part in parts]
        found = pd.concat([pd.DataFrame(columns=list(REJECT_TYPES)).astype(REJECT_TYPES), *parts], ignore_index=True)
        found = found.drop_duplicates(["table", "row", "again"] if parts else None)[list(REJECT_TYPES)]
        order = found.assign(table=found["table"].map({name: i for i, name in enumerate(self.tables)}))
        found = found.loc[order.sort_values(["table", "row"], kind="stable").index].reset_index(drop=True)
        # A hash is no position.
        return found.assign(row=found["row"].where(found["table"].isin(list(self.placed)), -1))


@dataclass(frozen=True)
class SparkWriter(Writer):
    """Write the parts of one plan by Spark.

    Parameters
    ----------
    plan, model, rows, wishes, chunk_size, out, n_jobs
        As for :class:`Writer`.
    run : callable
        Writes the parts of some of so many partitions.
    """

    rows: WrittenRows  # type: ignore[assignment]
    run: Run = field(kw_only=True)

    def _files(self, number: int) -> RoutedPartFiles:
        files = super()._files(number)
        return RoutedPartFiles(files.out, files.number, files.stamp)

    def _write_parts(self, missing: set[int], progress: bool | None) -> None:
        self.run(self._n_parts, {number: self._files(number) for number in sorted(missing)})
        remove_leftovers(self.out / REJECT_PARTS)
        write_parquet(self.rows.rejects, self.out / REJECTS)

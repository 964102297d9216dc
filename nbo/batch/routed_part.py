"""One part of a job on Spark: the customers of one partition, with the rows of tables that concern them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd
import pyarrow as pa

from nbo import columns as c
from nbo.batch.feature_rows import FeatureRows
from nbo.batch.files import write_parquet
from nbo.batch.part import PartFiles, part_rows
from nbo.batch.plan import Plan
from nbo.batch.rejects import set_aside
from nbo.batch.sent_model import SentModel
from nbo.batch.wishes import Wishes
from nbo.features import known_customers
from nbo.features.engines.partition import partition_of
from nbo.features.engines.payloads import unpacked
from nbo.features.engines.spark_numbered import ROW
from nbo.next_best_offer import NextBestOffer
from nbo.next_best_offer.asked import Asked
from nbo.tables import CustomerTables, Spine

__all__ = ["FEATURES", "PART", "REJECT_PARTS", "RoutedPart", "RoutedPartFiles"]

# Under these names the features that were built before, and the number of the part, travel with the tables.
FEATURES: Final = "features"
PART: Final = "part"
# Folder of what each part set aside.
REJECT_PARTS: Final = "rejects"


class RoutedPartFiles(PartFiles):
    """Where the files of one part are, with one more of the rows that it set aside."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """What a part has a file of."""
        return (*super().kinds, REJECT_PARTS)

    def write(self, rows: dict[str, pd.DataFrame | pa.Table]) -> None:
        """Write them, the rejects first.

        Parameters
        ----------
        rows : dict of str to pyarrow.Table or DataFrame
            By kind.
        """
        write_parquet(rows[REJECT_PARTS], self.path(REJECT_PARTS), json.dumps(self.stamp))
        super().write(rows)


class _RoutedFeatures(FeatureRows):
    """Customers of one partition whose features were built before."""

    def __init__(
        self,
        model: NextBestOffer,
        rows: pa.Table,
        tables: CustomerTables,
        rejects: pd.DataFrame,
        as_of: pd.Timestamp,
    ) -> None:
        self._rows = rows
        self._model, self._tables, self._as_of = model, tables, as_of
        self._names, self._timed = model.features.feature_names, c.AS_OF in rows.column_names
        self._settle(len(rows), rejects)

    def _read(self, size: int, names: list[str]) -> Iterator[pa.Table]:
        rows = self._rows.select(names)
        yield from (rows.slice(first, size) for first in range(0, max(1, len(rows)), size))


@dataclass(frozen=True)
class RoutedPart:
    """Score and decide for the customers of one partition, and write it to the folder of the job.

    Parameters
    ----------
    model : SentModel
    plan : Plan
    wishes : Wishes
    empty : mapping of str to pyarrow.Table
        The tables that are read, without rows; the features under the name `FEATURES` where they were built before.
    n : int
        Number of partitions.
    files : mapping of int to RoutedPartFiles
        Of the parts to write.
    """

    model: SentModel
    plan: Plan
    wishes: Wishes
    empty: Mapping[str, pa.Table]
    n: int
    files: Mapping[int, RoutedPartFiles]

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Take what was sent to one partition, and say how many customers it has."""
        rows = unpacked(batches)
        # Nothing comes to a partition that is not wanted.
        if PART not in rows:
            return
        number = rows.pop(PART)[0][0].as_py()
        sent = {name: _in_order(rows.get(name, empty)) for name, empty in self.empty.items()}
        asked, rejects = self._asked(number, sent)
        self.files[number].write({**part_rows(asked, self.plan, self.wishes), REJECT_PARTS: _numbered(rejects, sent)})
        yield pa.RecordBatch.from_pydict({"part": [number], "customers": [len(asked.X)]})

    def _asked(self, number: int, sent: dict[str, pa.Table]) -> tuple[Asked, pd.DataFrame]:
        model, moment, arms = self.model.load(), pd.Timestamp(self.plan.as_of), self.wishes.arms
        frames = {name: rows.drop_columns([ROW]).to_pandas() for name, rows in sent.items() if name != FEATURES}
        usable, rejects = set_aside(CustomerTables(**frames), moment)
        if FEATURES in sent:
            given = _RoutedFeatures(model, sent[FEATURES], usable, rejects, moment)
            return given.whole(arms), given.rejects
        known = known_customers(usable, moment).frame
        own = known[partition_of(known[c.CUSTOMER_ID], self.n) == number]
        return Asked.of(model, usable, Spine.of(own), arms=arms), rejects


def _in_order(rows: pa.Table) -> pa.Table:
    """Give rows the order that they have where they come from; the network has none."""
    return rows.sort_by(ROW)


def _numbered(rejects: pd.DataFrame, sent: Mapping[str, pa.Table]) -> pd.DataFrame:
    """Say where rejected rows stand where they come from, and not in what was sent."""
    for name, rows in sent.items():
        own = rejects["table"] == name
        rejects.loc[own, "row"] = rows[ROW].to_numpy()[rejects.loc[own, "row"]]
    return rejects

"""The batch job on Spark: the same kernel for each part, where the rows are."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from nbo import columns as c
from nbo.arbitration import Eligibility
from nbo.batch.feature_rows import feature_paths
from nbo.batch.ledger_past import LedgerPast
from nbo.batch.plan import Plan, make_plan
from nbo.batch.routed_part import FEATURES, PART, RoutedPart, RoutedPartFiles
from nbo.batch.sent_model import SentModel
from nbo.batch.source import Source
from nbo.batch.spark_writer import SparkWriter, WrittenRows
from nbo.batch.wishes import Wishes
from nbo.checks import check_columns
from nbo.errors import InputError
from nbo.features import known_customers
from nbo.features.engines.partition import partition_of
from nbo.features.engines.payloads import packed
from nbo.features.engines.spark_numbered import ROW, numbered_by_content, quoted
from nbo.features.engines.spark_routed import SPARK_PAYLOADS, RoutedTables
from nbo.features.engines.spark_rows import SparkRows
from nbo.features.engines.spark_session import clear_errors, found_session, is_spark_frame, own_python
from nbo.features.engines.spark_tables import SparkTables, read_files
from nbo.features.needs import linked_tables, links
from nbo.next_best_offer import NextBestOffer
from nbo.tables import CONTRACTS, CustomerTables

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["SparkJob"]

# Adds rows to tables.
# By these keys rules may look at what happened to others.
_LINKS = (c.HOUSEHOLD_ID, c.ACCOUNT_ID)


@dataclass(frozen=True)
class SparkJob:
    """A batch job on Spark: what it reads, and how that is cut.

    Parameters
    ----------
    source : Source
        The model.
    wishes : Wishes
    here : CustomerTables
        Tables that are in memory here.
    tables : SparkTables
        All tables, with the numbers of their rows.
    features : SparkRows or None
        Features that were built before.
    placed : collection of str
        Tables whose rows have a position.
    read : collection of str
        Tables that the features or the rules read.
    past : dict of str to int
        Rows of a ledger that count as past.
    """

    source: Source
    wishes: Wishes
    here: CustomerTables
    tables: SparkTables
    features: SparkRows | None
    placed: Collection[str]
    read: Collection[str]
    past: dict[str, int]

    @classmethod
    def of(
        cls,
        source: Source,
        wishes: Wishes,
        tables: Any,
        features: Any,
        session: Any,
        rule_tables: Collection[str],
        past: LedgerPast | None = None,
    ) -> SparkJob:
        """Find out what is read.

        Parameters
        ----------
        source : Source
        wishes : Wishes
        tables : CustomerTables, StoredTables, str, Path, mapping of str to DataFrame of Spark, or None
        features : str, Path, DataFrame of Spark, or None
        session : SparkSession or None
        rule_tables : collection of str
            Tables that rules may look up.
        past : LedgerPast, optional
            What a ledger knows: it is added to the decisions and outcomes, which are brought here for it.

        Returns
        -------
        SparkJob

        Raises
        ------
        InputError
            If customers compete, there is no session, or something to read is not there.
        """
        model = source.model
        if wishes.limits or model.competes:
            raise InputError(
                "limits, and rules by which customers compete, need all customers at once, and no worker of Spark has "
                "them. Build the features on Spark, by model.features.build(..., out=folder, engine='spark'), and "
                "score them by engine='local', features=folder."
            )
        found = found_session(session, [*(tables.values() if isinstance(tables, Mapping) else ()), features])
        given = CustomerTables() if tables is None else tables
        on_spark = SparkTables(given, found, numbered=True)
        here = given if isinstance(given, CustomerTables) else CustomerTables()
        if past is not None:
            here = past.added(here if here.names else _log(on_spark))
            on_spark.rows.update(SparkTables(here, found, numbered=True).rows)
        read = {} if features is not None else model.features.needs()
        looked_up = rule_tables if _look_up(model) else ("customers",)
        names = [name for name in CONTRACTS if name in {*read, *looked_up} and on_spark.has(name)]
        placed = [name for name in names if not isinstance(given, Mapping) or here.has(name)]
        own = None if features is None else _features(features, model, found)
        placed += [] if is_spark_frame(features) else [FEATURES]
        return cls(source, wishes, here, on_spark, own, placed, names, {} if past is None else past.rows)

    def writer(
        self, as_of: pd.Timestamp, rng: int | str, run_id: str | None, chunk_size: int, out: Path
    ) -> SparkWriter:
        """Say what is about to be done; a first look at all rows tells what they hold.

        Parameters
        ----------
        as_of : Timestamp
        rng : int or str
        run_id : str or None
        chunk_size : int
        out : Path

        Returns
        -------
        SparkWriter
        """
        if self.features is None:
            # Refuses tables without customers.
            known_customers(CustomerTables(**{name: self.tables.rows[name].empty() for name in self.read}), as_of)
        plan = self._plan(as_of, rng, run_id)
        n_rows = plan.inputs["customers" if self.features is None else FEATURES]["rows"]
        names = [*self.read, FEATURES]
        rows = WrittenRows(out, n_rows, len(self.source.model.catalog or ()), self.placed, names)
        return SparkWriter(
            plan, self.source.model, rows, self.wishes, chunk_size, out, run=lambda n, files: self._run(plan, n, files)
        )

    def _plan(self, as_of: pd.Timestamp, rng: int | str, run_id: str | None) -> Plan:
        held = CustomerTables(**{name: self.here.get(name) for name in self.read if self.here.has(name)})
        plan = make_plan(self.source, held, as_of, rng, run_id or "", None, self.wishes, past=self.past)
        # The parts of a job on Spark are others than those of one here, so none of them may go on with the other.
        versions = {**plan.versions, "spark": self.tables.session.version}
        plan = replace(plan, inputs={**plan.inputs, **self._contents()}, versions=versions)
        return plan if run_id is not None else plan.named()

    def _contents(self) -> dict[str, dict[str, Any]]:
        """Say what data frames hold: number of rows, columns and a checksum that knows no order."""
        rows = {name: self.tables.rows[name] for name in self.read}
        rows |= {} if self.features is None else {FEATURES: self.features}
        sums = [one for name, own in rows.items() if (one := own.content(name)) is not None]
        found = reduce(lambda one, other: one.union(other), sums).collect() if sums else []
        return {
            row["label"]: {
                "rows": row["n"],
                "columns": hashlib.sha256(str(rows[row["label"]].empty().schema).encode()).hexdigest(),
                "xxhash64": row["content"],
            }
            for row in found
        }

    def _run(self, plan: Plan, n: int, files: Mapping[int, RoutedPartFiles]) -> None:
        """Write the parts of some partitions."""
        model = self.source.model
        routed = RoutedTables(self.tables, dict.fromkeys(self.read))
        empty = dict(routed.empty)
        with own_python(self.tables.session), clear_errors():
            beside = [self._numbers(n, files)]
            if self.features is not None:
                beside.append(_set_out(self.features, n, files))
                empty[FEATURES] = self.features.empty()
            task = RoutedPart(SentModel.of(model), plan, self.wishes, empty, n, files)
            builders = model.features.builders if self.features is None else ()
            keys, linked = set(links(builders)), set(linked_tables(builders))
            if _look_up(model):
                keys, linked = keys | set(_LINKS), linked | set(self.read)
            routed.run(task, "part long, customers long", n, beside, keys, linked, files, strays=True).collect()

    def _numbers(self, n: int, files: Mapping[int, RoutedPartFiles]) -> DataFrame:
        """Tell each partition its number."""
        numbers = pa.table({PART: pa.array(sorted(files), pa.int32())})

        def work(pieces: Iterator[pa.Table]) -> Iterator[pa.RecordBatch]:
            return packed(pieces, PART, lambda piece: (np.arange(len(piece)), piece[PART].to_numpy()), n)

        return SparkRows(numbers, self.tables.session).through(work, [PART], SPARK_PAYLOADS)


def _log(tables: SparkTables) -> CustomerTables:
    """Bring decisions and outcomes here."""
    log = {name: tables.rows[name] for name in ("decisions", "outcomes") if tables.has(name)}
    return CustomerTables(**{n: rows.fetched([one for one in rows.names if one != ROW]) for n, rows in log.items()})


def _look_up(model: NextBestOffer) -> bool:
    """Tell whether rules may look at tables."""
    return any(type(rule) is not Eligibility for rule in model.rules)


def _features(features: Any, model: NextBestOffer, session: SparkSession) -> SparkRows:
    if is_spark_frame(features):
        frame = numbered_by_content(features)
    else:
        frame = read_files(feature_paths(features), session, f"the features in {features}", numbered=True)
    names = [c.CUSTOMER_ID, *model.features.feature_names]
    check_columns(pd.DataFrame(columns=frame.columns), names, FEATURES)
    timed = [c.AS_OF] * (c.AS_OF in frame.columns)
    return SparkRows(frame.select(*[quoted(name) for name in [*names, *timed, ROW]]), session)


def _set_out(features: SparkRows, n: int, files: Mapping[int, RoutedPartFiles]) -> DataFrame:
    """Set out features that were built before by the partitions of their customers."""
    wanted = list(files)

    def places(piece: pa.Table) -> tuple[np.ndarray, np.ndarray]:
        home = partition_of(piece[c.CUSTOMER_ID].to_pandas(), n)
        rows = np.flatnonzero(np.isin(home, wanted))
        return rows, home[rows]

    def work(pieces: Iterator[pa.Table]) -> Iterator[pa.RecordBatch]:
        return packed(pieces, FEATURES, places, n)

    return features.through(work, features.names, SPARK_PAYLOADS)

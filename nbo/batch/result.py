"""What a batch job did, and where."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd

from nbo.errors import InputError

__all__ = ["BatchResult"]


@dataclass(frozen=True)
class BatchResult:
    """What a batch job did, and where.

    Parameters
    ----------
    out : Path
        The folder.
    status : {"complete", "already complete", "planned"}
        "already complete" if an earlier run had done it all, "planned" after a dry run.
    run_id : str
        Name of the decision run.
    as_of : Timestamp
        The moment decided for, UTC.
    model_version : str
        Such as "offers/3", or the checksum of a model that is not registered.
    customers : int
        Customers decided for.
    scores : int
        Rows of scores: customers x offers.
    rejects : int
        Rows of the tables that were set aside.
    parts : int
        Files of scores, and as many of decisions.
    skipped : int
        Parts that an earlier run had written.
    recorded : int or None
        Decisions new to the ledger; None without one.

    Examples
    --------
    >>> print(BatchResult(Path("out"), "complete", "june", pd.Timestamp("2026-06-30"), "offers/3", 800, 9600, 1, 2))
    complete: 800 customers, 9,600 scores, 1 row set aside, 2 parts in out; run june with model offers/3
    """

    out: Path
    status: Literal["complete", "already complete", "planned"]
    run_id: str
    as_of: pd.Timestamp
    model_version: str
    customers: int
    scores: int
    rejects: int
    parts: int
    skipped: int = 0
    recorded: int | None = None

    def __str__(self) -> str:
        before = f" ({self.skipped} from before)" if self.skipped else ""
        recorded = "" if self.recorded is None else f", {self.recorded:,} decisions new to the ledger"
        return (
            f"{self.status}: {self.customers:,} customers, {self.scores:,} scores, {self.rejects:,} "
            f"row{'s' * (self.rejects != 1)} set aside, {self.parts} part{'s' * (self.parts != 1)}{before} "
            f"in {self.out}{recorded}; run {self.run_id} with model {self.model_version}"
        )

    def read_scores(self) -> pd.DataFrame:
        """Read all scores, one row per customer and offer.

        Returns
        -------
        DataFrame
        """
        return self._read("scores")

    def read_decisions(self) -> pd.DataFrame:
        """Read all decisions, one row per customer.

        Returns
        -------
        DataFrame
        """
        return self._read("decisions")

    def read_rejects(self) -> pd.DataFrame:
        """Read the rows that were set aside.

        Returns
        -------
        DataFrame
            table, row (its position in the table), customer_id, column, reason.
        """
        if self.status == "planned":
            raise InputError("a dry run writes nothing, so there are no rejects to read. Call it without dry_run.")
        return pd.read_parquet(self.out / "rejects.parquet")

    def _read(self, kind: str) -> pd.DataFrame:
        if self.status == "planned":
            raise InputError(f"a dry run writes nothing, so there are no {kind} to read. Call it without dry_run.")
        paths = [self.out / kind / f"part-{part:05d}.parquet" for part in range(self.parts)]
        return pd.concat([pd.read_parquet(path) for path in paths], ignore_index=True)

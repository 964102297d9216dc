"""What a ledger knew when a job was begun."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from nbo import columns as c
from nbo.batch.files import read_json
from nbo.batch.plan import PLAN, is_begun
from nbo.errors import InputError
from nbo.tables import CustomerTables

if TYPE_CHECKING:
    from nbo.ledger import Ledger

__all__ = ["LedgerPast", "refuse_second"]


@dataclass(frozen=True)
class LedgerPast:
    """What a ledger knew from before a moment when a job was begun; what it gets to know later is no input.

    Parameters
    ----------
    decisions, outcomes : DataFrame
        In the order of recording.
    rows : dict of str to int
        How many rows of the ledger were looked through.
    """

    decisions: pd.DataFrame
    outcomes: pd.DataFrame
    rows: dict[str, int]

    @classmethod
    def of(cls, ledger: Ledger, as_of: pd.Timestamp, out: Path, force: bool) -> LedgerPast:
        """Read it; a job that goes on sees what it saw when it was begun.

        Parameters
        ----------
        ledger : Ledger
        as_of : Timestamp
        out : Path
            The folder of the job.
        force : bool
            Whether the job begins anew.

        Returns
        -------
        LedgerPast
        """
        decisions, outcomes = ledger.decisions(until=as_of), ledger.outcomes()
        if is_begun(out) and not force:
            # A ledger only grows, so the first rows are those of then.
            then = (read_json(out / PLAN) or {}).get("past", {})
            decisions, outcomes = decisions.iloc[: then.get("decisions", 0)], outcomes.iloc[: then.get("outcomes", 0)]
        read = {"decisions": len(decisions), "outcomes": len(outcomes)}
        rows = {name: n for name, n in read.items() if n}
        return cls(decisions, outcomes[outcomes[[c.OUTCOME_AT, c.KNOWN_AT]].max(axis=1) < as_of], rows)

    def added(self, tables: CustomerTables) -> CustomerTables:
        """Add it to tables."""
        past = {"decisions": self.decisions, "outcomes": self.outcomes}
        # A column that only later rows fill is none of theirs.
        return tables.added(**{name: rows.dropna(axis=1, how="all") for name, rows in past.items() if len(rows)})


def refuse_second(ledger: Ledger, out: Path, run_id: str, as_of: pd.Timestamp) -> None:
    """Refuse to decide anew what is in the ledger: it forgets nothing, and would count both.

    Parameters
    ----------
    ledger : Ledger
    out : Path
        The folder of the job, with what is to be written anew.
    run_id : str
        Of the job that is to take its place.
    as_of : Timestamp

    Raises
    ------
    InputError
        If the ledger holds decisions of the job before.
    """
    before = (read_json(out / PLAN) or {}).get("run_id")
    made = ledger.decisions(since=as_of)
    count = int((made[c.RUN_ID] == before).sum()) if before != run_id and len(made) else 0
    if count:
        raise InputError(
            f"the ledger holds {count} decisions of the run {before!r} for {as_of}, and forgets none: written anew, "
            "these customers would be decided twice. Leave the ledger out, or say run_id= to decide a second time."
        )

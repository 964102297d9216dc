"""One part of a job: what every engine computes and writes for some of the customers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import pandas as pd
import pyarrow as pa

from nbo.arbitration import Plan as DecisionPlan
from nbo.batch.files import is_readable, stamp_of, write_parquet
from nbo.batch.plan import KINDS, Plan
from nbo.batch.wishes import Wishes
from nbo.next_best_offer.asked import Asked
from nbo.next_best_offer.score_table import score_table
from nbo.next_best_offer.told_reasons import told_reasons

__all__ = ["PartFiles", "part_rows"]

REASONS = "reasons"

# Policies keep what they computed for the next customers of a segment; two threads must not do so at once.
_ONE_DRAWS = Lock()


def part_rows(
    asked: Asked, plan: Plan, wishes: Wishes, together: DecisionPlan | None = None
) -> dict[str, pd.DataFrame | pa.Table]:
    """Give the scores and the decisions of some customers.

    Parameters
    ----------
    asked : Asked
        What the model says to them.
    plan : Plan
    wishes : Wishes
    together : nbo.arbitration.Plan, optional
        What all customers of the run settle together, where they do.

    Returns
    -------
    dict of str to pyarrow.Table or DataFrame
        ``scores``, one row per customer and offer, and ``decisions``.
    """
    with _ONE_DRAWS:
        decisions = asked.decisions(
            plan.rng, plan.run_id, plan.model_version, together, wishes.slots, wishes.business_as_usual
        )
    if wishes.reasons:
        decisions = decisions.assign(**{REASONS: told_reasons(asked, decisions, wishes.reasons)})
    return {"scores": score_table(asked.scores, asked.candidates), "decisions": decisions}


@dataclass(frozen=True)
class PartFiles:
    """Where the files of one part are; they have their names only once they are whole.

    Parameters
    ----------
    out : Path
        The folder of the job.
    number : int
    stamp : dict of str to str or int
        What the part is of, kept in its files.
    """

    out: Path
    number: int
    stamp: dict[str, str | int]

    def path(self, kind: str) -> Path:
        """Name the file of ``scores`` or ``decisions``."""
        return self.out / kind / f"part-{self.number:05d}.parquet"

    @property
    def kinds(self) -> tuple[str, ...]:
        """What a part has a file of."""
        return KINDS

    @property
    def are_there(self) -> bool:
        """Whether all are there, of this very part."""
        return all(stamp_of(self.path(kind)) == json.dumps(self.stamp) for kind in self.kinds)

    @property
    def are_whole(self) -> bool:
        """Whether all are there, and every page is as it was written."""
        return self.are_there and all(is_readable(self.path(kind)) for kind in self.kinds)

    def write(self, rows: dict[str, pd.DataFrame | pa.Table]) -> None:
        """Write them.

        Parameters
        ----------
        rows : dict of str to pyarrow.Table or DataFrame
            By kind.
        """
        for kind in KINDS:
            write_parquet(rows[kind], self.path(kind), json.dumps(self.stamp))

"""Write the parts of one plan, then the manifest that says that all of it is there."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from nbo.batch.files import digest, read_json, remove_leftovers, stamp_of, write_json, write_parquet
from nbo.batch.plan import MANIFEST, Plan, start
from nbo.batch.result import BatchResult
from nbo.next_best_offer import NextBestOffer
from nbo.progress import track
from nbo.tables import CustomerTables, Spine

if TYPE_CHECKING:
    from nbo.arbitration import Plan as DecisionPlan
    from nbo.ledger import Ledger

__all__ = ["KINDS", "REJECTS", "Writer"]

logger = logging.getLogger(__name__)

KINDS = ("scores", "decisions")
REJECTS = "rejects.parquet"


@dataclass(frozen=True)
class Writer:
    """Write the parts of one plan.

    Parameters
    ----------
    plan : Plan
    model : NextBestOffer
    tables : CustomerTables
        Rows that can be used.
    rejects : DataFrame
        The other rows.
    spine : Spine
        Who is decided for; n rows.
    chunk_size : int
        Customers per part.
    out : Path
    """

    plan: Plan
    model: NextBestOffer
    tables: CustomerTables
    rejects: pd.DataFrame
    spine: Spine
    chunk_size: int
    out: Path

    def write(self, ledger: Ledger | None, progress: bool | None) -> BatchResult:
        """Write what is not there yet.

        Parameters
        ----------
        ledger : Ledger or None
        progress : bool or None

        Returns
        -------
        BatchResult
        """
        # An earlier run of the same plan may have cut its parts otherwise.
        return replace(self, chunk_size=start(self.plan, self.chunk_size, self.out))._write_missing(ledger, progress)

    def result(
        self,
        status: Literal["complete", "already complete", "planned"],
        skipped: int = 0,
        recorded: int | None = None,
    ) -> BatchResult:
        """Say what there is.

        Parameters
        ----------
        status, skipped, recorded
            As in `BatchResult`.

        Returns
        -------
        BatchResult
        """
        return BatchResult(
            out=self.out,
            status=status,
            run_id=self.plan.run_id,
            as_of=pd.Timestamp(self.plan.as_of),
            model_version=self.plan.model_version,
            customers=len(self.spine),
            scores=len(self.spine) * len(self.model.catalog or ()),
            rejects=len(self.rejects),
            parts=len(self._begins),
            skipped=skipped,
            recorded=recorded,
        )

    @property
    def _begins(self) -> list[int]:
        """Where each part begins; at least one part, if only an empty one."""
        return list(range(0, max(len(self.spine), 1), self.chunk_size))

    def _write_missing(self, ledger: Ledger | None, progress: bool | None) -> BatchResult:
        manifest = read_json(self.out / MANIFEST)
        self._remove_altered((manifest or {}).get("files", {}))
        missing = [part for part in range(len(self._begins)) if not self._is_whole(part)]
        done = manifest is not None and not missing and (self.out / REJECTS).is_file()
        if not done:
            (self.out / MANIFEST).unlink(missing_ok=True)
            write_parquet(self.rejects, self.out / REJECTS)
        for part in track(missing, "scoring", total=len(missing), unit="part", progress=progress):
            self._write_part(part)
        recorded = None if ledger is None else self._record(ledger)
        if not done:
            write_json(self._manifest(), self.out / MANIFEST)
            for folder in (self.out, *(self.out / kind for kind in KINDS)):
                remove_leftovers(folder)
        return self.result("already complete" if done else "complete", len(self._begins) - len(missing), recorded)

    def _remove_altered(self, files: dict[str, Any]) -> None:
        for name, entry in files.items():
            path = self.out / name
            if path.is_file() and digest(path) != entry["sha256"]:
                logger.warning("%s was altered after the job; it is written anew", path)
                path.unlink()

    def _path(self, kind: str, part: int) -> Path:
        return self.out / kind / f"part-{part:05d}.parquet"

    def _stamp(self, part: int) -> str:
        return json.dumps({"plan": self.plan.fingerprint, "first": self._begins[part], "size": self.chunk_size})

    def _is_whole(self, part: int) -> bool:
        return all(stamp_of(self._path(kind, part)) == self._stamp(part) for kind in KINDS)

    def _write_part(self, part: int) -> None:
        first, plan = self._begins[part], self.plan
        spine = Spine.of(self.spine.frame.iloc[first : first + self.chunk_size])
        frames = self.model.score_and_decide(
            self.tables,
            spine,
            rng=plan.rng,
            run_id=plan.run_id,
            model_version=plan.model_version,
            plan=self._together,
        )
        for kind, frame in zip(KINDS, frames, strict=True):
            write_parquet(frame, self._path(kind, part), self._stamp(part))

    @cached_property
    def _together(self) -> DecisionPlan | None:
        """What the customers of all parts settle together, where any rule lets them compete."""
        alone = len(self._begins) == 1 or not self.model.competes
        return None if alone else self.model.plan(self.tables, self.spine)

    def _record(self, ledger: Ledger) -> int:
        paths = [self._path("decisions", part) for part in range(len(self._begins))]
        return sum(ledger.record(pd.read_parquet(path)) for path in paths)

    def _manifest(self) -> dict[str, Any]:
        plan, result = self.plan, self.result("complete")
        names = [
            REJECTS,
            *(str(self._path(kind, i).relative_to(self.out)) for kind in KINDS for i in range(result.parts)),
        ]
        rows = {"customers": result.customers, "scores": result.scores, "rejects": result.rejects}
        return {
            "fingerprint": plan.fingerprint,
            "run_id": plan.run_id,
            "as_of": plan.as_of,
            "model_version": plan.model_version,
            "model_sha256": plan.model_sha256,
            "versions": plan.versions,
            "inputs": plan.inputs,
            "rows": {**rows, "decisions": result.customers},
            "files": {
                name: {"bytes": (self.out / name).stat().st_size, "sha256": digest(self.out / name)} for name in names
            },
        }

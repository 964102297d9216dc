"""Write the parts of one plan, then the manifest that says that all of it is there."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from joblib import Parallel, delayed

from nbo.arbitration import Plan as DecisionPlan
from nbo.batch.files import digest, read_json, remove_leftovers, write_json, write_parquet
from nbo.batch.part import PartFiles, part_rows
from nbo.batch.plan import KINDS, MANIFEST, Plan, start
from nbo.batch.result import BatchResult
from nbo.batch.rows import Ask, Rows
from nbo.batch.wishes import Wishes
from nbo.next_best_offer import NextBestOffer
from nbo.progress import track

if TYPE_CHECKING:
    from nbo.ledger import Ledger

__all__ = ["REJECTS", "Writer"]

logger = logging.getLogger(__name__)

REJECTS = "rejects.parquet"


@dataclass(frozen=True)
class Writer:
    """Write the parts of one plan.

    Parameters
    ----------
    plan : Plan
    model : NextBestOffer
    rows : Rows
        Who is decided for.
    wishes : Wishes
    chunk_size : int
        Rows per part.
    out : Path
    n_jobs : int, default=1
        Parts that are worked on at once.
    """

    plan: Plan
    model: NextBestOffer
    rows: Rows
    wishes: Wishes
    chunk_size: int
    out: Path
    n_jobs: int = 1

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
            customers=self.rows.n_customers,
            scores=self.rows.n_customers * len(self.model.catalog or ()),
            rejects=len(self.rows.rejects),
            parts=self._n_parts,
            skipped=skipped,
            recorded=recorded,
        )

    @property
    def _n_parts(self) -> int:
        """At least one part, if only an empty one."""
        return max(1, -(-self.rows.n_rows // self.chunk_size))

    def _write_missing(self, ledger: Ledger | None, progress: bool | None) -> BatchResult:
        manifest = read_json(self.out / MANIFEST)
        self._remove_altered((manifest or {}).get("files", {}))
        missing = {number for number in range(self._n_parts) if not self._has(number, manifest is not None)}
        done = manifest is not None and not missing and (self.out / REJECTS).is_file()
        if not done:
            (self.out / MANIFEST).unlink(missing_ok=True)
            write_parquet(self.rows.rejects, self.out / REJECTS)
        if missing:
            self._write_parts(missing, progress)
        recorded = None if ledger is None else self._record(ledger)
        if not done:
            write_json(self._manifest(), self.out / MANIFEST)
            for folder in (self.out, *(self.out / kind for kind in KINDS)):
                remove_leftovers(folder)
        return self.result("already complete" if done else "complete", self._n_parts - len(missing), recorded)

    def _remove_altered(self, files: dict[str, Any]) -> None:
        for name, entry in files.items():
            path = self.out / name
            if path.is_file() and digest(path) != entry["sha256"]:
                logger.warning("%s was altered after the job; it is written anew", path)
                path.unlink()

    def _has(self, number: int, summed_up: bool) -> bool:
        """Tell whether a part need not be written; where no manifest sums its files up, their pages are read."""
        files = self._files(number)
        return files.are_there if summed_up else files.are_whole

    def _files(self, number: int) -> PartFiles:
        first = number * self.chunk_size
        return PartFiles(self.out, number, {"plan": self.plan.fingerprint, "first": first, "size": self.chunk_size})

    def _write_parts(self, missing: set[int], progress: bool | None) -> None:
        asks, together = self._asks(missing)
        sizes = {number: min(self.chunk_size, self.rows.n_rows - number * self.chunk_size) for number in missing}

        def write(number: int, ask: Ask) -> int:
            self._files(number).write(part_rows(ask(), self.plan, self.wishes, together))
            return number

        # Threads, for trees and files are walked and written without Python's lock; few are ahead, for memory's sake.
        work = Parallel(
            self.n_jobs, backend="threading", batch_size=1, pre_dispatch="n_jobs", return_as="generator_unordered"
        )
        done = work(delayed(write)(number, ask) for number, ask in asks)
        for _ in track(
            done, "scoring", total=sum(sizes.values()), unit="customers", progress=progress, size=sizes.__getitem__
        ):
            pa.default_memory_pool().release_unused()

    def _asks(self, missing: set[int]) -> tuple[Iterator[tuple[int, Ask]], DecisionPlan | None]:
        """Ask part by part, or all at once where customers compete."""
        arms, size = self.wishes.arms, self.chunk_size
        if not self.wishes.limits and not self.model.competes:
            return self.rows.parts(size, missing, arms), None
        asked = self.rows.whole(arms)
        places = {number: slice(number * size, (number + 1) * size) for number in sorted(missing)}
        parts = ((number, lambda place=place: asked.part(place, arms)) for number, place in places.items())
        return parts, asked.plan(self.wishes.limits, self.wishes.slots)

    def _record(self, ledger: Ledger) -> int:
        paths = [self._files(number).path("decisions") for number in range(self._n_parts)]
        return sum(ledger.record(pd.read_parquet(path)) for path in paths)

    def _manifest(self) -> dict[str, Any]:
        plan, result = self.plan, self.result("complete")
        parts = [self._files(number).path(kind) for kind in KINDS for number in range(result.parts)]
        names = [REJECTS, *(str(path.relative_to(self.out)) for path in parts)]
        rows = {"customers": result.customers, "scores": result.scores, "rejects": result.rejects}
        decided = sum(pq.read_metadata(path).num_rows for path in parts if path.parent.name == "decisions")
        return {
            "fingerprint": plan.fingerprint,
            "run_id": plan.run_id,
            "as_of": plan.as_of,
            "model_version": plan.model_version,
            "model_sha256": plan.model_sha256,
            "versions": plan.versions,
            "inputs": plan.inputs,
            "wishes": plan.wishes,
            "rows": {**rows, "decisions": decided},
            "files": {
                name: {"bytes": (self.out / name).stat().st_size, "sha256": digest(self.out / name)} for name in names
            },
        }

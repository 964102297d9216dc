"""What an earlier batch job left, unless it is too old to be used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from nbo.batch.files import read_json
from nbo.batch.plan import MANIFEST
from nbo.batch.result import BatchResult
from nbo.errors import InputError
from nbo.times import check_duration, check_time

__all__ = ["open_result"]


def open_result(folder: str | Path, at: Any, max_age: str | pd.Timedelta = "7D") -> BatchResult:
    """Open what an earlier batch job left, unless it is too old to be used.

    Parameters
    ----------
    folder : str or Path
        The `out` of :func:`nbo.batch.score`.
    at : Timestamp or str
        When the scores are used, UTC.
    max_age : str or Timedelta, default="7D"
        How long after the moment that they were made for scores may be used.

    Returns
    -------
    BatchResult

    Raises
    ------
    InputError
        If the job is not done, or its scores are older than `max_age`, or of a later moment.

    Examples
    --------
    >>> import tempfile
    >>> from nbo.batch.job import score
    >>> from nbo.next_best_offer import NextBestOffer
    >>> from nbo.simulate import World
    >>> from nbo.tables import Spine
    >>> world = World(customers=150, days=90, seed=1)
    >>> model = NextBestOffer().fit(world.tables, Spine.at(world.end, world.tables), as_of=world.end)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = score(model, world.tables, folder, as_of=world.end)
    ...     len(open_result(folder, at=world.end + pd.Timedelta("2D")).read_decisions())
    150
    """
    out, moment, allowed = Path(folder), check_time(at, "at"), check_duration(max_age, "max_age")
    manifest = read_json(out / MANIFEST)
    if manifest is None:
        raise InputError(f"{out} holds no batch job that is done: {MANIFEST} is missing. Call nbo.batch.score again.")
    if not {"as_of", "run_id", "model_version", "rows", "files"} <= set(manifest):
        raise InputError(
            f"{out / MANIFEST} was altered: it lacks what a job writes. Call nbo.batch.score with force=True."
        )
    age = moment - pd.Timestamp(manifest["as_of"])
    if not pd.Timedelta(0) <= age <= allowed:
        what = f"{age} old" if age > allowed else "of a later moment"
        raise InputError(
            f"the scores in {out} are of {manifest['as_of']}: at {moment} they are {what}, and at most {allowed} is "
            "allowed. Score anew, or allow more by max_age."
        )
    rows = manifest["rows"]
    parts = sum(name.startswith("decisions/") for name in manifest["files"])
    return BatchResult(
        out=out,
        status="already complete",
        run_id=manifest["run_id"],
        as_of=pd.Timestamp(manifest["as_of"]),
        model_version=manifest["model_version"],
        customers=rows["customers"],
        scores=rows["scores"],
        rejects=rows["rejects"],
        parts=parts,
        skipped=parts,
    )

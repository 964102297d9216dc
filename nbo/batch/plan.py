"""What a batch job is about to do: fixed before the first part, so that a rerun does the same or stops."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import nbo
from nbo.batch.files import digest, read_json, write_json
from nbo.batch.source import Source
from nbo.batch.wishes import Wishes
from nbo.errors import InputError
from nbo.tables import CustomerTables

__all__ = ["KINDS", "MANIFEST", "PLAN", "Plan", "check_same", "make_plan", "start"]

PLAN, MANIFEST = "plan.json", "manifest.json"
# What is written part by part, each in a folder of its own.
KINDS = ("scores", "decisions")
_FORMAT = 2


@dataclass(frozen=True)
class Plan:
    """What identifies a batch job: with the same plan come the same files, to the bit.

    Parameters
    ----------
    format : int
        Of this file.
    as_of : str
        The moment decided for, UTC, ISO 8601.
    rng : int or str
        Names the draws, together with `run_id`.
    run_id : str
        Name of the decision run.
    limit : int or None
        How many customers at most.
    model_version, model_sha256 : str
        The model.
    versions : dict of str to str
        Of nbo and LightGBM.
    inputs : dict of str to dict
        Table -> rows and sha256 of its content; file of given features -> bytes and sha256.
    wishes : dict
        See :class:`~nbo.batch.wishes.Wishes`.
    past : dict of str to int
        How many rows of a ledger, in the order of recording, count as past.
    """

    format: int
    as_of: str
    rng: int | str
    run_id: str
    limit: int | None
    model_version: str
    model_sha256: str
    versions: dict[str, str]
    inputs: dict[str, dict[str, Any]]
    wishes: dict[str, Any]
    past: dict[str, int] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """Checksum of all that the plan says."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()

    def named(self) -> Plan:
        """Give its run a name made of the moment and all inputs: the same inputs, the same run."""
        nameless = replace(self, run_id="")
        return replace(self, run_id=f"{pd.Timestamp(self.as_of):%Y%m%dT%H%M%S}-{nameless.fingerprint[:12]}")


def make_plan(
    source: Source,
    tables: CustomerTables,
    as_of: pd.Timestamp,
    rng: int | str,
    run_id: str | None,
    limit: int | None,
    wishes: Wishes | None = None,
    features: Sequence[Path] = (),
    past: dict[str, int] | None = None,
) -> Plan:
    """Fix what a job is about to do.

    Parameters
    ----------
    source : Source
    tables : CustomerTables
        As given.
    as_of : Timestamp
    rng : int or str
    run_id : str or None
        None makes one of the moment and all inputs: the same inputs, the same run.
    limit : int or None
    wishes : Wishes, optional
    features : sequence of Path, default=()
        Files of features that were built before.
    past : dict of str to int, optional
        Rows of a ledger that count as past.

    Returns
    -------
    Plan
    """
    versions = {"nbo": nbo.__version__, "lightgbm": version("lightgbm")}
    inputs = {name: _content(tables.get(name)) for name in tables.names}
    for number, path in enumerate(features):
        inputs[f"features {number} {path.name}"] = {"bytes": path.stat().st_size, "sha256": digest(path)}
    told = (wishes or Wishes()).told()
    name, moment = run_id or "", as_of.isoformat()
    plan = Plan(_FORMAT, moment, rng, name, limit, source.version, source.sha256, versions, inputs, told, past or {})
    return plan if run_id is not None else plan.named()


def is_begun(out: Path) -> bool:
    """Tell whether a job has written any part to a folder, or a manifest: before that, another may take its place."""
    return (out / MANIFEST).exists() or any(any((out / kind).glob("part-*")) for kind in KINDS)


def check_same(plan: Plan, out: Path) -> None:
    """Refuse a folder that holds another job, or files of nobody knows which.

    Parameters
    ----------
    plan : Plan
    out : Path

    Raises
    ------
    InputError
        Says what differs.
    """
    stored = read_json(out / PLAN)
    way_out = "Choose another folder, or force=True to write this one anew."
    if stored is None:
        if any((out / kind).exists() for kind in (*KINDS, MANIFEST)):
            raise InputError(f"{out} holds scores or decisions without a {PLAN}. {way_out}")
        return
    if not is_begun(out):
        return
    mine = asdict(plan)
    differing = [key for key in mine if key != "run_id" and stored.get(key) != mine[key]]
    if not differing and stored.get("run_id") == plan.run_id:
        return
    words = "; ".join(_difference(key, stored.get(key), mine[key]) for key in differing or ["run_id"])
    raise InputError(f"{out} holds the run {stored.get('run_id')!r} of other inputs: {words}. {way_out}")


def start(plan: Plan, chunk_size: int, out: Path) -> int:
    """Write the plan down, unless an earlier run of the same job did.

    Parameters
    ----------
    plan : Plan
    chunk_size : int
        Customers per part.
    out : Path

    Returns
    -------
    int
        Customers per part: of the earlier run, if there was one, so that its parts fit.
    """
    stored = read_json(out / PLAN)
    if stored is not None and {name: stored.get(name) for name in asdict(plan)} == asdict(plan):
        return int(stored["chunk_size"])
    write_json({**asdict(plan), "chunk_size": chunk_size}, out / PLAN)
    return chunk_size


def _difference(key: str, before: Any, now: Any) -> str:
    if key == "inputs":
        tables = sorted(name for name in {*(before or {}), *now} if (before or {}).get(name) != now.get(name))
        return f"the tables {', '.join(tables)} have other rows"
    if key == "wishes":
        other = [name for name in now if (before or {}).get(name) != now[name]]
        return f"{', '.join(other)} {'are' if len(other) > 1 else 'is'} another"
    if key == "model_sha256":
        return "the model is another one"
    return f"{key} was {before!r} and is {now!r}"


def _content(frame: pd.DataFrame) -> dict[str, Any]:
    """Rows and checksum of a table; the order of the rows counts."""
    content = hashlib.sha256()
    for name in frame.columns:
        content.update(f"{name}\n".encode())
        content.update(_hashable(frame[name]).to_numpy().tobytes())
    return {"rows": len(frame), "sha256": content.hexdigest()}


def _hashable(values: pd.Series) -> pd.Series:
    if values.dtype == object:
        # Lists and arrays: the same items are the same text, however they came.
        values = values.map(lambda value: repr(value.tolist() if isinstance(value, np.ndarray) else value))
    return pd.util.hash_pandas_object(values, index=False)

"""Run the peers, each in a process of its own: do they agree, and what do they take."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd

from tests.benchmarks.features import data, featuretools_peer, plan
from tests.benchmarks.features.cases import Run
from tests.benchmarks.features.peers import KEYS

ROOT = Path(__file__).parents[3]
MEASURE = ["-m", "tests.benchmarks.features.measure"]
TOLERANCE = 1e-9
SMALL = 50_000, 500


class Failed(Exception):  # noqa: N818 -- it says what happened
    """A run did not come to its end; the text says why."""


def one_run(peer: str, folder: Path, spine: str, customers: int, limit: float, keep: Path | None = None) -> Run:
    """Measure one run; it is ended after `limit` seconds."""
    python = featuretools_peer.environment(folder.parent) if peer == "featuretools" else sys.executable
    command = [python, *MEASURE, peer, folder, spine, customers, *(["--keep", keep] if keep else [])]
    process = subprocess.Popen(
        [str(part) for part in command],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        out, errors = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        # Its own group: Spark's processes end with it.
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise Failed(f"over {limit:.0f} s") from None
    if process.returncode:
        raise Failed((errors.strip().splitlines() or ["no message"])[-1])
    return json.loads(out.splitlines()[-1])


def race(
    peers: list[str], folder: Path, spine: str, customers: int, repeat: int, limit: float
) -> tuple[dict[str, Run], dict[str, str]]:
    """Run all peers in turn, `repeat` times; give medians by peer, and why peers failed."""
    runs: dict[str, list[Run]] = {peer: [] for peer in peers}
    failures: dict[str, str] = {}
    for _ in range(repeat):
        for peer in [peer for peer in peers if peer not in failures]:
            try:
                runs[peer].append(one_run(peer, folder, spine, customers, limit))
            except Failed as failure:
                failures[peer] = str(failure)
    medians = {
        peer: {what: median(run[what] for run in taken) for what in ("cpu", "wall", "peak_mb", "rows")}
        for peer, taken in runs.items()
        if peer not in failures
    }
    return medians, failures


def disagreements(peers: list[str], cache: Path, spine: str, limit: float) -> dict[str, str]:
    """Compare each peer with the first on a small file; give what differs, or why a peer failed."""
    events, customers = SMALL
    folder = data.make(cache, events, customers)
    frames: dict[str, pd.DataFrame] = {}
    found: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as kept:
        for peer in peers:
            file = Path(kept) / f"{peer}.parquet"
            try:
                one_run(peer, folder, spine, customers, limit, keep=file)
            except Failed as failure:
                found[peer] = str(failure)
                continue
            frames[peer] = pd.read_parquet(file)
            found |= difference(peer, frames[peer], next(iter(frames.values())))
    return found


def difference(peer: str, got: pd.DataFrame, wanted: pd.DataFrame) -> dict[str, str]:
    """Name the columns in which two frames, ordered by their keys, differ by more than 1e-9."""
    if len(got) != len(wanted) or not (got[KEYS].to_numpy() == wanted[KEYS].to_numpy()).all():
        return {peer: "other rows"}
    columns = [name for name in plan.FEATURES if not close(got[name], wanted[name])]
    return {peer: f"other values in {', '.join(columns)}"} if columns else {}


def close(got: Any, wanted: Any) -> bool:
    pair = [np.asarray(column, dtype=float) for column in (got, wanted)]
    return np.allclose(*pair, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True)

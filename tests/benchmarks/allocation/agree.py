"""Small allocations beside OR-tools (capacities) and HiGHS (a budget, too)."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import numpy as np
from scipy import optimize, sparse

from nbo.arbitration import Limit, allocate
from tests.benchmarks.allocation.worlds import small_world

_PEER = Path(__file__).with_name("flow_peer.py")


def environment(folder: Path) -> Path:
    """Make OR-tools' environment, if it is not there yet; give its Python."""
    python = folder / "ortools" / "bin" / "python"
    if not (folder / "ortools" / "ready").exists():
        venv.create(folder / "ortools", with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "ortools==9.15.6755", "numpy"], check=True)
        (folder / "ortools" / "ready").touch()
    return python


def flow(python: Path, priority: np.ndarray, limits: list[Limit]) -> dict:
    """Let OR-tools solve it."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "given.npz"
        np.savez(file, priority=priority, capacities=np.array([limit.at_most for limit in limits]))
        answer = subprocess.run([python, _PEER, file], check=True, capture_output=True, text=True)
    return json.loads(answer.stdout)


def linear_bound(priority: np.ndarray, limits: list[Limit]) -> float:
    """Give the value of the linear program, by HiGHS."""
    n, k = priority.shape
    rows, columns = np.nonzero(priority > 0)
    counts, most = [], []
    for limit in limits:
        cost = np.broadcast_to(np.ones(k) if limit.cost is None else limit.cost, (n, k))[rows, columns]
        counts.append(cost * (True if limit.offers is None else columns == limit.offers[0]))
        most.append(limit.at_most)
    own = sparse.csr_array((np.ones(len(rows)), (rows, np.arange(len(rows)))), shape=(n, len(rows)))
    matrix = sparse.vstack([sparse.csr_array(np.array(counts)), own], format="csr")
    answer = optimize.linprog(
        -priority[rows, columns].astype(float), A_ub=matrix, b_ub=np.concatenate([most, np.ones(n)]), bounds=(0, 1)
    )
    return -float(answer.fun)


def compare(folder: Path, instances: int) -> dict[str, float]:
    """Give the largest differences over random instances, and the gaps that whole customers leave."""
    python, apart, outside, gaps = environment(folder), [], [], []
    for seed in range(instances):
        priority, limits = small_world(seed, budget=False)
        found, peer = allocate(priority, limits), flow(python, priority, limits)
        if not peer["optimal"]:
            sys.exit(f"OR-tools found no optimum of instance {seed}")
        apart.append(abs(found.value - peer["value"]) / peer["value"])
        priority, limits = small_world(seed, budget=True)
        found, best = allocate(priority, limits), linear_bound(priority, limits)
        # The optimum of the linear program must lie between the value and the bound.
        outside.append(max(found.value - best, best - found.bound) / best)
        gaps.append(found.gap)
    return {"apart": max(apart), "outside": max(outside), "gap": float(np.median(gaps)), "largest_gap": max(gaps)}

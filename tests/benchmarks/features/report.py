"""The numbers as text."""

from __future__ import annotations

import math
import os
import platform
from importlib.metadata import PackageNotFoundError, version

import numpy as np

from tests.benchmarks.features.cases import Limit, Runs

PACKAGES = ("nbo", "numpy", "pandas", "polars", "duckdb", "pyarrow", "pyspark")


def table(case: str, events: int, customers: int, runs: Runs, failures: dict[str, str]) -> str:
    """One line per peer, fastest first."""
    lines = [f"{case}: {events:,} events, {customers:,} customers", "peer                  CPU s    wall s   peak MB"]
    for peer, run in sorted(runs.items(), key=lambda item: item[1]["cpu"]):
        lines.append(f"{peer:<18} {run['cpu']:>8.2f}  {run['wall']:>8.2f}  {run['peak_mb']:>8,.0f}")
    lines += [f"{peer:<18} {why}" for peer, why in failures.items()]
    return "\n".join(lines) + "\n"


def growth(steps: list[dict]) -> list[str]:
    """How CPU grows with n log n where there are several sizes: 1 is in proportion."""
    peers = {peer for step in steps for peer in step["runs"]}
    lines = []
    for peer in sorted(peers):
        points = [(step["events"], step["runs"][peer]["cpu"]) for step in steps if peer in step["runs"]]
        if len(points) > 1:
            work = [math.log(n * math.log(n)) for n, _ in points]
            power = np.polyfit(work, [math.log(cpu) for _, cpu in points], 1)[0]
            lines.append(f"CPU of {peer} grows as (n log n)^{power:.2f}\n")
    return lines


def line(limit: Limit) -> str:
    """What was measured, the limit, and whether it is met."""
    if math.isnan(limit.value):
        return f"{limit.what}: not measured\n"
    side = "at least" if limit.at_least else "at most"
    return f"{limit.what}: {limit.value:,.3f} ({side} {limit.bound:,g}: {'met' if limit.met else 'missed'})\n"


def machine() -> dict[str, str | int | None]:
    """Say where the numbers come from."""
    return {"python": platform.python_version(), "cores": os.cpu_count()} | {name: installed(name) for name in PACKAGES}


def installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None

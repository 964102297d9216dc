"""Measure allocations of simulated customers: ``python -m tests.benchmarks.allocation --help``."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import click

from tests.benchmarks.allocation import agree
from tests.benchmarks.features.cases import Limit
from tests.benchmarks.features.report import line, machine

# Customers, offers, slots, costs by pair.
SIZES = ((1_000_000, 20, 1, 0), (1_000_000, 20, 1, 1), (1_000_000, 20, 3, 0), (1_000_000, 100, 1, 0))


@click.command(help=__doc__)
@click.option("--case", type=click.Choice(["size", "agree"]), default="size", show_default=True)
@click.option("--customers", type=int, help="Instead of a million.")
@click.option("--repeat", type=int, default=5, show_default=True, help="Runs of each size; medians are shown.")
@click.option("--greedy/--no-greedy", default=True, help="Also allocate by pairs in the order of their priority.")
@click.option("--instances", type=int, default=50, show_default=True, help="Of the case agree.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=Path(tempfile.gettempdir()) / "nbo_allocation_peers",
    show_default=True,
    help="Keeps the peer's environment.",
)
@click.option("--check", is_flag=True, help="Exit with 1 if a limit is missed.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Also write the numbers here.")
def main(case, customers, repeat, greedy, instances, folder, check, file) -> None:
    runs: list[dict] = []
    if case == "size":
        click.echo("customers offers slots costs      pass s  seconds  passes     gap  memory  greedy loses (s)")
        for n, k, slots, matrix in SIZES:
            runs.append(measured(customers or n, k, slots, matrix, repeat, greedy))
            click.echo(shown(runs[-1]))
        limits = limits_of(runs[0])
    else:
        runs.append(agree.compare(folder, instances))
        click.echo(f"gap with a budget: median {runs[0]['gap']:.1e}, largest {runs[0]['largest_gap']:.1e}")
        limits = [
            Limit(f"largest relative difference to OR-tools, of 1e-7, over {instances} instances",
                  runs[0]["apart"] / 1e-7, 1),
            Limit("optimum of HiGHS outside of value and bound, relative, of 1e-7", runs[0]["outside"] / 1e-7, 1),
        ]  # fmt: skip
    click.echo("".join(line(limit) for limit in limits))
    if file:
        judged = [asdict(limit) | {"met": limit.met} for limit in limits]
        file.write_text(json.dumps({"case": case, "machine": machine(), "runs": runs, "limits": judged}, indent=2))
    sys.exit(bool(check and not all(limit.met for limit in limits)))


def measured(n: int, k: int, slots: int, matrix: int, repeat: int, greedy: bool) -> dict:
    command = [sys.executable, "-m", "tests.benchmarks.allocation.measure"]
    numbers = [str(int(number)) for number in (n, k, slots, matrix, repeat, greedy)]
    answer = subprocess.run([*command, *numbers], check=True, capture_output=True, text=True)
    return json.loads(answer.stdout)


def shown(run: dict) -> str:
    lost = math.nan if run["greedy_loses"] is None else 100 * run["greedy_loses"]
    return (
        f"{run['customers']:>9,} {run['offers']:>6} {run['slots']:>5} {run['costs']:<9} {run['pass']:>7.3f} "
        f"{run['seconds']:>8.2f} {run['passes']:>7.1f} {run['gap']:>7.1e} {run['memory']:>7.2f} "
        f"{lost:>6.2f} % ({run['greedy_seconds'] or math.nan:.1f})"
    )


def limits_of(run: dict) -> list[Limit]:
    return [
        Limit("gap, in units of 1e-4", run["gap"] / 1e-4, 1),
        Limit("time, in plain passes", run["passes"], 20),
        Limit("memory, in score matrices", run["memory"], 3),
    ]


if __name__ == "__main__":
    main()

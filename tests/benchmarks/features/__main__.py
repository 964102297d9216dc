"""Measure point-in-time features: ``python -m tests.benchmarks.features --help``."""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import click

from tests.benchmarks.features import data, report
from tests.benchmarks.features.cases import CASES, Limit
from tests.benchmarks.features.peers import PEERS
from tests.benchmarks.features.race import disagreements, race


@click.command(help=__doc__)
@click.option("--case", "name", type=click.Choice(list(CASES)), default="two", show_default=True)
@click.option("--peers", help=f"Comma between them; those of the case if not given. All: {', '.join(PEERS)}.")
@click.option("--events", type=int, multiple=True, help="Size; of `scale` also several. That of the case if not given.")
@click.option("--customers", type=int, help="That of the case if not given; of `scale` a hundredth of the events.")
@click.option(
    "--data", "cache", type=click.Path(path_type=Path), help="Keeps the files; a temporary folder if not given."
)
@click.option("--repeat", type=int, default=1, show_default=True, help="Runs of each peer, in turn; medians are shown.")
@click.option("--time-limit", type=float, default=900, show_default=True, help="Seconds after which a run is ended.")
@click.option("--agree/--no-agree", default=True, help="First compare all peers on a small file.")
@click.option("--check", is_flag=True, help="Exit with 1 if a limit is missed.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Also write the numbers here.")
def main(name, peers, events, customers, cache, repeat, time_limit, agree, check, file) -> None:
    case = CASES[name]
    chosen = peers.split(",") if peers else list(case.peers)
    if unknown := set(chosen) - set(PEERS):
        raise click.BadParameter(f"there are no peers {', '.join(sorted(unknown))}", param_hint="--peers")
    with tempfile.TemporaryDirectory() as temporary:
        cache = (cache or Path(temporary)).resolve()
        if agree:
            confirm(chosen, cache, case.spine, time_limit)
        steps, limits = [], []
        for size in events or case.sizes:
            people = customers or case.customers or size // 100
            folder = data.make(cache, size, people)
            runs, failures = race(chosen, folder, case.spine, people, repeat, time_limit)
            limits = case.limits(runs)
            click.echo(report.table(name, size, people, runs, failures))
            steps.append({"events": size, "customers": people, "runs": runs, "failures": failures})
    growth = report.growth(steps)
    click.echo("".join(growth + [report.line(limit) for limit in limits]))
    if file:
        file.write_text(json.dumps(document(name, steps, limits), indent=2))
    sys.exit(bool(check and not all(limit.met for limit in limits)))


def confirm(peers: list[str], cache: Path, spine: str, limit: float) -> None:
    """All peers must compute the same, or no time is measured."""
    against = peers if len(peers) > 1 else [*peers, "duckdb"]
    if found := disagreements(against, cache, spine, limit):
        raise click.ClickException("".join(f"\n  {peer}: {why}" for peer, why in found.items()))
    click.echo(f"{', '.join(against)} agree to 1e-9 on a small file.\n")


def document(case: str, steps: list[dict], limits: list[Limit]) -> dict:
    judged = [asdict(limit) | {"met": limit.met} for limit in limits]
    return {"case": case, "machine": report.machine(), "steps": steps, "limits": judged}


if __name__ == "__main__":
    main()

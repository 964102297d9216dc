"""Measure bandits in simulated worlds: ``python -m tests.benchmarks.bandits --help``."""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import click

from tests.benchmarks.bandits import regret
from tests.benchmarks.bandits.contestants import CONTESTANTS
from tests.benchmarks.bandits.results import Results
from tests.benchmarks.bandits.worlds import ROUNDS
from tests.benchmarks.features.report import line, machine

CASES = ("regret", "safety", "speed", "starbucks")


@click.command(help=__doc__)
@click.option("--case", type=click.Choice(CASES), default="regret", show_default=True)
@click.option(
    "--only", help=f"Who plays now, with ; between them; of others, what is known. All: {'; '.join(CONTESTANTS)}."
)
@click.option("--rounds", default=ROUNDS, show_default=True, help="Decisions of a world.")
@click.option("--fresh", is_flag=True, help="Play again what has been played before.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=Path(tempfile.gettempdir()) / "nbo_bandit_peers",
    show_default=True,
    help="Keeps the peers' environments and the results.",
)
@click.option("--check", is_flag=True, help="Exit with 1 if a limit is missed.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Also write the numbers here.")
def main(case: str, only: str | None, rounds: int, fresh: bool, folder: Path, check: bool, file: Path | None) -> None:
    names = only.split(";") if only else list(CONTESTANTS)
    names = [name.strip() for name in names]
    if unknown := set(names) - set(CONTESTANTS):
        raise click.BadParameter(f"there are no {', '.join(sorted(unknown))}", param_hint="--only")
    results = Results(folder)
    numbers: dict = {}
    if case == "regret":
        regret.play(results, names, rounds, fresh)
        found = regret.collect(results, rounds)
        text, limits = regret.tables(found), regret.limits(found)
        numbers = {name: {str(place): curve for place, curve in curves.items()} for name, curves in found.items()}
    elif case == "safety":
        text, limits = regret.safety(results, names, rounds, fresh)
    click.echo(text)
    click.echo("".join(line(limit) for limit in limits))
    if file:
        judged = [asdict(limit) | {"met": limit.met} for limit in limits]
        document = {"case": case, "machine": machine(), "numbers": numbers, "limits": judged}
        file.write_text(json.dumps(document, indent=2))
    sys.exit(bool(check and not all(limit.met for limit in limits)))


if __name__ == "__main__":
    main()

"""Measure bandits in simulated worlds: ``python -m tests.benchmarks.bandits --help``."""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import click

from tests.benchmarks.bandits import regret, speed, starbucks
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
@click.option("--worlds", default="", help="Play only worlds with this in their names, such as 500x or drift.")
@click.option("--rounds", default=ROUNDS, show_default=True, help="Decisions of a world.")
@click.option("--fresh", is_flag=True, help="Play again what has been played before.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=Path(tempfile.gettempdir()) / "nbo_bandit_peers",
    show_default=True,
    help="Keeps the peers' environments and the results.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    envvar="NBO_DATA",
    default=Path("../shared/data"),
    show_default=True,
    help="Holds the published files of the Starbucks set; NBO_DATA, too.",
)
@click.option("--check", is_flag=True, help="Exit with 1 if a limit is missed.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Also write the numbers here.")
def main(
    case: str,
    only: str | None,
    worlds: str,
    rounds: int,
    fresh: bool,
    folder: Path,
    data: Path,
    check: bool,
    file: Path | None,
) -> None:
    names = [name.strip() for name in only.split(";")] if only else list(CONTESTANTS)
    if unknown := set(names) - set(CONTESTANTS):
        raise click.BadParameter(f"there are no {', '.join(sorted(unknown))}", param_hint="--only")
    curves: dict = {}
    if case == "regret":
        results = Results(folder)
        regret.play(results, names, worlds, rounds, fresh)
        found = regret.collect(results, rounds)
        shown = [regret.courses(found, (20, 50), variant, rounds) for variant in ("stationary", "drift")]
        text, limits = "\n".join([regret.tables(found), *shown]), regret.limits(found)
        curves = {name: {str(place): curve for place, curve in known.items()} for name, known in found.items()}
    elif case == "safety":
        text, limits = regret.safety(Results(folder), names, rounds, fresh)
    elif case == "speed":
        text, limits = speed.run(folder)
    else:
        text, limits = starbucks.run(data)
    click.echo(text)
    click.echo("".join(line(limit) for limit in limits))
    if file:
        judged = [asdict(limit) | {"met": limit.met} for limit in limits]
        document = {"case": case, "machine": machine(), "curves": curves, "limits": judged, "text": text}
        file.write_text(json.dumps(document, indent=2))
    sys.exit(bool(check and not all(limit.met for limit in limits)))


if __name__ == "__main__":
    main()

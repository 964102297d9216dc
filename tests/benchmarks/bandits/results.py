"""Play what has not been played yet, and keep what came of it."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import click

from tests.benchmarks.bandits.contestants import ROOT, Contestant
from tests.benchmarks.bandits.worlds import World

Result = dict[str, Any]


class Results:
    """Results by contestant, version, settings and world, kept in a file of the folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.file = folder / "results.json"
        self.known = self._read()

    def get(self, who: Contestant, world: World) -> Result | None:
        return self.known.get(key(who, world))

    def play(self, name: str, who: Contestant, played: list[World], fresh: bool = False) -> None:
        """Play the worlds in one process, and keep each result as it comes."""
        missing = [world for world in played if fresh or not self.get(who, world)]
        if not missing:
            return
        python = who.python(self.folder)
        with tempfile.TemporaryDirectory() as temporary:
            files = [Path(temporary) / f"{place}.npz" for place in range(len(missing))]
            for file, world in zip(files, missing, strict=True):
                world.save(file)
            process = subprocess.Popen(
                [python, "-m", f"{__package__}.seat", who.module, who.learner, json.dumps(who.settings), *files],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                text=True,
            )
            for world, line in zip(missing, process.stdout or (), strict=False):
                result = json.loads(line)
                self._keep(key(who, world), result)
                took = f"{result['microseconds']:.0f} us a round"
                click.echo(f"{name}, {world.name}, seed {world.seed}: {result['curve'][-1]:.3f}, {took}", err=True)
            if process.wait():
                raise click.ClickException(f"{name} failed; what it said stands above")

    def _read(self) -> dict[str, Result]:
        return json.loads(self.file.read_text()) if self.file.exists() else {}

    def _keep(self, name: str, result: Result) -> None:
        # Read anew: another run of the benchmark may have added to the file.
        self.known = self._read() | {name: result}
        new = self.file.with_suffix(".new")
        new.write_text(json.dumps(self.known, indent=0))
        new.replace(self.file)


def key(who: Contestant, world: World) -> str:
    parts = (who.version, who.learner, json.dumps(who.settings), world.name, f"seed {world.seed}", str(world.rounds))
    return " | ".join(parts)

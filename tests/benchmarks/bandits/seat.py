"""Play worlds in a process of its own: one line of JSON for each, as it is done.

``python -m tests.benchmarks.bandits.seat MODULE CLASS SETTINGS FILE...``; needs NumPy and the peer alone.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
import warnings
from pathlib import Path

from tests.benchmarks.bandits import game, worlds


def main(module: str, learner: str, settings: str, *files: str) -> None:
    warnings.simplefilter("ignore")
    made = getattr(importlib.import_module(f"tests.benchmarks.bandits.{module}"), learner)
    for file in files:
        world = worlds.load(Path(file))
        player = made(world.shape, 1000 + world.seed, **json.loads(settings))
        start = time.process_time()
        choices = game.play(world, player)
        seconds = time.process_time() - start
        result = {"curve": game.curve(world, choices), "microseconds": 1e6 * seconds / world.rounds}
        sys.stdout.write(json.dumps(result) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])

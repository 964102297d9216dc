"""Time one learner, one decision and one answer at a time, in a process of its own: one line of JSON.

``python -m tests.benchmarks.bandits.pace MODULE CLASS SETTINGS FILE HISTORY``; needs NumPy and the peer alone. The
first rounds of the world are its history; the others, in equal blocks, are timed.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.benchmarks.bandits import game, worlds

BLOCKS = 5


def main(module: str, learner: str, settings: str, file: str, history: str) -> None:
    warnings.simplefilter("ignore")
    world = worlds.load(Path(file))
    made = getattr(importlib.import_module(f"tests.benchmarks.bandits.{module}"), learner)
    player = made(world.shape, 0, **json.loads(settings))
    size = (world.rounds - int(history)) // BLOCKS
    game.play(cut(world, 0, int(history)), player)
    blocks = [
        timed(player, cut(world, start, start + size), start) for start in range(int(history), world.rounds, size)
    ]
    sys.stdout.write(
        json.dumps({"both": [both for both, _ in blocks], "decide": [alone for _, alone in blocks]}) + "\n"
    )


def cut(world: worlds.World, start: int, end: int) -> worlds.World:
    columns = {name: getattr(world, name)[start:end] for name in ("segments", "outcomes", "draws")}
    return replace(world, **columns)


def timed(player: Any, world: worlds.World, first: int) -> tuple[float, float]:
    """Give CPU microseconds of a decision with its answer learnt, and of a decision alone."""
    segments, draws = world.segments.tolist(), world.draws.tolist()
    accepted = (world.outcomes[:, None] < world.rates[0][world.segments]).astype(int).tolist()
    n_offers = world.shape[1]
    start = time.process_time()
    for place, (segment, uniform) in enumerate(zip(segments, draws, strict=True)):
        offer = player.choose(first + place, segment, uniform, n_offers)
        player.answer(first + place, first + place, segment, offer, accepted[place][offer], False)
    both = time.process_time() - start
    start = time.process_time()
    for segment, uniform in zip(segments, draws, strict=True):
        player.choose(-1, segment, uniform, n_offers)
    alone = time.process_time() - start
    return 1e6 * both / world.rounds, 1e6 * alone / world.rounds


if __name__ == "__main__":
    main(*sys.argv[1:])

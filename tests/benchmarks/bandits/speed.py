"""What a decision and an answer take: one at a time against the peers, and in batches."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import click
import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.policies import SegmentThompson
from tests.benchmarks.bandits.contestants import CONTESTANTS, ROOT, Contestant
from tests.benchmarks.bandits.worlds import make
from tests.benchmarks.features.cases import Limit

SEGMENTS, HISTORY, RUNS = 20, 20_000, 5
ROWS = 1_000_000
# Timed rounds of a block; others have more.
ROUNDS = {"MABWiser": 500}
CACHED = "cached draw, CPU us"
DRAWN, ELIGIBLE, UPDATED = "decisions, million/s", "decisions of what is eligible, million/s", "updates, million/s"
BOUNDS = {CACHED: 1.0, DRAWN: 5.0, ELIGIBLE: 5.0, UPDATED: 20.0}
PACED = {
    "nbo": Contestant("nbo_peer", "Nbo"),
    "ten lines of NumPy": Contestant("numpy_peer", "PlainThompson"),
    "NumPy by gammas": CONTESTANTS["NumPy, Beta(1, 1)"],
    "river": CONTESTANTS["river"],
    "MABWiser": CONTESTANTS["MABWiser"],
}


def run(folder: Path) -> tuple[str, list[Limit]]:
    lines: list[str] = []
    limits: list[Limit] = []
    for n_offers in (10, 50):
        paces = {name: pace(who, folder, n_offers, ROUNDS.get(name, 2_000)) for name, who in PACED.items()}
        figures = batches(n_offers)
        lines += one_at_a_time(paces, n_offers) + in_batches(figures, n_offers)
        both = {name: medians["both"] for name, medians in paces.items()}
        what = f"{n_offers} offers:"
        limits += [
            Limit(f"{what} MABWiser / nbo", both["MABWiser"] / both["nbo"], 10, at_least=True),
            Limit(f"{what} nbo / ten lines of NumPy", both["nbo"] / both["ten lines of NumPy"], 1.0),
            Limit(f"{what} {CACHED}", figures[CACHED], BOUNDS[CACHED]),
        ]
        faster = [name for name in figures if name != CACHED]
        limits += [Limit(f"{what} {name}", figures[name], BOUNDS[name], at_least=True) for name in faster]
    return "\n".join(lines) + "\n", limits


def pace(who: Contestant, folder: Path, n_offers: int, rounds: int) -> dict[str, float]:
    """Give medians in CPU microseconds, in a process of the peer's own."""
    world = make((SEGMENTS, n_offers), "stationary", 0, HISTORY + RUNS * rounds)
    with tempfile.TemporaryDirectory() as temporary:
        file = Path(temporary) / "world.npz"
        world.save(file)
        command = [who.python(folder), "-m", f"{__package__}.pace", who.module, who.learner, json.dumps(who.settings)]
        done = subprocess.run([*command, file, str(HISTORY)], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise click.ClickException(done.stderr[-2000:])
    return {what: median(times) for what, times in json.loads(done.stdout.splitlines()[-1]).items()}


def batches(n_offers: int) -> dict[str, float]:
    """Give the microseconds of a cached draw, and millions of decisions and updates a second, of nbo."""
    policy, world = learnt(n_offers), make((SEGMENTS, n_offers), "stationary", 1, ROWS)
    names = np.array([f"s{segment:02}" for segment in range(SEGMENTS)], dtype=object)
    context = pd.DataFrame({c.SEGMENT: pd.array(names[world.segments], dtype="str")})
    rng = np.random.default_rng(0)
    sets = rng.random((8, n_offers)) < 0.8
    sets[:, 0] = True
    eligible = sets[rng.integers(0, 8, ROWS)]
    feedback = answers(world, rng)
    row, draws = {c.SEGMENT: "s00"}, rng.random(100_000).tolist()

    def cached() -> None:
        for uniform in draws:
            policy.draw_one(row, uniform)

    return {
        CACHED: 1e6 * seconds(cached) / len(draws),
        DRAWN: ROWS / 1e6 / seconds(lambda: policy.draw(context, rng=rng)),
        ELIGIBLE: ROWS / 1e6 / seconds(lambda: policy.draw(context, eligible, rng=rng)),
        UPDATED: ROWS / 1e6 / seconds(lambda fresh: fresh.learn(feedback), lambda: learnt(n_offers)),
    }


def learnt(n_offers: int) -> SegmentThompson:
    """Give a policy that knows the answers of the history, and has stated its probabilities."""
    policy = SegmentThompson([f"o{offer:02}" for offer in range(n_offers)])
    policy.learn(answers(make((SEGMENTS, n_offers), "stationary", 0, HISTORY), np.random.default_rng(1)))
    policy.probabilities(pd.DataFrame({c.SEGMENT: ["s00"]}))
    return policy


def answers(world: Any, rng: np.random.Generator) -> pd.DataFrame:
    """Give answers to offers at random."""
    offers = rng.integers(0, world.shape[1], world.rounds)
    segments = np.array([f"s{segment:02}" for segment in range(world.shape[0])], dtype=object)
    names = np.array([f"o{offer:02}" for offer in range(world.shape[1])], dtype=object)
    return pd.DataFrame(
        {
            c.DECISION_ID: np.arange(world.rounds) + world.seed * ROWS,
            c.SEGMENT: pd.array(segments[world.segments], dtype="str"),
            c.OFFER_ID: pd.array(names[offers], dtype="str"),
            c.REWARD: (world.outcomes < world.rates[0][world.segments, offers]).astype(float),
        }
    )


def seconds(run: Callable[..., Any], before: Callable[[], Any] | None = None) -> float:
    """Give the median CPU seconds of some runs; `before` makes, untimed, what each is given."""
    taken = []
    for _ in range(RUNS):
        given = [] if before is None else [before()]
        start = time.process_time()
        run(*given)
        taken.append(time.process_time() - start)
    return median(taken)


def one_at_a_time(paces: dict[str, dict[str, float]], n_offers: int) -> list[str]:
    lines = [f"| {n_offers} offers, CPU us | decide and learn | decide alone |", "| --- | --- | --- |"]
    lines += [f"| {name} | {medians['both']:.2f} | {medians['decide']:.2f} |" for name, medians in paces.items()]
    return [*lines, ""]


def in_batches(figures: dict[str, float], n_offers: int) -> list[str]:
    lines = [f"| {n_offers} offers, nbo | |", "| --- | --- |"]
    return [*lines, *(f"| {what} | {figure:.2f} |" for what, figure in figures.items()), ""]

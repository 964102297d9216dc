"""The regret of everybody in every world, and the limits that nbo is held to."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from tests.benchmarks.bandits import game
from tests.benchmarks.bandits.contestants import CONTESTANTS, PLACES, Place
from tests.benchmarks.bandits.results import Results
from tests.benchmarks.bandits.worlds import SHAPES, STRUCTURES, VARIANTS, World, make
from tests.benchmarks.features.cases import Limit

# By contestant and place: the curve of regret as a share of the uniform policy's.
Table = dict[str, dict[Place, list[float]]]

OF_NUMPY = {(20, 10): 0.6, (20, 50): 0.3, (500, 10): 0.55, (500, 50): 0.35}
OF_BEST_PEER = 0.8
REFERENCE = "NumPy, Beta(1, 1)"
INFORMED = "NumPy, Beta(1, 24)"
# Stands for a library's one object for everybody, on all seeds.
FOR_EVERYBODY = "NumPy, no segments"
# Checkpoints to show, of 40.
COURSE = (1, 2, 4, 10, 20, 30, 40)
SAFETY_SHAPES = ((20, 10), (20, 50))
SAFETY_SEEDS = (0, 1, 2)


def play(results: Results, names: Iterable[str], some: str, rounds: int, fresh: bool) -> None:
    """Play the worlds with `some` in their names; seed by seed, so that after half the time all have played."""
    for seed in sorted({place[2] for place in PLACES}):
        for name in names:
            who = CONTESTANTS[name]
            worlds = (make(*place, rounds=rounds) for place in who.places if place[2] == seed)
            results.play(name, who, [world for world in worlds if some in world.name], fresh)


def collect(results: Results, rounds: int) -> Table:
    """Give what is known of everybody, played now or before."""
    found: Table = {name: {} for name in CONTESTANTS}
    for place in PLACES:
        world = make(*place, rounds=rounds)
        for name, who in CONTESTANTS.items():
            result = results.get(who, world)
            if result:
                found[name][place] = result["curve"]
    return found


def mean(curves: dict[Place, list[float]], shape: tuple[int, int], variant: str, at: int = -1) -> tuple[float, int]:
    """Average over seeds, and say how many; NaN if none was played."""
    shares = [curve[at] for place, curve in curves.items() if place[:2] == (shape, variant)]
    return (float(np.mean(shares)), len(shares)) if shares else (float("nan"), 0)


def against(found: Table, name: str, shape: tuple[int, int], variant: str) -> float:
    """Divide nbo's mean regret by another's, over the seeds that both played."""
    both = [place for place in found["nbo"].keys() & found[name].keys() if place[:2] == (shape, variant)]
    if not both:
        return float("nan")
    own, other = (np.mean([found[one][place][-1] for place in both]) for one in ("nbo", name))
    return float(own / other)


def limits(found: Table) -> list[Limit]:
    held = [
        Limit(f"{title(shape)} stationary: nbo / {REFERENCE}", against(found, REFERENCE, shape, "stationary"), bound)
        for shape, bound in OF_NUMPY.items()
    ]
    for shape in SHAPES:
        for variant in VARIANTS:
            others = [name for name in CONTESTANTS if name != "nbo"]
            held.append(_worst(found, others, shape, variant, "the lowest other", 1.0))
            if shape[0] == 500:
                peers = [name for name in others if CONTESTANTS[name].package or name == FOR_EVERYBODY]
                held.append(_worst(found, peers, shape, variant, "the best peer", OF_BEST_PEER))
    return held


def _worst(found: Table, names: list[str], shape: tuple[int, int], variant: str, role: str, bound: float) -> Limit:
    ratios = {name: against(found, name, shape, variant) for name in names}
    known = {name: ratio for name, ratio in ratios.items() if ratio == ratio}
    best = max(known, key=lambda name: known[name], default="not played")
    return Limit(f"{title(shape)} {variant}: nbo / {role}, {best}", known.get(best, float("nan")), bound)


def tables(found: Table) -> str:
    """One table for each shape, in Markdown; a cell is the mean over seeds and their number."""
    parts = []
    for shape in SHAPES:
        lines = [f"| {title(shape)} | {' | '.join(VARIANTS)} |", f"| --- |{' --- |' * len(VARIANTS)}"]
        for name, curves in found.items():
            cells = [_cell(*mean(curves, shape, variant)) for variant in VARIANTS]
            if any(cells):
                lines.append(f"| {name} | {' | '.join(cells)} |")
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def courses(found: Table, shape: tuple[int, int], variant: str, rounds: int) -> str:
    """Show how the share of regret falls with the rounds, on the seeds played."""
    ends = [checkpoint * rounds // game.CHECKPOINTS for checkpoint in COURSE]
    lines = [
        f"| {title(shape)} {variant}, regret until | {' | '.join(f'{end:,}' for end in ends)} |",
        f"| --- |{' --- |' * len(ends)}",
    ]
    for name, curves in found.items():
        cells = [_cell(*mean(curves, shape, variant, checkpoint - 1)) for checkpoint in COURSE]
        if any(cells):
            lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _cell(share: float, seeds: int) -> str:
    return f"{share:.3f} ({seeds})" if seeds else ""


def title(shape: tuple[int, int]) -> str:
    return f"{shape[0]} x {shape[1]}"


def safety_worlds(rounds: int) -> list[World]:
    structures = [name for name in STRUCTURES if name != "hierarchical"]
    return [
        make(shape, "stationary", seed, rounds, structure)
        for structure in structures
        for shape in SAFETY_SHAPES
        for seed in SAFETY_SEEDS
    ]


def safety(results: Results, names: Iterable[str], rounds: int, fresh: bool) -> tuple[str, list[Limit]]:
    """In worlds of another structure nbo may be no worse than its prior without pooling, within 2 standard errors."""
    played = safety_worlds(rounds)
    both = ("nbo", INFORMED)
    for name in [name for name in both if name in names]:
        results.play(name, CONTESTANTS[name], played, fresh)
    lines = [f"| world | nbo | {INFORMED} | ratio | s.e. |", "| --- | --- | --- | --- | --- |"]
    held = []
    for world_name in dict.fromkeys(world.name for world in played):
        same = [world for world in played if world.name == world_name]
        pairs = [[results.get(CONTESTANTS[name], world) for name in both] for world in same]
        shares = np.array([[result["curve"][-1] for result in pair] for pair in pairs if None not in pair])
        if not len(shares):
            held.append(Limit(f"{world_name}: ratio less 2 standard errors", float("nan"), 1.0))
            continue
        ratio, error = ratio_of_means(shares[:, 0], shares[:, 1])
        own, other = shares.mean(axis=0)
        lines.append(f"| {world_name} | {own:.3f} | {other:.3f} | {ratio:.2f} | {error:.2f} |")
        held.append(Limit(f"{world_name}: ratio less 2 standard errors", ratio - 2 * error, 1.0))
    return "\n".join(lines) + "\n", held


def ratio_of_means(own: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """Ratio of the means of paired figures, and its standard error by the delta method."""
    ratio = own.mean() / other.mean()
    error = (own - ratio * other).std(ddof=1) / np.sqrt(len(own)) / other.mean() if len(own) > 1 else np.nan
    return float(ratio), float(error)

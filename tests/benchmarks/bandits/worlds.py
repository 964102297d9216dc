"""The worlds: who comes, what each offer's acceptance rate is, which answers are given and when; seeded.

This file needs NumPy alone: the peers read it in environments of their own.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

ROUNDS = 200_000
SHAPES = ((20, 10), (20, 50), (500, 10), (500, 50))
VARIANTS = ("stationary", "drift", "launch", "delay")
# Centre of the log-odds, and precision of a cell's rate around what segment and offer say; none: Beta(1, 24) alone.
STRUCTURES = {
    "hierarchical": (-3.38, 100.0),
    "no structure": None,
    "strong interaction": (-3.38, 20.0),
    "no interaction": (-3.38, 5000.0),
    "low rates": (-5.0, 100.0),
}
OFFER_SD, SEGMENT_SD = 0.5, 0.4
LAUNCHED_LATER = 0.2
MEAN_DELAY, TIME_OUT = 1000.0, 5000


@dataclass(frozen=True)
class World:
    """One simulated world.

    `rates` has the shape (phases, segments, offers); the phases are equally long. `opens` holds the
    round from which each offer may be made. The rest has one entry per round: the `segments` of who
    comes, the uniform numbers of the `outcomes` and of the policies' `draws`, and the `delays` of
    acceptances in rounds, which are empty where answers come at once.
    """

    name: str
    seed: int
    rates: np.ndarray
    opens: np.ndarray
    segments: np.ndarray
    outcomes: np.ndarray
    draws: np.ndarray
    delays: np.ndarray

    @property
    def rounds(self) -> int:
        return len(self.segments)

    @property
    def shape(self) -> tuple[int, int]:
        """Number of segments, number of offers."""
        return self.rates.shape[1], self.rates.shape[2]

    @property
    def phases(self) -> np.ndarray:
        """Which rates hold in each round."""
        return np.arange(self.rounds) * len(self.rates) // self.rounds

    def save(self, file: Path) -> None:
        np.savez(file, **asdict(self))


def load(file: Path) -> World:
    with np.load(file) as arrays:
        stored = dict(arrays)
    return World(**stored | {"name": str(stored["name"]), "seed": int(stored["seed"])})


def make(
    shape: tuple[int, int], variant: str, seed: int, rounds: int = ROUNDS, structure: str = "hierarchical"
) -> World:
    """Draw a world; equal arguments give equal worlds."""
    rng = np.random.default_rng([seed, *shape, VARIANTS.index(variant), list(STRUCTURES).index(structure)])
    n_segments, n_offers = shape
    n_phases = 2 if variant == "drift" else 1
    rates = np.stack([_rates(rng, n_segments, n_offers, structure) for _ in range(n_phases)])
    later = round(LAUNCHED_LATER * n_offers) if variant == "launch" else 0
    opens = np.where(np.arange(n_offers) >= n_offers - later, rounds // 2, 0)
    sizes = rng.dirichlet(np.ones(n_segments))
    return World(
        name=f"{n_segments}x{n_offers} {variant}" + (f", {structure}" if structure != "hierarchical" else ""),
        seed=seed,
        rates=rates,
        opens=opens,
        segments=rng.choice(n_segments, rounds, p=sizes),
        outcomes=rng.random(rounds),
        draws=rng.random(rounds),
        delays=rng.exponential(MEAN_DELAY, rounds) if variant == "delay" else np.empty(0),
    )


def _rates(rng: np.random.Generator, n_segments: int, n_offers: int, structure: str) -> np.ndarray:
    if STRUCTURES[structure] is None:
        return rng.beta(1.0, 24.0, (n_segments, n_offers))
    centre, precision = STRUCTURES[structure]
    odds = centre + rng.normal(0, OFFER_SD, n_offers) + rng.normal(0, SEGMENT_SD, (n_segments, 1))
    mean = 1 / (1 + np.exp(-odds))
    return rng.beta(precision * mean, precision * (1 - mean))

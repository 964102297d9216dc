"""Thompson sampling in ten lines of NumPy, and an offer at random."""

from __future__ import annotations

import numpy as np

from tests.benchmarks.bandits.plain import Plain


class Thompson(Plain):
    """Beta posteriors of each segment, or of all segments together, from Beta(1, refusals)."""

    def __init__(self, shape: tuple[int, int], seed: int, refusals: float = 1.0, pooled: bool = False) -> None:
        self.counts = np.ones((1 if pooled else shape[0], 2, shape[1]))
        self.counts[:, 1] = refusals
        self.pooled = pooled
        self.rng = np.random.default_rng(seed)

    def choose(self, decision: int, segment: int, uniform: float, n_open: int) -> int:
        # The odds of a Beta variable are a ratio of gammas: argmax is the same, and faster than rng.beta.
        gammas = self.rng.standard_gamma(self.counts[0 if self.pooled else segment, :, :n_open])
        return int((gammas[0] / gammas[1]).argmax())

    def answer(self, now: int, decision: int, segment: int, offer: int, reward: int, late: bool) -> None:
        counts = self.counts[0 if self.pooled else segment]
        counts[1 - reward, offer] += 1
        if late:
            counts[1, offer] -= 1


class Uniform(Thompson):
    def choose(self, decision: int, segment: int, uniform: float, n_open: int) -> int:
        return int(uniform * n_open)


class PlainThompson(Thompson):
    """As one writes it first; the same draws by distribution, but slower."""

    def choose(self, decision: int, segment: int, uniform: float, n_open: int) -> int:
        accepts, refusals = self.counts[segment, :, :n_open]
        return int(self.rng.beta(accepts, refusals).argmax())

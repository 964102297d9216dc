"""river's Thompson sampling: one policy for each segment, or one for everybody."""

from __future__ import annotations

from river.bandit import ThompsonSampling
from river.proba import Beta

from tests.benchmarks.bandits.plain import Plain


class River(Plain):
    def __init__(self, shape: tuple[int, int], seed: int, refusals: int = 1, pooled: bool = False) -> None:
        self.policies = [
            ThompsonSampling(reward_obj=Beta(1, refusals), seed=seed + number)
            for number in range(1 if pooled else shape[0])
        ]
        self.pooled = pooled

    def choose(self, decision: int, segment: int, uniform: float, n_open: int) -> int:
        return self.policies[0 if self.pooled else segment].pull(range(n_open))

    def answer(self, now: int, decision: int, segment: int, offer: int, reward: int, late: bool) -> None:
        self.policies[0 if self.pooled else segment].update(offer, bool(reward))

"""pybandits' Bernoulli bandit with Thompson sampling, one object for each segment."""

from __future__ import annotations

from pybandits.model import Beta
from pybandits.smab import SmabBernoulli

from tests.benchmarks.bandits.plain import Plain


class PyBandits(Plain):
    def __init__(self, shape: tuple[int, int], seed: int, refusals: int = 1) -> None:
        self.names = [f"o{offer}" for offer in range(shape[1])]
        self.bandits = [
            SmabBernoulli(actions={name: Beta(n_successes=1, n_failures=refusals) for name in self.names})
            for _ in range(shape[0])
        ]

    def choose(self, decision: int, segment: int, uniform: float, n_open: int) -> int:
        closed = set(self.names[n_open:]) or None
        (action,), _ = self.bandits[segment].predict(forbidden_actions=closed)
        return self.names.index(action)

    def answer(self, now: int, decision: int, segment: int, offer: int, reward: int, late: bool) -> None:
        self.bandits[segment].update(actions=[self.names[offer]], rewards=[reward])

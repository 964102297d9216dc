"""MABWiser's Thompson sampling, one object for each segment."""

from __future__ import annotations

from mabwiser.mab import MAB, LearningPolicy

from tests.benchmarks.bandits.plain import Plain


class MABWiser(Plain):
    def __init__(self, shape: tuple[int, int], seed: int) -> None:
        self.n_segments, self.seed = shape[0], seed
        self.mabs: list[MAB] = []
        self.n_open = 0

    def choose(self, decision: int, segment: int, uniform: float, n_open: int) -> int:
        if not self.mabs:
            self.mabs = [self._made(number, n_open) for number in range(self.n_segments)]
        elif n_open > self.n_open:
            for mab in self.mabs:
                for offer in range(self.n_open, n_open):
                    mab.add_arm(offer)
        self.n_open = n_open
        return self.mabs[segment].predict()

    def answer(self, now: int, decision: int, segment: int, offer: int, reward: int, late: bool) -> None:
        self.mabs[segment].partial_fit([offer], [reward])

    def _made(self, number: int, n_open: int) -> MAB:
        mab = MAB(list(range(n_open)), LearningPolicy.ThompsonSampling(), seed=self.seed + number)
        # It must be fitted before it can predict: no decisions at all.
        mab.fit([], [])
        return mab

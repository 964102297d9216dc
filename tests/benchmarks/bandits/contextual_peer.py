"""contextualbandits' linear policies over indicators of the segments."""

from __future__ import annotations

import numpy as np
from contextualbandits.online import LinTS, LinUCB

from tests.benchmarks.bandits.plain import Plain

POLICIES = {"LinTS": LinTS, "LinUCB": LinUCB}


class ContextualBandits(Plain):
    def __init__(self, shape: tuple[int, int], seed: int, policy: str, **settings: float) -> None:
        self.policy = POLICIES[policy](shape[1], fit_intercept=False, random_state=seed, **settings)
        self.contexts = np.eye(shape[0])

    def choose(self, decision: int, segment: int, uniform: float, n_open: int) -> int:
        scores = self.policy.decision_function(self.contexts[[segment]])[0]
        return int(scores[:n_open].argmax())

    def answer(self, now: int, decision: int, segment: int, offer: int, reward: int, late: bool) -> None:
        self.policy.partial_fit(self.contexts[[segment]], np.array([offer]), np.array([float(reward)]))

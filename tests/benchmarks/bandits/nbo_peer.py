"""nbo's Thompson sampling by segment, one decision and one answer at a time; a round is a second."""

from __future__ import annotations

from typing import Any

from nbo.policies import SegmentThompson

SECOND = 1_000_000


class Nbo:
    def __init__(self, shape: tuple[int, int], seed: int, **settings: Any) -> None:
        self.segments = [f"s{segment:03}" for segment in range(shape[0])]
        self.offers = [f"o{offer:02}" for offer in range(shape[1])]
        self.places = {name: place for place, name in enumerate(self.offers)}
        self.policy = SegmentThompson(self.offers, random_state=seed, **settings)
        self.eligible = [[place < n_open for place in range(shape[1])] for n_open in range(shape[1] + 1)]

    def choose(self, decision: int, segment: int, uniform: float, n_open: int) -> int:
        offer, _ = self.policy.draw_one({"segment": self.segments[segment]}, uniform, self.eligible[n_open])
        return self.places[offer]

    def answer(self, now: int, decision: int, segment: int, offer: int, reward: int, late: bool) -> None:
        row = self._row(decision, segment, offer, float(reward))
        self.policy.learn_one(row | {"outcome_at": now * SECOND})

    def wait(self, decision: int, segment: int, offer: int) -> None:
        self.policy.learn_one(self._row(decision, segment, offer, None))

    def give_up(self, now: int, decision: int, segment: int, offer: int) -> None:
        """Nothing is said: the policy knows for itself when the time for an answer is over."""

    def _row(self, decision: int, segment: int, offer: int, reward: float | None) -> dict[str, Any]:
        return {
            "decision_id": decision,
            "segment": self.segments[segment],
            "offer_id": self.offers[offer],
            "reward": reward,
            "decided_at": decision * SECOND,
        }

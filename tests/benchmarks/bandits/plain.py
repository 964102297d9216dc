"""How a library that knows no delays is led to play with them."""

from __future__ import annotations


class Plain:
    """Learn an acceptance when it comes, and a refusal when the time for an answer is over."""

    def answer(self, now: int, decision: int, segment: int, offer: int, reward: int, late: bool) -> None:
        raise NotImplementedError

    def wait(self, decision: int, segment: int, offer: int) -> None:
        """A decision that waits counts for nothing."""

    def give_up(self, now: int, decision: int, segment: int, offer: int) -> None:
        self.answer(now, decision, segment, offer, 0, False)

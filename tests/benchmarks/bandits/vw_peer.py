"""Vowpal Wabbit's SquareCB over offers, segments and their pairs."""

from __future__ import annotations

from itertools import accumulate

import vowpalwabbit

from tests.benchmarks.bandits.plain import Plain


class VowpalWabbit(Plain):
    def __init__(self, shape: tuple[int, int], seed: int, options: str) -> None:
        self.workspace = vowpalwabbit.Workspace(f"--cb_explore_adf --quiet --random_seed {seed} {options}")
        self.offers = [f"|o o{offer}" for offer in range(shape[1])]
        self.made: dict[int, tuple[float, int]] = {}

    def choose(self, decision: int, segment: int, uniform: float, n_open: int) -> int:
        stated = self.workspace.predict([f"shared |s s{segment}", *self.offers[:n_open]])
        reached = list(accumulate(stated))
        offer = next((place for place, sum_ in enumerate(reached) if uniform * reached[-1] < sum_), n_open - 1)
        self.made[decision] = stated[offer], n_open
        return offer

    def answer(self, now: int, decision: int, segment: int, offer: int, reward: int, late: bool) -> None:
        # A late acceptance is learnt after its refusal was: examples cannot be taken back.
        probability, n_open = self.made[decision]
        example = [f"shared |s s{segment}", *self.offers[:n_open]]
        example[1 + offer] = f"0:{-reward}:{probability} {self.offers[offer]}"
        self.workspace.learn(example)

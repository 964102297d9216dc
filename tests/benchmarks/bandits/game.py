"""Play a world: someone comes, an offer is made, answers are learnt when they are there; and what it cost.

This file needs NumPy alone: the peers read it in environments of their own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Protocol

import numpy as np

from tests.benchmarks.bandits.worlds import TIME_OUT, World

CHECKPOINTS = 40


class Learner(Protocol):
    """What plays. Decisions are named by their round; `n_open` offers, the first ones, may be made."""

    def choose(self, decision: int, segment: int, uniform: float, n_open: int) -> int: ...

    def answer(self, now: int, decision: int, segment: int, offer: int, reward: int, late: bool) -> None:
        """Learn an answer; `late` if the decision counted as a refusal until now."""

    def wait(self, decision: int, segment: int, offer: int) -> None:
        """Note a decision whose answer is not known yet."""

    def give_up(self, now: int, decision: int, segment: int, offer: int) -> None:
        """Note that the time for an answer is over."""


def play(world: World, learner: Learner) -> np.ndarray:
    """Give the offer made in each round."""
    return np.fromiter(_delayed(world, learner) if len(world.delays) else _at_once(world, learner), dtype=np.int64)


def _at_once(world: World, learner: Learner) -> Iterator[int]:
    for decision, segment, uniform, outcome, rates, n_open in _rounds(world):
        offer = int(learner.choose(decision, segment, uniform, n_open))
        yield offer
        learner.answer(decision, decision, segment, offer, int(outcome < rates[segment][offer]), False)


def _delayed(world: World, learner: Learner) -> Iterator[int]:
    """Refusals are never reported; acceptances come later, some of them after the time for an answer."""
    made: list[tuple[int, int]] = []
    due: dict[int, list[int]] = defaultdict(list)
    arrivals = (np.arange(world.rounds) + np.ceil(world.delays)).astype(int).tolist()
    accepted = [False] * world.rounds
    for now, segment, uniform, outcome, rates, n_open in _rounds(world):
        for decision in due.pop(now, ()):
            learner.answer(now, decision, *made[decision], 1, now - decision > TIME_OUT)
        over = now - TIME_OUT
        if over >= 0 and not (accepted[over] and arrivals[over] <= now):
            learner.give_up(now, over, *made[over])
        offer = int(learner.choose(now, segment, uniform, n_open))
        yield offer
        made.append((segment, offer))
        learner.wait(now, segment, offer)
        accepted[now] = outcome < rates[segment][offer]
        if accepted[now]:
            due[arrivals[now]].append(now)


def _rounds(world: World) -> Iterator[tuple[int, int, float, float, list[list[float]], int]]:
    """Give plain Python numbers: reading them one by one from arrays would be slower than the fast peers."""
    tables = world.rates.tolist()
    n_open = np.searchsorted(world.opens, np.arange(world.rounds), side="right").tolist()
    columns = (world.segments.tolist(), world.draws.tolist(), world.outcomes.tolist(), world.phases.tolist(), n_open)
    for decision, (segment, uniform, outcome, phase, opened) in enumerate(zip(*columns, strict=True)):
        yield decision, segment, uniform, outcome, tables[phase], opened


def uniform_regret(world: World) -> np.ndarray:
    """Expected loss against the best open offer, in each round, of an open offer at random."""
    best, mean, _ = _by_round(world)
    return best - mean


def oracle_and_uniform(world: World) -> tuple[float, float]:
    """Mean acceptance rate of the best open offer, and of an open offer at random."""
    best, mean, _ = _by_round(world)
    return float(best.mean()), float(mean.mean())


def curve(world: World, choices: np.ndarray) -> list[float]:
    """Give cumulative expected regret as a share of the uniform policy's, at evenly spaced checkpoints."""
    best, mean, rates = _by_round(world)
    lost = (best - rates[np.arange(world.rounds), choices]).cumsum()
    checkpoints = np.arange(1, CHECKPOINTS + 1) * world.rounds // CHECKPOINTS - 1
    return (lost / (best - mean).cumsum())[checkpoints].tolist()


def _by_round(world: World) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rates = world.rates[world.phases, world.segments]
    closed = np.arange(world.rounds)[:, None] < world.opens
    open_rates = np.ma.masked_array(rates, closed)
    return np.asarray(open_rates.max(axis=1)), np.asarray(open_rates.mean(axis=1)), rates

"""Small allocations, by linear programs over all pairs of a customer and an offer."""

from __future__ import annotations

import heapq
from dataclasses import replace
from typing import Any

import numpy as np
from scipy import optimize, sparse

from nbo.arbitration.allocation.coupling import Coupling
from nbo.arbitration.allocation.dual import Dual
from nbo.arbitration.allocation.moves import cheap_moves
from nbo.arbitration.allocation.repair import broken, repair
from nbo.arbitration.allocation.sample_prices import dual_of
from nbo.arbitration.allocation.scores import Scores
from nbo.arbitration.allocation.solution import Solution
from nbo.arbitration.allocation.totals import changed, totals

__all__ = ["solve_small"]

# Pairs of a customer and an offer up to which one linear program of all of them is as fast.
_PAIRS = 3000
# Of these, pairs up to which the best whole answer is searched for, by so many programs.
_SEARCHED, _PROGRAMS = 150, 60
_WHOLE = 1e-7


def solve_small(scores: Scores, coupling: Coupling, slots: int) -> Solution | None:
    """Allocate by linear programs: one, and where its answer is not whole, those of branch and bound.

    Parameters
    ----------
    scores : Scores
    coupling : Coupling
    slots : int
        1 to k.

    Returns
    -------
    Solution or None
        None where there are too many pairs, or the limits cannot be kept.
    """
    n, k = scores.shape
    if n * k > _PAIRS or not coupling.names:
        return None
    dual = dual_of(scores, coupling, np.arange(n), slots)
    program = _Program(dual)
    answer = program.solve(np.zeros(len(program.gain)), np.ones(len(program.gain)))
    if answer is None:
        return None
    mu = program.prices(answer.ineqlin.marginals)
    found = _solution(dual, mu, *program.taken(answer.x > 1 - _WHOLE))
    if _is_whole(answer.x) or n * k > _SEARCHED and not found.wrong.any():
        return found
    return _search(program, dual, answer, found, mu)


class _Program:
    """The linear program over the pairs of a customer and an offer that are allowed."""

    def __init__(self, dual: Dual) -> None:
        coupling, n = dual.coupling, len(dual.rows)
        self.who, self.what = np.nonzero(-np.inf < dual.values.T)
        self.gain = dual.values[self.what, self.who]
        self.size = float(np.abs(self.gain).max(initial=0.0)) or 1.0
        self.scale = coupling.scale
        counts = sparse.csr_array(coupling.counted(self.who, self.what).T / coupling.scale[:, None])
        place = (self.who, np.arange(len(self.who)))
        own = sparse.csr_array((np.ones(len(self.who)), place), shape=(n, len(self.who)))
        low, high = coupling.low / coupling.scale, coupling.high / coupling.scale
        self.upper, self.lower = np.flatnonzero(np.isfinite(high)), np.flatnonzero(np.isfinite(low))
        self.matrix = sparse.vstack([counts[self.upper], -counts[self.lower], own], format="csr")
        self.most = np.concatenate([high[self.upper], -low[self.lower], np.full(n, float(dual.slots))])

    def solve(self, least: np.ndarray, most: np.ndarray) -> Any:
        """Give HiGHS's answer between these, or None if there is none."""
        if not len(self.gain):
            return None
        answer = optimize.linprog(
            -self.gain / self.size,
            A_ub=self.matrix,
            b_ub=self.most,
            bounds=np.column_stack([least, most]),
            method="highs-ds",
        )
        return None if answer.x is None else answer

    def prices(self, marginals: np.ndarray) -> np.ndarray:
        """Give the price of one unit of each limit."""
        mu, given = np.zeros(len(self.scale)), -marginals * self.size
        mu[self.upper] += given[: len(self.upper)]
        mu[self.lower] -= given[len(self.upper) : len(self.upper) + len(self.lower)]
        return mu / self.scale

    def taken(self, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Give customer and offer of pairs."""
        return self.who[chosen], self.what[chosen]


def _is_whole(x: np.ndarray) -> bool:
    return bool(np.abs(x - x.round()).max() <= _WHOLE)


def _search(program: _Program, dual: Dual, answer: Any, found: Solution, mu: np.ndarray) -> Solution | None:
    """Search for the best whole answer by branch and bound; after so many programs the best one so far is taken."""
    best = None if found.wrong.any() else found
    rest = np.inf if best is None else (best.bound - best.value) / program.size
    # What the program values further away than the gap stays as it is in the best whole answer.
    least = np.where(-answer.upper.marginals > rest, 1.0, 0.0)
    most = np.where(answer.lower.marginals > rest, 0.0, 1.0)
    waiting, solved = [(answer.fun, 0, least, most, answer.x)], 0
    while waiting and solved < _PROGRAMS:
        cost, _, least, most, x = heapq.heappop(waiting)
        if best is not None and -cost * program.size <= best.value * (1 + 1e-12):
            break
        place = np.abs(x - 0.5).argmin()
        for side in (least, most):
            bounds = [least.copy(), most.copy()]
            bounds[0][place] = bounds[1][place] = float(side is most)
            answer, solved = program.solve(*bounds), solved + 1
            if answer is None:
                continue
            if not _is_whole(answer.x):
                heapq.heappush(waiting, (answer.fun, solved, *bounds, answer.x))
            elif best is None or -answer.fun * program.size > best.value:
                other = _solution(dual, mu, *program.taken(answer.x > 0.5))
                if not other.wrong.any() and (best is None or other.value > best.value):
                    best = other
    return best


def _solution(dual: Dual, mu: np.ndarray, who: np.ndarray, what: np.ndarray) -> Solution:
    """Write the pairs as an assignment, mend what the solver's tolerance leaves, and add up."""
    n, slots = len(dual.rows), dual.slots
    top = np.full((slots, n), -1, dtype=np.int16)
    times = np.bincount(who, minlength=n)
    slot = np.arange(len(who)) - np.repeat(np.cumsum(times) - times, times)
    top[slot, who] = what
    look = dual.look(np.where(mu > 0, np.where(np.isfinite(dual.high), mu, 0), np.where(np.isfinite(dual.low), mu, 0)))
    value, used = totals(dual.scores, dual.coupling, top)
    here = replace(look, used=used, best=replace(look.best, top=top, margin=np.zeros(n)))
    moves = cheap_moves(dual, here, np.inf)
    none = np.zeros(len(moves.who), dtype=bool)
    made = repair(moves, none, used, dual.low, dual.high, dual.coupling.scale, look.mu)
    if made.any():
        top = changed(top, moves, made)
        value, used = totals(dual.scores, dual.coupling, top)
    return Solution(top, look.mu, value, look.bound, used, broken(used, dual.low, dual.high, dual.coupling.scale))

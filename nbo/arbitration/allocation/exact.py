"""Small allocations, solved exactly."""

from __future__ import annotations

from dataclasses import replace

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

__all__ = ["solve_exact"]

# Pairs of a customer and an offer up to which HiGHS is as fast.
_PAIRS = 3000
_NODES = 50


def solve_exact(scores: Scores, coupling: Coupling, slots: int) -> Solution | None:
    """Allocate by linear and, where its answer is not whole, integer programming.

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
    who, what = np.nonzero(-np.inf < dual.values.T)
    if not len(who):
        return None
    gain = dual.values[what, who]
    size = float(np.abs(gain).max()) or 1.0
    counts = sparse.csr_array(coupling.counted(who, what).T / coupling.scale[:, None])
    own = sparse.csr_array((np.ones(len(who)), (who, np.arange(len(who)))), shape=(n, len(who)))
    low, high = coupling.low / coupling.scale, coupling.high / coupling.scale
    upper, lower = np.flatnonzero(np.isfinite(high)), np.flatnonzero(np.isfinite(low))
    answer = optimize.linprog(
        -gain / size,
        A_ub=sparse.vstack([counts[upper], -counts[lower], own], format="csr"),
        b_ub=np.concatenate([high[upper], -low[lower], np.full(n, float(slots))]),
        bounds=(0, 1),
        method="highs-ds",
    )
    if answer.x is None:
        return None
    marginals, mu = -answer.ineqlin.marginals * size, np.zeros(len(high))
    mu[upper] += marginals[: len(upper)]
    mu[lower] -= marginals[len(upper) : len(upper) + len(lower)]
    mu = mu / coupling.scale
    whole = answer.x > 1 - 1e-7
    found = _solution(dual, mu, who[whole], what[whole])
    if np.abs(answer.x - answer.x.round()).max() > 1e-7:
        # What the linear program values further away than the gap stays as it is in the best whole answer.
        rest = np.inf if found.wrong.any() else (found.bound - found.value) * (1 + 1e-9) / size
        able = np.where(answer.lower.marginals > rest, 0.0, 1.0)
        sure = np.where(-answer.upper.marginals > rest, 1.0, 0.0)
        chosen = _whole(gain / size, counts, own, low, high, slots, (sure, able))
        if chosen is None:
            return None if found.wrong.any() else found
        found = _better(found, _solution(dual, mu, who[chosen], what[chosen]))
    return found


def _better(a: Solution, b: Solution) -> Solution:
    return min((a, b), key=lambda one: (bool(one.wrong.any()), -one.value))


def _whole(
    gain: np.ndarray,
    counts: sparse.csr_array,
    own: sparse.csr_array,
    low: np.ndarray,
    high: np.ndarray,
    slots: int,
    bounds: tuple[np.ndarray, np.ndarray],
) -> np.ndarray | None:
    """Let HiGHS search for whole numbers; after so many nodes its best answer is taken."""
    answer = optimize.milp(
        -gain,
        integrality=np.ones(len(gain)),
        bounds=optimize.Bounds(*bounds),
        constraints=[
            optimize.LinearConstraint(counts, low, high),
            optimize.LinearConstraint(own, -np.inf, float(slots)),
        ],
        options={"node_limit": _NODES, "mip_rel_gap": 1e-9},
    )
    return None if answer.x is None else np.asarray(answer.x > 0.5)


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
    made = repair(moves, np.zeros(len(moves.who), dtype=bool), used, dual.low, dual.high, dual.coupling.scale)
    if made.any():
        top = changed(top, moves, made)
        value, used = totals(dual.scores, dual.coupling, top)
    return Solution(top, look.mu, value, look.bound, used, broken(used, dual.low, dual.high, dual.coupling.scale))

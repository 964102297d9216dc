"""What allocations are compared with: a check of every limit, all assignments, a linear program, random problems."""

from __future__ import annotations

import itertools

import numpy as np
from scipy import optimize

from nbo.arbitration import Limit


def counted(limit: Limit, n: int, k: int) -> np.ndarray:
    """What each pair counts in a limit; with a share, above 0 for those who get it and below 0 for the others."""
    offers = np.zeros(k)
    offers[list(range(k)) if limit.offers is None else list(limit.offers)] = 1
    rows = np.ones(n)
    if limit.rows is not None:
        rows = np.zeros(n)
        rows[limit.rows] = 1
    cost = np.broadcast_to(np.ones(k) if limit.cost is None else limit.cost, (n, k))
    return cost * offers * (rows - (limit.share or 0.0))[:, None]


def bounds(limit: Limit) -> tuple[float, float]:
    """Lowest and highest sum of what is counted."""
    if limit.share is not None:
        return (0.0, np.inf) if limit.at_least_share is not None else (-np.inf, 0.0)
    return limit.at_least or 0.0, np.inf if limit.at_most is None else limit.at_most


def kept(limit: Limit, given: np.ndarray) -> bool:
    """Whether a limit is kept, to 1e-9."""
    low, high = bounds(limit)
    used = float((counted(limit, *given.shape) * given).sum())
    return low - 1e-9 * max(1, abs(low)) <= used <= high + 1e-9 * max(1, abs(high))


def pairs(assignment: np.ndarray, k: int) -> np.ndarray:
    """The assignment as a matrix of 0 and 1; an offer given twice would count 2."""
    given = np.zeros((len(assignment), k), dtype=int)
    row, slot = np.nonzero(assignment >= 0)
    np.add.at(given, (row, assignment[row, slot]), 1)
    return given


def brute_force(priority: np.ndarray, limits: list[Limit], slots: int) -> float:
    """The best value over all assignments; -inf if none keeps the limits."""
    n, k = priority.shape
    ways = [way for size in range(slots + 1) for way in itertools.combinations(range(k), size)]
    best = -np.inf
    for answer in itertools.product(ways, repeat=n):
        given = np.zeros((n, k), dtype=bool)
        for customer, way in enumerate(answer):
            given[customer, list(way)] = True
        if np.isfinite(priority[given]).all() and all(kept(limit, given) for limit in limits):
            best = max(best, priority[given].sum())
    return best


def linear_bound(priority: np.ndarray, limits: list[Limit], slots: int) -> float | None:
    """The value of the linear program by HiGHS, None if no answer keeps the limits."""
    n, k = priority.shape
    allowed = np.isfinite(priority).ravel()
    rows, most = [np.kron(np.eye(n), np.ones(k))], [np.full(n, slots)]
    for limit in limits:
        low, high = bounds(limit)
        each = counted(limit, n, k).ravel()
        for sign, bound in ((1, high), (-1, -low)):
            if np.isfinite(bound):
                rows.append(sign * each[None])
                most.append(np.array([sign * bound if sign > 0 else bound]))
    answer = optimize.linprog(
        -np.where(allowed, np.nan_to_num(priority.ravel(), neginf=0), 0),
        A_ub=np.vstack(rows),
        b_ub=np.concatenate(most),
        bounds=np.column_stack([np.zeros(n * k), allowed.astype(float)]),
        method="highs",
    )
    return -float(answer.fun) if answer.status == 0 else None


def random_problem(seed: int, n: int, k: int, minimums: bool = True) -> tuple[np.ndarray, list[Limit]]:
    """Random priorities, some not allowed, and limits of each kind."""
    rng = np.random.default_rng(seed)
    priority = rng.normal(1, 1, (n, k)) * rng.lognormal(0, 0.5, (n, 1))
    priority[rng.random((n, k)) < 0.2] = np.nan
    limits = [Limit([j], at_most=int(rng.integers(0, n + 1)), name=f"cap {j}") for j in range(k) if rng.random() < 0.7]
    if rng.random() < 0.6:
        cost = rng.uniform(1, 3, k if rng.random() < 0.5 else (n, k))
        limits.append(Limit(cost=cost, at_most=float(rng.uniform(0, 2 * n)), name="budget"))
    if rng.random() < 0.4:
        limits.append(Limit(rows=rng.random(n) < 0.3, at_most=int(rng.integers(0, n + 1)), name="agent"))
    if minimums and rng.random() < 0.4:
        limits.append(Limit([int(rng.integers(k))], at_least=int(rng.integers(0, n // 3 + 1)), name="minimum"))
    if minimums and rng.random() < 0.4:
        limits.append(Limit(rows=rng.random(n) < 0.5, at_least_share=0.4, name="fair"))
    return priority, limits

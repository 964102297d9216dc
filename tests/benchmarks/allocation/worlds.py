"""Simulated priorities and limits: scarce offers, and a budget for less than all of them."""

from __future__ import annotations

import numpy as np

from nbo.arbitration import Limit


def world(n: int, k: int, seed: int, matrix: bool = False) -> tuple[np.ndarray, list[Limit]]:
    """Make priorities (acceptance x margin x size of the customer; 30 % not allowed), k capacities and a budget.

    The capacities are for 70 % of the customers, the budget for 70 % of what these cost. With `matrix`, what a
    pair costs differs by customer; else by offer only.
    """
    rng = np.random.default_rng(seed)
    size = rng.lognormal(0, 0.6, (n, 1)).astype(np.float32)
    tastes = rng.normal(size=(n, 4)).astype(np.float32) @ rng.normal(0, 0.6, (4, k)).astype(np.float32)
    tastes += rng.normal(0, 0.3, (n, k)).astype(np.float32) + rng.normal(-2, 1, k).astype(np.float32)
    priority = size * rng.uniform(20, 100, k).astype(np.float32) / (1 + np.exp(-tastes))
    # Not NaN: NumPy's argmax stops at the first one, which would make the unit of time too short.
    priority[rng.random((n, k), dtype=np.float32) < 0.3] = -np.inf
    cost, capacities = rng.uniform(1, 5, k), np.floor(rng.dirichlet(np.full(k, 2.0)) * 0.7 * n)
    limits = [Limit([j], at_most=float(capacities[j]), name=f"offer {j}") for j in range(k)]
    spent = cost * rng.uniform(0.5, 1.5, (n, k)).astype(np.float32) if matrix else cost
    spent = spent.astype(np.float32) if matrix else spent
    return priority, [*limits, Limit(cost=spent, at_most=float(0.7 * capacities @ cost), name="budget")]


def small_world(seed: int, budget: bool) -> tuple[np.ndarray, list[Limit]]:
    """Make a small problem of random size: capacities, and perhaps a budget."""
    rng = np.random.default_rng(seed)
    n, k = int(rng.integers(20, 400)), int(rng.integers(2, 12))
    priority, limits = world(n, k, seed, matrix=bool(seed % 2))
    return priority, limits if budget else limits[:-1]

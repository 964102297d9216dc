"""The peer: pairs in the order of their priority, each given if nothing stands against it."""

from __future__ import annotations

import numpy as np

from nbo.arbitration import Limit

_PART = 100_000


def greedy(priority: np.ndarray, limits: list[Limit], slots: int = 1) -> float:
    """Give the value of the greedy allocation; limits are maximums of one offer or of all."""
    n, k = priority.shape
    flat = priority.ravel()
    order = np.argsort(-flat, kind="stable")
    order = order[: int((flat > 0).sum())]
    room = np.full(k, np.inf)
    for limit in limits:
        if limit.offers is not None:
            room[limit.offers[0]] = limit.at_most
    budget = next((limit for limit in limits if limit.offers is None), None)
    cost = np.zeros((1, k)) if budget is None else np.broadcast_to(budget.cost, (n, k))
    left, free, value = np.inf if budget is None else budget.at_most, np.full(n, slots), 0.0
    for start in range(0, len(order), _PART):
        part = order[start : start + _PART]
        rows, columns = part // k, part % k
        # What cannot be given any more is left out at once; the rest is looked at one by one.
        able = np.flatnonzero((free[rows] > 0) & (room[columns] > 0))
        costs = cost[rows[able] if len(cost) > 1 else 0, columns[able]]
        for i, j, spent, worth in zip(
            rows[able].tolist(), columns[able].tolist(), costs.tolist(), flat[part[able]].tolist(), strict=True
        ):
            if free[i] > 0 and room[j] > 0 and spent <= left:
                free[i] -= 1
                room[j] -= 1
                left -= spent
                value += worth
    return value

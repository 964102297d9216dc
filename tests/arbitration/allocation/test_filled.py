"""Budgets that buy little: nothing that fits is left, and greedy by what a pair brings for its cost is never better."""

from __future__ import annotations

import numpy as np
import pytest

from nbo.arbitration import Limit, allocate


def greedy_per_cost(value, cost, budget):
    """Take pairs one after the other, those that bring most for their cost first."""
    given, left, total = np.full(len(value), -1), budget, 0.0
    for place in np.argsort(-(value / cost).ravel(), kind="stable"):
        row, column = divmod(int(place), value.shape[1])
        if given[row] < 0 and cost[row, column] <= left:
            given[row], left, total = column, left - cost[row, column], total + value[row, column]
    return total


@pytest.mark.parametrize("budget", [0.5, 2, 20, 100, 1000])
@pytest.mark.parametrize("seed", range(3))
def test_it_is_worth_what_greedy_per_cost_is_at_least(seed, budget):
    rng = np.random.default_rng(seed)
    value = rng.beta(1, 4, (3000, 5))
    cost = 0.05 + value * rng.choice([2.0, 5.0, 10.0], 5)
    found = allocate(value, [Limit(at_most=budget, cost=cost)], progress=False)
    row = np.flatnonzero(found.assignment[:, 0] >= 0)
    assert cost[row, found.assignment[row, 0]].sum() <= budget * (1 + 1e-12)
    assert found.bound >= found.value >= greedy_per_cost(value, cost, budget) - 1e-9


def test_slots_and_caps_hold_in_what_is_filled_up():
    rng = np.random.default_rng(5)
    value = rng.random((400, 6))
    limits = [Limit(at_most=9.0, cost=0.2 + 3 * rng.random((400, 6)), name="budget"), Limit(offers=[2], at_most=1)]
    found = allocate(value, limits, slots=2, progress=False)
    row, slot = np.nonzero(found.assignment >= 0)
    column = found.assignment[row, slot]
    assert limits[0].cost[row, column].sum() <= 9.0
    assert (column == 2).sum() <= 1
    assert all(len({*pair} - {-1}) == (np.asarray(pair) >= 0).sum() for pair in found.assignment.tolist())

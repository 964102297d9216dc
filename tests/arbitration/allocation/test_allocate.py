"""Allocations by hand, by brute force, and beside a linear program."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from nbo.arbitration import Limit, allocate
from nbo.errors import InputError

NONE = np.nan


def test_the_card_goes_to_whom_it_is_worth_most_above_the_next_best():
    # Without the card ann gets 1, bob 5: she loses 9 - 1 = 8, he loses 8 - 5 = 3.
    found = allocate(np.array([[9.0, 1.0], [8.0, 5.0]]), [Limit([0], at_most=1)])
    assert found.assignment.tolist() == [[0], [1]]
    assert (found.value, found.bound, found.gap) == (9 + 5, 14, 0)


def test_a_budget_buys_the_best_whole_customers():
    # 10 for 6 is the best rate, but two of 4 fill the budget of 8: 6 + 6 > 10.
    priority, cost = np.array([[10.0], [6.0], [6.0]]), np.array([[6.0], [4.0], [4.0]])
    found = allocate(priority, [Limit(at_most=8, cost=cost, name="budget")])
    assert found.assignment.ravel().tolist() == [-1, 0, 0]
    assert found.value == 6 + 6
    assert found.bound == pytest.approx(10 + 6 / 4 * 2)
    assert found.prices["budget"] == pytest.approx(6 / 4)


def test_without_limits_each_customer_gets_the_best_offers_above_zero():
    priority = np.array([[3.0, 5.0, -1.0], [0.0, -2.0, -3.0], [NONE, 1.0, -np.inf]])
    found = allocate(priority, slots=2)
    assert found.assignment.tolist() == [[1, 0], [-1, -1], [1, -1]]
    assert (found.value, found.gap) == (3 + 5 + 1, 0)


def test_a_minimum_costs_as_little_as_it_can():
    priority = np.array([[5.0, -3.0], [5.0, -1.0], [5.0, 4.5]])
    found = allocate(priority, [Limit([1], at_least=2, name="launch")])
    # Changing the third customer costs 0.5, the second 6, the first 8.
    assert found.assignment.ravel().tolist() == [0, 1, 1]
    assert found.value == 5 - 1 + 4.5
    assert found.prices["launch"] == pytest.approx(-6)


def brute_force(priority: np.ndarray, limits: list[Limit], slots: int) -> float:
    """The best value over all assignments."""
    n, k = priority.shape
    ways = [way for size in range(slots + 1) for way in itertools.combinations(range(k), size)]
    best = -np.inf
    for answer in itertools.product(ways, repeat=n):
        given = np.zeros((n, k), dtype=bool)
        for customer, way in enumerate(answer):
            given[customer, list(way)] = True
        if not np.isfinite(priority[given]).all():
            continue
        if all(kept(limit, given) for limit in limits):
            best = max(best, priority[given].sum())
    return best


def kept(limit: Limit, given: np.ndarray) -> bool:
    """Whether a limit is kept, to 1e-9."""
    n, k = given.shape
    cost = np.broadcast_to(np.ones(k) if limit.cost is None else limit.cost, (n, k))
    counted = np.zeros(k, dtype=bool)
    counted[list(range(k)) if limit.offers is None else list(limit.offers)] = True
    all_ = (cost * given)[:, counted]
    used = all_.sum() if limit.rows is None else all_[limit.rows].sum()
    return (
        used <= (np.inf if limit.at_most is None else limit.at_most * (1 + 1e-9))
        and used >= (0 if limit.at_least is None else limit.at_least * (1 - 1e-9))
        and used <= (np.inf if limit.at_most_share is None else limit.at_most_share * all_.sum() + 1e-9)
        and used >= (0 if limit.at_least_share is None else limit.at_least_share * all_.sum() - 1e-9)
    )


@pytest.mark.parametrize("seed", range(12))
def test_tiny_problems_are_solved_as_by_brute_force(seed):
    rng = np.random.default_rng(seed)
    n, k, slots = 5, 3, 1 + seed % 2
    priority = rng.normal(1, 1, (n, k)).round(3)
    priority[rng.random((n, k)) < 0.2] = NONE
    limits = [
        Limit([0], at_most=2, name="cap"),
        Limit(at_most=5.0, cost=rng.uniform(1, 3, (n, k)), name="budget"),
        Limit([1], at_least=1, name="minimum"),
        Limit(rows=np.array([True, True, False, False, False]), at_least_share=0.3, name="fair"),
    ]
    best = brute_force(priority, limits, slots)
    if best == -np.inf:
        with pytest.raises(InputError, match="no allocation is found|allowed to nobody"):
            allocate(priority, limits, slots)
        return
    found = allocate(priority, limits, slots)
    assert found.value == pytest.approx(best, rel=1e-9)
    assert found.bound >= best - 1e-9


def test_offers_are_named_by_the_columns_of_a_frame():
    priority = pd.DataFrame({"card": [9.0, 8.0], "loan": [1.0, 5.0]}, index=["ann", "bob"])
    found = allocate(priority, [Limit(["card"], at_most=1, name="cards")])
    assert found.to_frame().values.tolist() == [["ann", 0, "card", 9.0], ["bob", 0, "loan", 5.0]]

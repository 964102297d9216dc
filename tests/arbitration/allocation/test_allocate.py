"""Allocations by hand, by brute force, and beside a linear program."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.arbitration import Limit, allocate
from nbo.errors import InputError
from tests.arbitration.allocation.references import brute_force, linear_bound, pairs
from tests.benchmarks.allocation.greedy import greedy

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


@pytest.mark.parametrize("seed", range(50))
def test_capacities_alone_are_met_with_the_optimum_of_the_linear_program(seed):
    # With capacities alone the linear program has a whole answer.
    rng = np.random.default_rng(seed)
    n, k, slots = int(rng.integers(5, 120)), int(rng.integers(2, 8)), int(rng.integers(1, 3))
    priority = rng.gamma(2, 2, (n, k))
    priority[rng.random((n, k)) < 0.3] = -np.inf
    limits = [Limit([j], at_most=int(rng.integers(0, n // 2))) for j in range(k)]
    found = allocate(priority, limits, slots)
    assert found.value == pytest.approx(linear_bound(priority, limits, slots), rel=1e-7)
    assert found.gap <= 1e-7


@pytest.mark.parametrize("seed", range(50))
def test_with_a_budget_the_linear_program_lies_between_value_and_bound(seed):
    rng = np.random.default_rng(seed)
    n, k = int(rng.integers(30, 250)), int(rng.integers(2, 8))
    priority, cost = rng.gamma(2, 2, (n, k)), rng.uniform(1, 4, (n, k) if seed % 2 else k)
    limits = [Limit([j], at_most=int(rng.integers(0, n // 2))) for j in range(k)]
    limits.append(Limit(cost=cost, at_most=float(rng.uniform(5, n)), name="budget"))
    found, best = allocate(priority, limits), linear_bound(priority, limits, 1)
    assert found.value <= best * (1 + 1e-9)
    assert found.bound == pytest.approx(best, rel=1e-6)
    assert found.gap == pytest.approx((found.bound - found.value) / found.value)
    assert greedy(priority, limits) <= found.value * (1 + 1e-9)


def test_offers_are_named_by_the_columns_of_a_frame():
    priority = pd.DataFrame({"card": [9.0, 8.0], "loan": [1.0, 5.0]}, index=["ann", "bob"])
    found = allocate(priority, [Limit(["card"], at_most=1, name="cards")])
    assert found.to_frame().values.tolist() == [["ann", 0, "card", 9.0], ["bob", 0, "loan", 5.0]]


def test_offers_may_be_named_by_a_list_or_by_position():
    priority = np.array([[9.0, 1.0], [8.0, 5.0]])
    by_name = allocate(priority, [Limit(["card"], at_most=1)], offer_ids=["card", "loan"])
    by_place = allocate(priority, [Limit([0], at_most=1)])
    assert by_name.assignment.tolist() == by_place.assignment.tolist()
    assert by_name.summary["by_offer"] == {"card": 1, "loan": 1}


def test_shares_of_a_group_are_kept():
    rng = np.random.default_rng(3)
    priority, young = rng.gamma(2, 2, (300, 3)), np.arange(300) < 60
    limits = [Limit([0], at_most=50, name="cards"), Limit([0], rows=young, at_least_share=0.5, name="young")]
    found = allocate(priority, limits)
    given = pairs(found.assignment, 3)
    assert given[young, 0].sum() >= 0.5 * given[:, 0].sum() > 0
    assert found.shadow_prices()["used"].tolist()[1] == pytest.approx(given[young, 0].sum() / given[:, 0].sum())
    other = allocate(priority, [limits[0], Limit([0], rows=young, at_most_share=0.1, name="young")])
    given = pairs(other.assignment, 3)
    assert given[young, 0].sum() <= 0.1 * given[:, 0].sum()


def test_agents_have_capacities_of_their_own():
    rng = np.random.default_rng(4)
    priority, agent = rng.gamma(2, 2, (240, 4)), rng.integers(0, 12, 240)
    limits = [Limit(rows=np.flatnonzero(agent == one), at_most=5 + one, name=f"agent {one}") for one in range(12)]
    found = allocate(priority, limits, slots=2)
    calls = np.bincount(agent, weights=pairs(found.assignment, 4).sum(axis=1), minlength=12)
    assert calls.tolist() == [5 + one for one in range(12)]
    assert found.gap <= 1e-7


def test_numbers_of_32_and_64_bits_give_the_same():
    priority = np.random.default_rng(5).gamma(2, 2, (2000, 5)).astype(np.float32)
    limits = [Limit([j], at_most=200) for j in range(4)]
    a, b = allocate(priority, limits), allocate(priority.astype(np.float64), limits)
    assert a.assignment.tolist() == b.assignment.tolist()
    assert a.value == pytest.approx(b.value, rel=1e-12)


def test_the_order_of_customers_changes_nothing_where_nothing_is_tied():
    rng = np.random.default_rng(6)
    priority, order = rng.gamma(2, 2, (400, 5)), rng.permutation(400)
    limits = [Limit([j], at_most=50) for j in range(5)]
    a, b = allocate(priority, limits), allocate(priority[order], limits)
    assert a.assignment[order].tolist() == b.assignment.tolist()


def test_equal_offers_go_to_the_first_column():
    assert allocate(np.ones((2, 3))).assignment.ravel().tolist() == [0, 0]


def test_customers_who_are_all_alike_share_what_there_is():
    limits = [Limit([j], at_most=1000) for j in range(3)]
    found = allocate(np.ones((4000, 3)), limits)
    assert found.summary["by_offer"] == {0: 1000, 1: 1000, 2: 1000}
    assert found.gap < 1e-4


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 0), (1, 1)])
def test_nothing_to_give_or_nobody_to_get_it(shape):
    found = allocate(np.full(shape, np.nan), [Limit(at_most=1)])
    assert found.assignment.tolist() == [[-1]] * shape[0]
    assert (found.value, found.gap, len(found.to_frame())) == (0, 0, 0)


def test_more_slots_than_offers_stay_empty():
    assert allocate(np.array([[1.0, 2.0]]), slots=4).assignment.tolist() == [[1, 0, -1, -1]]


def test_offers_that_are_worth_nothing_are_noted():
    found = allocate(np.array([[1.0, -1.0, NONE]]), offer_ids=["a", "b", "c"])
    assert found.notes == ("2 of 3 offers have no priority above 0 for anybody: 'b', 'c'.",)
    assert "'b', 'c'" in str(found)


P = np.ones((4, 2))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((np.ones(3), []), "priority must have the shape"),
        ((np.array([["a"]]), []), "priority must be numbers"),
        ((np.array([[1.0], [np.inf]]), []), r"priority must be below 1e\+30 .*first at row 1: inf"),
        ((P, [Limit([2], at_most=1)]), "offers of 'limit 1' must be known; got 2. There are: 0, 1"),
        ((P, [Limit(["x"], at_most=1, name="a")]), "offers of 'a' must be known; got 'x'"),
        ((P, [Limit([], at_most=1)]), "offers of 'limit 1' must name at least one"),
        ((P, [Limit("x", at_most=1)]), r"must be a list; got 'x'. Write \['x'\]"),
        ((P, [Limit(at_most=1, cost=[1.0, -1.0])]), "cost of 'limit 1' must be finite and 0 or more; 1 of 2"),
        ((P, [Limit(at_most=1, cost=np.full((4, 2), np.nan))]), "finite and 0 or more; 4 of 4"),
        ((P, [Limit(at_most=1, cost=np.ones(3))]), r"of shape \(2,\) or \(4, 2\); got float64 of shape \(3,\)"),
        ((P, [Limit(at_most=1, rows=[True])]), r"rows of 'limit 1' must be a mask of shape \(4,\)"),
        ((P, [Limit(at_most=1, rows=[7])]), "positions from 0 to 3; 1 of 1 rows is not, first at row 0: 7"),
        ((P, [Limit(at_most=1, name="a"), Limit(at_most=2, name="a")]), "'a' comes more than once"),
        ((P, ["a"]), "limits must be a list of Limit; got str"),
        ((P, Limit(at_most=1)), r"limits must be a list of Limit; got Limit\(.*Write \[Limit\("),
        ((P, [], 0), "slots must be 1 or more"),
        ((P, [], 1.5), "slots must be 1 or more"),
    ],
)
def test_what_is_not_allowed_is_refused(given, message):
    with pytest.raises(InputError, match=message):
        allocate(*given)


def test_names_of_offers_must_be_there_once():
    with pytest.raises(InputError, match="offer_ids must name each of the 2 columns once"):
        allocate(P, offer_ids=["a", "a"])


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (
            [Limit([0], at_least=2, name="a"), Limit([1], at_least=2, name="b"), Limit(at_most=3, name="all")],
            r"'a' \(at_least 2\) and 'b' \(at_least 2\) ask for 4 in all, but 'all' allows at_most 3",
        ),
        (
            [Limit([0, 1], at_least=3, name="all"), Limit([0], at_most=1, name="a"), Limit([1], at_most=1, name="b")],
            r"'all' asks for at_least 3, but 'a' \(at_most 1\) and 'b' \(at_most 1\) leave no more than 2",
        ),
        ([Limit([0], at_least=5, name="a")], "'a' asks for at least 5, and 4 can be reached"),
        (
            [Limit([0], at_least=4, name="a"), Limit([0], cost=[2.0, 1.0], at_most=5, name="money")],
            "'a' asks for at least 4, and 2 can be reached. The maximum of 'money' is in the way. Lower the minimum",
        ),
    ],
)
def test_limits_that_cannot_be_kept_are_named(limits, message):
    with pytest.raises(InputError, match=message):
        allocate(P, limits)


def test_a_minimum_of_an_offer_that_nobody_may_get_is_refused():
    priority = np.array([[1.0, NONE], [1.0, -np.inf]])
    with pytest.raises(InputError, match="at_least of 'b' is 1, but its offers are allowed to nobody"):
        allocate(priority, [Limit([1], at_least=1, name="b")])

"""Random problems: no limit is broken, the bound holds, and greedy is not better."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbo.arbitration import Limit, allocate
from nbo.errors import InputError
from tests.arbitration.allocation.references import kept, linear_bound, pairs, random_problem
from tests.benchmarks.allocation.greedy import greedy
from tests.benchmarks.allocation.worlds import world

SEEDS = st.integers(0, 2**32 - 1)


def confirm(priority: np.ndarray, limits: list[Limit], slots: int) -> None:
    """Allocate, and compare with the linear program and with greedy."""
    n, k = priority.shape
    best = linear_bound(priority, limits, min(slots, k))
    minimum = any(limit.at_least or limit.at_least_share for limit in limits)
    try:
        found = allocate(priority, limits, slots)
    except InputError:
        # Whole customers may not fit where parts of them do; maximums alone can always be kept.
        if best is not None and not minimum:
            raise
        return
    given_ = pairs(found.assignment, k)
    assert found.assignment.shape == (n, slots)
    assert given_.max(initial=0) <= 1
    assert np.isfinite(priority[given_ > 0]).all()
    assert all(kept(limit, given_) for limit in limits)
    assert found.value == pytest.approx(np.nansum(np.where(given_ > 0, priority, 0)))
    assert best is not None
    assert found.value <= best + 1e-7 * max(1, abs(best)) <= found.bound + 2e-7 * max(1, abs(best))


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.integers(1, 40), st.integers(1, 5), st.integers(1, 3))
def test_no_limit_is_broken(seed, n, k, slots):
    confirm(*random_problem(seed, n, k), slots)


@pytest.fixture
def without_small(monkeypatch):
    """Let small problems go the way of large ones."""
    monkeypatch.setattr(sys.modules["nbo.arbitration.allocation.small"], "_PAIRS", 0)


@pytest.mark.parametrize("seed", range(25))
def test_no_limit_is_broken_by_prices_alone(without_small, seed):
    rng = np.random.default_rng(seed)
    confirm(*random_problem(seed, int(rng.integers(1, 60)), int(rng.integers(1, 6))), int(rng.integers(1, 4)))


@pytest.mark.parametrize("slots", [1, 3])
@pytest.mark.parametrize("matrix", [False, True])
def test_customers_far_from_another_choice_need_no_second_look(monkeypatch, slots, matrix):
    # With few customers near, the answer must be as good as with all of them looked at.
    solve = sys.modules["nbo.arbitration.allocation.solve"]
    priority, limits = world(6000, 8, seed=2, matrix=matrix)
    whole = allocate(priority, limits, slots)
    monkeypatch.setattr(solve, "_NEAR", 100)
    monkeypatch.setattr(solve, "_SAMPLE", 1000)
    part = allocate(priority, limits, slots)
    assert part.bound == pytest.approx(whole.bound, rel=1e-5)
    assert part.value == pytest.approx(whole.value, rel=1e-4)
    assert part.bound >= whole.value
    assert whole.bound >= part.value
    assert all(kept(limit, pairs(part.assignment, 8)) for limit in limits)
    assert all(kept(limit, pairs(whole.assignment, 8)) for limit in limits)


def test_a_large_problem_has_a_small_gap_and_beats_greedy():
    priority, limits = world(50_000, 10, seed=1)
    found = allocate(priority, limits)
    assert all(kept(limit, pairs(found.assignment, 10)) for limit in limits)
    assert found.gap <= 1e-5
    assert greedy(priority, limits) < found.value * 0.99


def test_minimums_and_shares_hold_for_many_customers():
    priority, limits = world(40_000, 8, seed=3)
    young = np.random.default_rng(0).random(40_000) < 0.3
    wanted = int(0.9 * limits[2].at_most)
    limits += [
        Limit([2], at_least=wanted, name="launch"),
        Limit([0, 1], rows=young, at_least_share=0.5, name="fair"),
        Limit([4, 5], at_least=1234, at_most=1234, name="just so many"),
    ]
    found = allocate(priority, limits)
    assert all(kept(limit, pairs(found.assignment, 8)) for limit in limits)
    assert found.gap <= 1e-4


def test_customers_alike_within_segments_have_a_small_gap():
    rng = np.random.default_rng(4)
    priority = rng.uniform(0, 10, (40, 6))[rng.integers(0, 40, 4000)]
    limits = [Limit([j], at_most=400) for j in range(6)] + [Limit(cost=np.arange(1.0, 7), at_most=6000.0)]
    found = allocate(priority, limits)
    assert all(kept(limit, pairs(found.assignment, 6)) for limit in limits)
    assert found.gap <= 5e-4


def test_minimums_that_cannot_both_be_met_are_both_named():
    limits = [Limit(offers=[0], at_least=2, name="A"), Limit(offers=[1], at_least=2, name="B")]
    with pytest.raises(InputError, match="asks for at least 2, and 1 can be reached. The minimum of '[AB]' is kept"):
        allocate(np.ones((3, 2)), limits)


def test_a_minimum_out_of_reach_says_what_can_be_reached():
    priority, limits = world(40_000, 5, seed=5)
    limits.append(Limit([3], cost=np.full((40_000, 5), 2.0), at_most=1000.0, name="hours"))
    with pytest.raises(InputError, match="'launch' asks for at least 2000, and 500 can be reached.*'hours'.* in the"):
        allocate(priority, [*limits, Limit([3], at_least=2000, name="launch")])


def test_customers_who_may_get_nothing_are_no_ties():
    priority, limits = world(30_001, 4, seed=6)
    priority[::2] = -np.inf
    found = allocate(priority, limits)
    assert (found.assignment[::2] == -1).all()
    assert found.gap <= 1e-5


def test_limits_that_hold_nobody_back_cost_nothing():
    priority, limits = world(40_000, 4, seed=7)
    loose = [Limit([j], at_most=40_000, name=f"offer {j}") for j in range(4)]
    found = allocate(priority, loose)
    assert found.value == pytest.approx(allocate(priority).value)
    assert np.asarray(found.prices).tolist() == [0.0] * 4
    nothing = allocate(priority, [*limits[:-1], Limit(cost=limits[-1].cost, at_most=0, name="budget")])
    assert (nothing.value, nothing.gap) == (0, 0)

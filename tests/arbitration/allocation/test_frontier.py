"""What budgets return."""

from __future__ import annotations

import numpy as np
import pytest

from nbo.arbitration import Limit, allocate, frontier
from nbo.errors import InputError
from tests.benchmarks.allocation.worlds import world


def test_values_by_hand():
    priority = np.array([[10.0, 0.0], [0.0, 6.0], [3.0, 1.0]])
    found = frontier(priority, [Limit(at_most=1, name="letters")], "letters", [3, 0, 2], offer_ids=["a", "b"])
    assert found["budget"].tolist() == [0, 2, 3]
    assert found["value"].tolist() == [0, 10 + 6, 10 + 6 + 3]
    assert found["served"].tolist() == [0, 2, 3]
    assert found["share_a"].tolist() == [0, 1 / 2, 2 / 3]


def test_each_row_is_an_allocation_and_the_value_rises_ever_more_slowly():
    priority, limits = world(40_000, 6, seed=1)
    budget = limits[-1]
    found = frontier(priority, limits, "budget", budget.at_most * np.linspace(0.2, 1.0, 5))
    alone = allocate(priority, [*limits[:-1], Limit(cost=budget.cost, at_most=found["budget"][2], name="budget")])
    assert found["value"][2] == pytest.approx(alone.value, rel=2e-5)
    assert (found["bound"] >= found["value"]).all()
    assert ((found["bound"] - found["value"]) / found["value"]).max() < 2e-5
    slopes = found["value"].diff()[1:] / found["budget"].diff()[1:]
    assert (np.diff(slopes) < 0).all()
    # The price at a budget is the slope there: between those on both sides.
    assert (found["price"][1:-1].to_numpy() <= slopes[:-1].to_numpy()).all()
    assert (found["price"][1:-1].to_numpy() >= slopes[1:].to_numpy()).all()
    assert (found["used"] <= found["budget"]).all()


@pytest.mark.parametrize(
    ("name", "budgets", "message"),
    [
        ("x", [1], "budget_limit must be one of 'letters', 'launch'; got 'x'"),
        ("launch", [1], "'launch' has no at_most"),
        ("letters", [-1], "budgets must be finite and 0 or more; 1 of 1"),
    ],
)
def test_what_is_not_allowed_is_refused(name, budgets, message):
    limits = [Limit(at_most=1, name="letters"), Limit(at_least=0, name="launch")]
    with pytest.raises(InputError, match=message):
        frontier(np.ones((2, 1)), limits, name, budgets)

"""The last resort keeps maximums, by hand."""

from __future__ import annotations

import numpy as np

from nbo.arbitration import Limit
from nbo.arbitration.allocation.couple import couple
from nbo.arbitration.allocation.scores import take_scores
from nbo.arbitration.allocation.solution import Solution
from nbo.arbitration.allocation.take_back import take_back


def taken_back(priority: list[float], top: list[int], limits: list[Limit]) -> Solution:
    scores = take_scores(np.array(priority)[:, None], None)
    coupling = couple(limits, [0], len(priority))
    rows = np.flatnonzero(np.array(top) >= 0)
    used = coupling.used(rows, np.zeros(len(rows), dtype=int))
    wrong = np.maximum(used - coupling.high, 0) + np.maximum(coupling.low - used, 0)
    return take_back(Solution(np.array([top]), np.zeros(len(limits)), 0.0, 0.0, used, wrong), scores, coupling)


def test_what_is_worth_least_for_its_cost_goes_first():
    cost = np.array([[1.0], [4.0], [2.0]])
    found = taken_back([3.0, 4.0, 5.0], [0, 0, 0], [Limit(cost=cost, at_most=3, name="budget")])
    # Worth by cost 3, 1 and 2.5: without the second, 1 + 2 are left.
    assert found.top.tolist() == [[0, -1, 0]]
    assert (found.value, found.used.tolist(), found.wrong.tolist()) == (3 + 5, [3], [0])


def test_of_a_share_that_is_too_small_the_others_give_back():
    found = taken_back([1.0, 2.0, 3.0, 4.0], [0, 0, 0, 0], [Limit(rows=[0], at_least_share=0.5, name="fair")])
    # One of the group, so one of the others: the one worth most.
    assert found.top.tolist() == [[0, -1, -1, 0]]
    assert not found.wrong.any()

"""The peer of the benchmark of allocations, by hand."""

from __future__ import annotations

import numpy as np

from nbo.arbitration import Limit
from tests.benchmarks.allocation.greedy import greedy

PRIORITY = np.array([[9.0, 8.0], [8.5, 1.0], [3.0, -np.inf]])


def test_pairs_are_given_in_the_order_of_their_priority():
    # The card goes to the first for 9, the second gets the loan for 1; 8 + 8.5 would have been better.
    assert greedy(PRIORITY, [Limit([0], at_most=1)]) == 9 + 1


def test_what_the_budget_has_no_room_for_is_passed_over():
    # 9 costs 2; 8.5 would cost 2 more; 3 then is too dear as well, but 1 costs 1.
    assert greedy(PRIORITY, [Limit(cost=np.array([2.0, 1.0]), at_most=3)]) == 9 + 1


def test_customers_have_slots():
    assert greedy(PRIORITY, [Limit([0], at_most=2)], slots=2) == 9 + 8.5 + 8 + 1

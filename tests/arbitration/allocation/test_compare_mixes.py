"""Which customers a budget should go to, beside what can be computed on paper."""

from __future__ import annotations

import numpy as np
import pytest

from nbo.arbitration import Limit, compare_mixes
from nbo.errors import InputError

MIXES = {"fewer, high": {"high": 1.0}, "more, mid": {"mid": 1.0}, "both": {"high": 0.5, "mid": 0.5}}


def test_two_segments_without_chance_by_hand():
    # High: worth 9 for a cost of 3. Mid: worth 2 for 1. A budget of 60.
    groups = np.repeat(["high", "mid"], [15, 100])
    high = groups == "high"
    priority, cost = np.where(high, 9.0, 2.0)[:, None], np.where(high, 3.0, 1.0)[:, None]
    found = compare_mixes(priority, [Limit(at_most=60, cost=cost, name="budget")], "budget", groups, MIXES)
    # All 15 high ones cost 45; half of the budget reaches 10 of them, and 30 mid ones.
    assert found["value"].tolist() == [15 * 9, 60 * 2, 10 * 9 + 30 * 2]
    assert found["used"].tolist() == [45, 60, 60]
    assert found["served_high"].tolist() == [15, 0, 10]
    assert found["served_mid"].tolist() == [0, 60, 30]
    assert found["value_per_unit"].tolist() == [3, 2, 2.5]
    assert found["low"].tolist() == found["high"].tolist() == found["value"].tolist()
    assert found["difference"].tolist() == [0, 60 * 2 - 15 * 9, 150 - 135]


def test_intervals_hold_the_value_that_is_known_in_closed_form():
    # Of n customers with uniform values on [0, a] the m best are worth a * sum((n - j) / (n + 1), j < m) on average.
    def expected(top: float, n: int, m: int) -> float:
        return top * sum((n - j) / (n + 1) for j in range(m))

    n, budget = 200, 60.0
    truth = np.array([expected(9.0, n, 20), expected(2.5, n, 60)])
    groups = np.repeat(["high", "mid"], n)
    cost = np.where(groups == "high", 3.0, 1.0)[:, None]
    limits = [Limit(at_most=budget, cost=cost, name="budget")]
    mixes = {name: MIXES[name] for name in ("fewer, high", "more, mid")}
    held, times = np.zeros(3), 120
    rng = np.random.default_rng(1)
    for _ in range(times):
        priority = rng.uniform(0, np.where(groups == "high", 9.0, 2.5))[:, None]
        found = compare_mixes(priority, limits, "budget", groups, mixes)
        held[:2] += (found["low"] <= truth) & (truth <= found["high"])
        held[2] += found["difference_low"][1] <= truth[1] - truth[0] <= found["difference_high"][1]
    # Four standard errors of a share of 0.95.
    assert (np.abs(held / times - 0.95) <= 4 * np.sqrt(0.95 * 0.05 / times)).all()


def test_the_variance_of_what_pairs_return_widens_the_interval_by_hand():
    groups = np.repeat(["high", "mid"], [2, 3])
    limits = [Limit(at_most=2, name="budget")]
    variance = np.full((5, 1), 4.0)
    found = compare_mixes(np.ones((5, 1)), limits, "budget", groups, {"a": {"high": 1}, "b": {"mid": 1}},
                          variance=variance)  # fmt: skip
    # Two given in each mix: a variance of 2 * 4 each, and of 16 for the difference.
    assert found["high"][0] - found["value"][0] == pytest.approx(1.959964 * np.sqrt(8), rel=1e-6)
    assert found["difference_high"][1] - found["difference"][1] == pytest.approx(1.959964 * 4, rel=1e-6)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"budget_limit": "x"}, "budget_limit must be one of 'budget'"),
        ({"groups": ["a"]}, "groups must name the group of each of 2 customers"),
        ({"mixes": {}}, "mixes must name at least one"),
        ({"mixes": {"m": {"a": 1.5}}}, r"shares of the mix 'm' must be in \[0, 1\]"),
        ({"mixes": {"m": {"a": 0.6, "b": 0.6}}}, "shares of the mix 'm' together must be at most 1"),
        ({"mixes": {"m": {"c": 1}}}, "a group of the mix 'm' must be one of 'a', 'b'; got 'c'"),
        ({"limits": [Limit(at_least=1, name="budget")]}, "budget_limit must be a maximum for all customers"),
        ({"level": 1.0}, r"level must be in \(0, 1\)"),
    ],
)
def test_what_is_not_allowed_is_refused(given, message):
    usual = {
        "limits": [Limit(at_most=1, name="budget")],
        "budget_limit": "budget",
        "groups": ["a", "b"],
        "mixes": {"m": {"a": 1.0}},
    }
    with pytest.raises(InputError, match=message):
        compare_mixes(np.ones((2, 1)), **(usual | given))

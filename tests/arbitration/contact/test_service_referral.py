from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.arbitration import Candidates
from nbo.arbitration.contact import OpenCase, ServiceReferral
from nbo.errors import InputError
from nbo.tables import Catalog, CustomerTables, Offer, Spine

CATALOG = Catalog(
    [Offer("card"), Offer("flat", products=("p-flat", "p-line")), Offer("line", products=("p-line",), kind="bundle")]
)
SOLUTIONS = {"billing": ["p-flat"], "slow": ["p-line", "p-flat", "p-none"]}
CASES = pd.DataFrame(
    {
        "case_id": ["open", "recent", "old", "late"],
        "customer_id": ["ann", "bob", "cy", "dan"],
        "opened_at": pd.to_datetime(["2026-01-01", "2026-06-20", "2026-01-01", "2026-06-30"]),
        "closed_at": pd.to_datetime([None, "2026-06-21", "2026-01-02", None]),
        "topic": ["billing", "slow", "slow", "billing"],
        "severity": 5,
    }
)


def run(rules):
    spine = Spine.at("2026-06-30", ["ann", "bob", "cy", "dan"])
    return Candidates.of(CustomerTables(cases=CASES), spine, CATALOG, tuple(rules))


def test_offers_that_solve_an_open_or_recent_case_weigh_more():
    candidates = run([ServiceReferral(SOLUTIONS, weight=3.0)])
    assert candidates.context_weight.tolist() == [[1, 3, 1], [1, 3, 3], [1, 1, 1], [1, 1, 1]]
    assert list(candidates.contexts) == ["referral: billing -> p-flat", "referral: slow -> p-line"]
    assert candidates.eligible.all()


def test_referrals_are_tasks_of_offers_that_may_be_made():
    rule = ServiceReferral(SOLUTIONS)
    tasks = rule.referrals(run([]))
    assert tasks.to_numpy().tolist() == [
        ["ann", "open", "billing", "p-flat", "flat", "referral: billing -> p-flat"],
        ["bob", "recent", "slow", "p-line", "flat", "referral: slow -> p-line"],
        ["bob", "recent", "slow", "p-line", "line", "referral: slow -> p-line"],
    ]
    taken = run([]).without("eligibility", {"unfit": np.array([False, True, False])[None, :, None]})
    assert rule.referrals(taken)["offer_id"].tolist() == ["line"]
    assert rule.referrals(run([]).without("eligibility", {"all": np.ones((1, 1, 1), dtype=bool)})).empty
    assert list(ServiceReferral().referrals(run([])).columns) == list(tasks.columns)


def test_the_same_mapping_lets_a_solution_come_while_the_case_is_open():
    assert run([OpenCase(), ServiceReferral(SOLUTIONS)]).eligible[0].tolist() == [False, False, False]
    both = run([OpenCase(but_solutions=SOLUTIONS), ServiceReferral(SOLUTIONS)])
    assert both.eligible[0].tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({"weight": -1.0}, "weight must be 0 or more"),
        ({"recent": "long"}, "recent must be a length of time"),
        ({"solutions": ["p"]}, "solutions must be lists of products by topic"),
    ],
)
def test_a_rule_that_is_none_is_refused(rule, says):
    with pytest.raises(InputError, match=says):
        ServiceReferral(**rule).check()

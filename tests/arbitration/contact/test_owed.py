"""What every rule owes holds for the rules of the contact policy with more than their default arguments."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.arbitration import Candidates, Playbook
from nbo.arbitration.contact import (
    ContactLimit,
    OfferCap,
    OnePer,
    OneVoice,
    OpenCase,
    QuietHours,
    RestAfter,
    ServiceReferral,
)
from nbo.tables import CustomerTables, Spine
from nbo.testing import check_rule

SOLUTIONS = {"billing": ["p-card"]}
RULES = [
    ContactLimit(1, "3D", "household", "channel", channels=["email", "phone"]),
    ContactLimit(1, "7D", "account", "category", kinds=["discount"]),
    RestAfter("no_answer", "10D", n=2, window="9D", what="all", by="household", answer_within="2D"),
    RestAfter("accept", "all", what="kind", channels=["email"], same_channels=True),
    QuietHours("07:00", "13:00", weekdays=["Mon", "Tue"], time_zone="zone", channels=["phone"]),
    OfferCap(2, "4D", "made", "channel"),
    OneVoice("5D", "household"),
    OpenCase(None, kinds=["complaint"], but=[], but_solutions=SOLUTIONS, rest="5D"),
    ServiceReferral(SOLUTIONS),
    OnePer("household_id", "zone", ["UTC"]),
]


@pytest.fixture(scope="module")
def world(random_log):
    log = random_log(11, n_rows=80)
    log.customers = log.customers.assign(zone="Europe/Berlin")
    cases = {"customer_id": [f"c{i}" for i in range(7)], "opened_at": log.spine["as_of"].min(), "topic": "billing"}
    return log.tables.replace(cases=pd.DataFrame(cases).assign(kind="complaint")), log


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
def test_rule(rule, world):
    tables, log = world
    check_rule(rule, tables, Spine.of(log.spine), log.candidates().catalog)


def test_some_of_each_is_refused_or_weighed(world):
    tables, log = world
    for rule in RULES[:-1]:
        candidates = Candidates.of(tables, Spine.of(log.spine), log.candidates().catalog, (rule,))
        weighed = any((weight != 1).any() for weight in candidates.contexts.values())
        assert weighed or any(mask.any() for mask in rule.refused(candidates).values()), rule


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
def test_it_changes_no_table_and_no_priority(rule, world):
    tables, log = world
    before = {name: tables.get(name).copy() for name in tables.names}
    candidates = Candidates.of(tables, Spine.of(log.spine), log.candidates().catalog, (rule,))
    priority = np.random.default_rng(0).random((7, 4))
    given = priority.copy()
    rule.surplus(candidates, priority)
    rule.resumes(candidates)
    assert (priority == given).all()
    for name, frame in before.items():
        pd.testing.assert_frame_equal(tables.get(name), frame)


def test_a_playbook_holds_them_as_data():
    playbook = Playbook(RULES)
    again = Playbook.from_dict(playbook.to_dict())
    assert again.hash == playbook.hash
    assert all(reasons for reasons in playbook.to_frame()["reason"])


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
def test_nobody_and_nothing_known_are_fine(rule, world):
    tables, log = world
    catalog, people = (
        log.candidates().catalog,
        pd.DataFrame({"customer_id": ["c1"], "zone": "UTC", "household_id": "h"}),
    )
    for known, spine in (
        (tables, Spine.of(log.spine.iloc[:0])),
        (CustomerTables(customers=people), Spine.at("2026-06-30", ["c1"])),
    ):
        candidates = Candidates.of(known, spine, catalog, (rule,))
        n, k, _ = candidates.shape
        arrays = [rule.refused(candidates), rule.resumes(candidates), rule.weights(candidates)]
        arrays.append(rule.surplus(candidates, np.ones((n, k))))
        for array in (array for found in arrays for array in found.values()):
            assert np.broadcast_to(array, candidates.shape).shape[0] == n

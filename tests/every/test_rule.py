"""Every rule owes the same."""

from __future__ import annotations

import numpy as np
import pytest

from nbo import arbitration
from nbo.arbitration import Rule
from nbo.tables import Spine
from nbo.testing import check_rule
from nbo.testing.parts import parts_of

RULES = parts_of(arbitration, Rule)
# Arguments of those that cannot do without.
ARGUMENTS = {
    "Excludes": {"name": "not after", "offers": ["travel_deal"], "others": ["device_cover"], "mutual": True},
    "Follows": {"name": "first", "offers": ["travel_deal"], "after": ["device_cover"], "wait": "14D"},
    "Lever": {"name": "push", "percent": 20, "when": "job == 'manager'"},
    "Weigh": {"name": "fits", "weight": 2.0, "when": "job == 'manager'", "channels": ["email"]},
    "When": {"name": "adults only", "refuse": "days_since(birth_date) < 6574 or offer.value > 100"},
}


def test_these_are_all_rules():
    assert list(RULES) == [
        "ContactLimit",
        "Eligibility",
        "Excludes",
        "Follows",
        "Lever",
        "OfferCap",
        "OnePer",
        "OneVoice",
        "OpenCase",
        "Owned",
        "QuietHours",
        "RestAfter",
        "ServiceReferral",
        "Weigh",
        "When",
    ]


@pytest.mark.parametrize("name", RULES)
def test_rule(name, world):
    check_rule(RULES[name](**ARGUMENTS.get(name, {})), world.tables, Spine.at("2025-06-01", world.tables))


def test_rule_that_needs_consent(world):
    check_rule(arbitration.Eligibility(consent="given"), world.tables, Spine.at("2025-06-01", world.tables))


class Flat(Rule):
    """Refuse by customer, without saying of which offers and channels."""

    def refused(self, candidates):
        return {"flat": np.zeros(len(candidates.spine), dtype=bool)}


class Half(Rule):
    """Refuse every second row, whoever it is."""

    def refused(self, candidates):
        return {"half": (np.arange(len(candidates.spine)) % 2 == 0)[:, None, None]}


class Callable(Rule):
    """Take a function, which cannot be stored as data."""

    def __init__(self, test=len):
        self.test = test

    def refused(self, candidates):
        return {}


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (Flat(), r"must broadcast to \(customers, offers, channels\)"),
        (Half(), "whatever their order"),
        (Callable(), "must be JSON values"),
    ],
)
def test_a_rule_that_owes_something_is_found(rule, says, world):
    with pytest.raises(AssertionError, match=says):
        check_rule(rule, world.tables, Spine.at("2025-06-01", world.tables))

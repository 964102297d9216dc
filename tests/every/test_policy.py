"""Every policy owes the same."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo import NO_OFFER, policies
from nbo.policies import Policy, Uniform
from nbo.testing import check_policy
from nbo.testing.parts import parts_of

POLICIES = parts_of(policies, Policy)
OFFERS = ["card", "loan", "savings", "insurance", NO_OFFER]


def test_these_are_all_policies():
    assert list(POLICIES) == [
        "Control",
        "EpsilonGreedy",
        "Greedy",
        "LinearUCB",
        "LogisticThompson",
        "SegmentThompson",
        "Softmax",
        "SquareCB",
        "Uniform",
    ]


@pytest.mark.parametrize("name", [name for name in POLICIES if name != "Control"])
def test_policy(name):
    check_policy(POLICIES[name](OFFERS))


@pytest.mark.parametrize("wrapped", [policies.SegmentThompson, policies.LogisticThompson])
def test_policy_with_a_holdout_and_a_control(wrapped):
    policy = policies.Control(wrapped(OFFERS), holdout=0.2, control=0.3, period=None)
    eligible = np.random.default_rng(0).random((300, len(OFFERS))) < 0.6
    # Making no offer is always allowed, as in every decision.
    eligible[:, -1] = True
    check_policy(policy, eligible=eligible)


def test_policy_with_values_and_costs():
    policy = policies.SegmentThompson(OFFERS, values=[1.0, 2.0, 3.0, 4.0, 0.0], costs=[0.1, 0.1, 0.1, 0.1, 0.0])
    check_policy(policy)


def test_policy_that_was_warm_started():
    rates = pd.DataFrame({"segment": "young", "offer_id": OFFERS[:4], "rate": [0.1, 0.2, 0.3, 0.4]})
    check_policy(policies.SegmentThompson(OFFERS).warm_start(rates))


class Careless(Uniform):
    """Forget who may get what."""

    def _probabilities(self, context, eligible):
        return np.full(eligible.shape, 1 / eligible.shape[1])


class Deterministic(Uniform):
    """State one thing and draw another."""

    def draw(self, context, eligible=None, rng=None):
        stated = self.probabilities(context, eligible)
        offers = np.array(self.offers, dtype=object)[stated.argmax(axis=1)]
        return pd.DataFrame({"offer_id": offers, "action_probability": stated.max(axis=1)}, index=context.index)


class Counting(Uniform):
    """Count an answer as often as it is told."""

    def __init__(self, offers, random_state=0):
        super().__init__(offers, random_state)
        self._told = 0

    def learn(self, feedback):
        self._told += len(feedback)
        return super().learn(feedback)

    def _probabilities(self, context, eligible):
        weight = eligible * (1 + self._told * np.arange(eligible.shape[1]))
        return weight / weight.sum(axis=1, keepdims=True)


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        (Careless(OFFERS), "exactly 0 to offers that are not eligible"),
        (Deterministic(OFFERS), "must draw what it states"),
        (Counting(OFFERS), "answers learnt twice give other probabilities"),
    ],
)
def test_a_policy_that_owes_something_is_found(policy, says):
    with pytest.raises(AssertionError, match=says):
        check_policy(policy)

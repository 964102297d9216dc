from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nbo import NO_OFFER
from nbo.arbitration import Arbitration, Lever, Limit, Rule, Weigh, When, rule_costs
from nbo.errors import InputError
from nbo.policies import Uniform

BEST = Arbitration(shortlist=1)
MINORS = When("minors", refuse="age < 18")
NO_CARDS = When("no cards to the young", refuse="age < 40", offers=["card"])
CARDS = Lever("push cards", 100, offers=["card"])
LOANS = Weigh("loans fit", 3.0, offers=["loan"])


def test_what_a_refusal_costs_by_hand(tiny):
    found = rule_costs(tiny(MINORS, NO_CARDS)).set_index("rule")
    # Without the first, bob is left with the loan, worth 2; without the second, ann gets the card (9) or the loan (5).
    assert found["cost"].to_dict() == pytest.approx({"minors": 2.0, "no cards to the young": (9 + 5) / 2 - 5})
    assert found["offers"].to_dict() == pytest.approx({"minors": 1.0, "no cards to the young": 0.0})
    assert found["acceptances"].to_dict() == pytest.approx({"minors": 0.02, "no cards to the young": 0.125 - 0.05})
    assert found["moved"].to_dict() == pytest.approx({"minors": 1 / 4, "no cards to the young": 0.5 / 4})
    # Of four customers one changes by 2: 4 x sd([0, 2, 0, 0]) / sqrt(4).
    assert found["standard_error"].iloc[0] == pytest.approx(2 * np.std([0, 2, 0, 0], ddof=1))
    assert found["high"].iloc[0] == pytest.approx(2 + 1.959964 * 2 * np.std([0, 2, 0, 0], ddof=1), abs=1e-5)
    assert found["does"].tolist() == ["refuses", "refuses"]


def test_rules_that_refuse_the_same_cost_nothing_beside_each_other(tiny):
    assert rule_costs(tiny(MINORS, When("children", refuse="age < 18")))["cost"].tolist() == [0.0, 0.0]


def test_what_a_lever_costs_is_measured_without_its_wish(tiny):
    pushed = Lever("push loans", 100, offers=["loan"])
    found = rule_costs(tiny(pushed, arbitration=BEST)).set_index("rule")
    # With it ann's loan counts 10 and beats her card of 9: 4 is lost. bob's 4 against 4: the card, which stands first.
    assert found.loc["push loans", "cost"] == pytest.approx(9 - 5)
    assert found.loc["push loans", "moved"] == pytest.approx(1 / 4)
    assert found.loc["push loans", "acceptances"] == pytest.approx(0.2 - 0.05)
    assert found.loc["push loans", "does"] == "pulls"


def test_levers_together_are_measured_too(tiny):
    both = Lever("push loans", 60, offers=["loan"]), Lever("more loans", 40, categories=["loans"])
    found = rule_costs(tiny(*both, arbitration=BEST)).set_index("rule")
    # Their percentages add up to 100. Alone, 60 makes ann's loan 8 < 9, and 40 makes it 7: either one is needed.
    assert found["cost"].to_dict() == pytest.approx({"push loans": 4.0, "more loans": 4.0, "all levers": 4.0})


def test_what_a_context_weight_costs_is_measured_as_if_it_were_one(tiny):
    found = rule_costs(tiny(LOANS, arbitration=BEST)).set_index("rule")
    # The loan counts 15, 6, 12, 3 against 9, 4, 14, 0: ann and bob get it, which loses 9 - 5 and 4 - 2.
    assert found.loc["loans fit", "cost"] == pytest.approx((9 - 5) + (4 - 2))
    assert found.loc["loans fit", "does"] == "weighs"
    # Beside it, other rules are measured with it.
    other = rule_costs(tiny(LOANS, When("no loans", refuse="age < 18", offers=["loan"]), arbitration=BEST))
    assert other["cost"].tolist()[1] == pytest.approx(6 - 4)


def test_a_lever_moves_nothing_where_the_policy_does_not_ask_for_the_priority(tiny):
    found = rule_costs(tiny(CARDS))
    assert found[["cost", "moved"]].values.tolist() == [[0.0, 0.0]]


class OnePerRun(Rule):
    """Only the customer with the best offer gets one."""

    stage = "contact policy"

    def refused(self, candidates):
        return {}

    def surplus(self, candidates, priority):
        best = priority.max(axis=1)
        return {"others first": (best < best.max())[:, None, None]}


def test_rules_in_which_customers_compete_cost_too(tiny):
    found = rule_costs(tiny(OnePerRun(), arbitration=BEST))
    assert found["cost"].tolist() == pytest.approx([9 + 4 + 1])
    assert found["does"].tolist() == ["refuses"]


def test_a_rule_under_which_nobody_competes_refuses_nothing(tiny):
    class ByItself(OnePerRun):
        """As set, it compares a customer with nobody."""

        competes = False

    assert rule_costs(tiny(ByItself(), arbitration=BEST))["does"].tolist() == [""]


def test_with_limits_each_row_allocates_anew(tiny):
    limits = [Limit(offers=["card"], at_most=1)]
    no_cid = When("not cid", refuse="customer_id == 'cid'", offers=["card"])
    policy = Uniform(["card", "loan", NO_OFFER])
    scenario = tiny(no_cid, arbitration=BEST, limits=limits, policy=policy)
    # The one card goes to ann (9 rather than 5) or, without the rule, to cid (14 rather than 4). Half are offers.
    assert scenario.made.sum(axis=0).tolist() == [0.5, 1.5]
    assert rule_costs(scenario)["cost"].tolist() == pytest.approx([((5 + 14) - (9 + 4)) / 2])


class Half(Rule):
    """Half of the card's products are owned already."""

    def refused(self, candidates):
        return {}

    def portions(self, candidates):
        return np.array([[0.5, 1.0]])


def test_what_is_owned_already_is_a_fact_and_costs_nothing(tiny):
    scenario = tiny(Half())
    assert scenario.worth[0].tolist() == pytest.approx([0.2 * 25 - 1, 5])
    assert rule_costs(scenario)[["cost", "moved"]].values.tolist() == [[0.0, 0.0]]
    # Where it decides what is best, not to know it costs: ann's card of 4 is taken for one of 9.
    found = rule_costs(tiny(Half(), arbitration=BEST))
    # ann 4 for 5, bob 1.5 for 2, cid 6.5 either way, dot -0.5 for 1, where the card seems to be worth 0.
    assert found["cost"].tolist() == pytest.approx([(4 - 5) + (1.5 - 2)])


@pytest.mark.parametrize("seed", range(3))
def test_costs_are_those_of_simulating_everything_again(crowd, seed):
    rules = [
        When("young", refuse="age < 30"),
        When("northern", refuse="city == 'north'", offers=["o1"]),
        Weigh("urban", 2.0, when="urban", offers=["o0"]),
        Lever("push", 80, offers=["o2"]),
        Lever("more", 30, offers=["o2"], when="age > 50"),
    ]
    scenario = crowd(300, seed, rules=rules, k=3, arbitration=Arbitration(shortlist=2))
    found = rule_costs(scenario)
    for at, rule in enumerate(rules):
        fewer = replace(scenario.candidates, rules=tuple(rules[:at] + rules[at + 1 :]))
        again = replace(scenario, candidates=fewer)
        # Where the rule weighs, the world without the weight says what offers are worth.
        worth = again.worth if rule.name == "urban" else scenario.worth
        gained = (again.made * worth).sum(axis=1) - (scenario.made * worth).sum(axis=1)
        assert found["cost"][at] == pytest.approx(gained.sum())
        assert found["standard_error"][at] == pytest.approx(np.sqrt(300) * gained.std(ddof=1))
        moved = np.abs(again.stated - scenario.stated).sum() + np.abs((again.made - scenario.made).sum(axis=1)).sum()
        assert found["moved"][at] == pytest.approx(moved / 2 / 300)


def test_rules_are_not_changed(tiny):
    rules = (MINORS, CARDS, LOANS)
    before = [dict(vars(rule)) for rule in rules]
    rule_costs(tiny(*rules, arbitration=BEST))
    assert [dict(vars(rule)) for rule in rules] == before


def test_no_rules_cost_nothing_and_one_customer_has_no_error(tiny):
    assert len(rule_costs(tiny())) == 0
    alone = tiny(When("all", refuse="age > 0"), people=tiny().candidates.customers[:1], chance=np.array([[0.2, 0.05]]))
    found = rule_costs(alone)
    assert found["cost"].tolist() == pytest.approx([7.0])
    assert found["standard_error"].isna().all()


def test_a_level_that_is_none_is_refused(tiny):
    with pytest.raises(InputError, match=r"level must be in \(0, 1\); got 95"):
        rule_costs(tiny(), level=95)

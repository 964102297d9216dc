from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from nbo import NO_OFFER
from nbo.arbitration import (
    Arbitration,
    Beliefs,
    Candidates,
    Eligibility,
    Lever,
    Limit,
    Playbook,
    Scenario,
    Weigh,
    When,
    decide,
    offer_distribution,
    simulate,
)
from nbo.errors import InputError
from nbo.policies import Control, SegmentThompson, Uniform
from nbo.tables import Spine

MINORS = When("minors", refuse="age < 18")
NO_CARDS = When("no cards to the young", refuse="age < 40", offers=["card"])


def asked(scenario, **more):
    return simulate(scenario.candidates, scenario.beliefs, more.pop("policy", scenario.policy), **more)


def test_two_sets_of_rules_by_hand(tiny):
    found = asked(tiny(), rules_a=[MINORS], rules_b=[MINORS, NO_CARDS])
    totals = found.totals.set_index("measure")
    # ann gets the card (9) or the loan (5), under B the loan; cid 14 or 4; dot 0 or 1.
    assert totals["a"].to_dict() == pytest.approx(
        {"customers": 4, "offers": 3, "acceptances": 0.125 + 0.17 + 0.015, "value": 7 + 9 + 0.5, "priority": 16.5}
    )
    assert totals.loc["value", "b"] == pytest.approx(5 + 9 + 0.5)
    assert totals.loc["value", "difference"] == pytest.approx(-2)
    assert totals.loc["value", "standard_error"] == pytest.approx(4 * np.std([-2, 0, 0, 0], ddof=1) / 2)
    shares = found.distribution.set_index(["dimension", "name"])
    assert shares.loc[("offer_id", "card"), ["offers_a", "offers_b", "difference"]].tolist() == [1.5, 1.0, -0.5 / 4]
    assert shares.loc[("category", "loans"), ["share_a", "share_b"]].tolist() == [1.5 / 4, 2 / 4]
    assert shares.loc[("channel", "phone"), "offers_a"] == 1.5
    assert shares.loc[("channel", "email"), "offers_a"] == 1.5
    assert shares.loc[("any", "no offer"), ["share_a", "share_b"]].tolist() == [0.25, 0.25]
    assert found.costs["rules"].tolist() == ["A", "B", "B"]


def test_the_same_rules_differ_by_exactly_nothing(crowd):
    rules = [When("young", refuse="age < 30"), Weigh("urban", 2.0, when="urban"), Lever("push", 50, offers=["o1"])]
    base, policy = crowd(500, 1, k=3), SegmentThompson(["o0", "o1", "o2", NO_OFFER], random_state=3)
    settings = {"arbitration": Arbitration(shortlist=2), "attributes": ["city", "age"]}
    found = asked(base, policy=policy, rules_a=rules, rules_b=list(rules), **settings)
    assert (found.totals[["difference", "standard_error"]] == 0).all(axis=None)
    assert (found.distribution[["difference", "standard_error"]] == 0).all(axis=None)
    for name in ("funnel", "under_served", "bias", "costs", "sensitivity", "optionality", "wins"):
        frame = getattr(found, name)
        a, b = (frame[frame["rules"] == rules].drop(columns="rules").reset_index(drop=True) for rules in "AB")
        pd.testing.assert_frame_equal(a, b, obj=name)


def test_the_chances_are_those_with_which_decide_draws(crowd):
    rules = (When("young", refuse="age < 30"), When("northern", refuse="city == 'north'", offers=["o1"]))
    base = crowd(300, 2, rules=rules, k=3)
    policy = Control(SegmentThompson(["o0", "o1", "o2"], random_state=3), holdout=0.2, control=0.2)
    scenario = Scenario.of(base.candidates, base.beliefs, policy)
    drawn = decide(base.candidates, base.beliefs, base.segments, policy, 7, "run")
    logged = pd.DataFrame([json.loads(text) for text in drawn["candidates"]]).reindex(columns=["o0", "o1", "o2"])
    assert np.allclose(scenario.made, logged.fillna(0.0))
    assert ((scenario.made > 0) <= scenario.left.eligible).all()


def test_only_what_may_have_changed_is_asked_again_and_comes_out_the_same(crowd):
    base = crowd(300, 3, k=3)
    policy = SegmentThompson(["o0", "o1", "o2"], random_state=3)
    first = Scenario.of(base.candidates, base.beliefs, policy)
    assert first.stated.shape == (300, 3)
    other = first.with_rules([When("young", refuse="age < 30", offers=["o0"]), When("old", refuse="age > 70")])
    fresh = Scenario.of(other.candidates, base.beliefs, policy)
    assert np.array_equal(other.stated, fresh.stated)


def test_nothing_is_changed(crowd):
    base = crowd(200, 4, rules=(When("young", refuse="age < 30"), Lever("push", 50, offers=["o1"])))
    policy = SegmentThompson(["o0", "o1"], random_state=3)
    customers, rules = base.candidates.customers.copy(), [rule.get_params() for rule in base.candidates.rules]
    codes, state = base.candidates.codes.copy(), json.dumps(policy.to_state(), sort_keys=True)
    drawn = decide(base.candidates, base.beliefs, base.segments, policy, 7, "run")
    again = asked(base, policy=policy, rules_b=[], attributes=["age"], arbitration=Arbitration(shortlist=1))
    assert json.dumps(policy.to_state(), sort_keys=True) == state
    assert np.array_equal(base.candidates.codes, codes)
    assert [rule.get_params() for rule in base.candidates.rules] == rules
    assert [set(vars(rule)) for rule in base.candidates.rules] == [set(params) for params in rules]
    pd.testing.assert_frame_equal(base.candidates.customers, customers)
    pd.testing.assert_frame_equal(decide(base.candidates, base.beliefs, base.segments, policy, 7, "run"), drawn)
    repeated = asked(base, policy=policy, rules_b=[], attributes=["age"], arbitration=Arbitration(shortlist=1))
    pd.testing.assert_frame_equal(repeated.costs, again.costs)


def test_limits_hold_for_both(tiny):
    policy = Uniform(["card", "loan", NO_OFFER])
    limits = [Limit(offers=["card"], at_most=1)]
    found = asked(tiny(), policy=policy, rules_b=[When("not cid", refuse="age == 50")], limits=limits)
    cards = found.distribution.set_index("name").loc["card", ["offers_a", "offers_b"]]
    # cid has it, or ann, each with no offer and the loan beside it.
    assert cards.tolist() == pytest.approx([1 / 3, 1 / 3])
    assert any("allocates anew" in note for note in found.notes)
    assert found.funnel.query("stage == 'capacity'")["pairs_dropped"].tolist() == [3, 2]


def test_beliefs_may_differ_where_ways_do(tiny):
    base = tiny()
    doubled = Beliefs(base.beliefs.propensity * 2)
    found = asked(base, rules_b=[], beliefs_b=doubled).totals.set_index("measure")
    assert found.loc["acceptances", "b"] == pytest.approx(2 * found.loc["acceptances", "a"])


def test_offers_that_come_another_way_are_told(tiny):
    calls = When("no calls", refuse="age > 0", channels=["phone"])
    found = asked(tiny(), rules_b=[calls])
    assert "Under B 4 of the offers left come another way than under A" in str(found)
    assert "another way" not in str(asked(tiny(), rules_b=[calls], beliefs_b=tiny().beliefs.propensity / 2))
    assert "another way" not in str(asked(tiny(), rules_b=[MINORS]))


def test_rules_may_be_given_one_after_the_other(tiny):
    found = asked(tiny(), rules_a=iter([MINORS]), rules_b=(rule for rule in [MINORS]))
    assert found.totals.set_index("measure").loc["offers", ["a", "b"]].tolist() == [3, 3]


def test_everybody_may_have_a_relevant_offer(tiny):
    found = asked(tiny(), rules_b=[], low_propensity=0.0)
    assert len(found.under_served) == len(found.under_served_by_segment) == 0
    assert "0 have no relevant offer" in str(found)


def test_a_rule_about_what_is_not_there_is_refused(tiny):
    with pytest.raises(InputError, match=r"did you mean 'age'"):
        asked(tiny(), rules_b=[When("typo", refuse="agee < 18")])


def test_a_playbook_is_a_set_of_rules(tiny):
    found = asked(tiny(), rules_b=Playbook([MINORS, NO_CARDS]), costs=False)
    assert found.totals.set_index("measure").loc["offers", "b"] == 3
    assert len(found.costs) == 0
    assert "cost" in found.costs
    assert "dearest" not in str(found)


def test_who_is_under_served_is_counted(tiny):
    found = asked(tiny(), rules_a=[MINORS, NO_CARDS], low_propensity=0.08)
    assert found.under_served[["status", "reason", "customers"]].values.tolist() == [
        ["low propensity", "no cards to the young", 1],
        ["no offer", "minors", 1],
        ["low propensity", "no relevant offer in the catalog", 1],
    ]
    by_segment = found.under_served_by_segment.set_index("segment")
    # ann and cid are of segment s, bob and dot of t.
    assert by_segment["share"].to_dict() == {"t": 1.0, "s": 0.5}
    assert by_segment["value"].to_dict() == pytest.approx({"t": 4.0, "s": 9.0})


def test_the_whole_can_be_read(crowd):
    found = asked(crowd(300, 5, k=3), rules_b=[When("young <b>", refuse="age < 30")], attributes=["city"])
    text = str(found)
    assert text.startswith("A: 300.0 offers to 300 customers, ")
    assert "B instead of A changes the expected value by -" in text
    assert "The dearest rule is 'young <b>' of B" in text
    assert "of 24 comparisons" in text
    shown = found._repr_html_()
    assert "young &lt;b&gt;" in shown
    assert "young <b>" not in shown
    for title in ("Distribution", "Funnel", "Cost of rules", "without a relevant offer", "Bias", "Sensitivity"):
        assert title in shown
    assert "more rows in <code>bias</code>" in shown


def test_one_set_of_rules_alone(tiny):
    found = asked(tiny(MINORS))
    assert list(found.totals) == ["measure", "a"]
    assert list(found.distribution) == ["dimension", "name", "offers_a", "share_a"]
    assert len(found.bias) == 0
    assert "B" not in str(found)
    assert "A: 3.0 offers" in found._repr_html_()


def test_one_customer(tiny):
    base = tiny()
    alone = Candidates.of(base.candidates.tables, Spine.at("2026-06-30", ["ann"]), base.candidates.catalog)
    found = simulate(
        alone, np.array([[0.2, 0.05]]), base.policy, segments=np.array(["s"]), rules_b=[MINORS], attributes=["age"]
    )
    assert found.totals["difference"].tolist() == [0.0] * 5
    assert found.totals["standard_error"].isna().all()


def test_ways_with_consent_count_by_channel(tiny):
    shares = offer_distribution(tiny(Eligibility())).set_index(["dimension", "name"])
    # The loan is brought by phone to ann and bob, by mail to the others.
    assert shares.loc[("channel", "phone"), "offers_a"] == 1.0
    assert shares.loc[("channel", "email"), "offers_a"] == 3.0


def test_what_cannot_be_simulated_is_refused(tiny):
    base = tiny()
    nobody = Candidates.of(base.candidates.tables, Spine.at("2026-06-30", []), base.candidates.catalog)
    with pytest.raises(InputError, match="candidates must have at least one customer to simulate; got none"):
        simulate(nobody, np.empty((0, 2)), base.policy)
    with pytest.raises(InputError, match="rules must be Rule objects; got 'minors'"):
        asked(base, rules_b=["minors"])
    with pytest.raises(InputError, match="rules must be a list of rules, or a Playbook; got When"):
        asked(base, rules_b=MINORS)
    with pytest.raises(InputError, match=r"propensity must have the shape \(4, 2\)"):
        asked(base, rules_b=[], beliefs_b=np.ones((4, 3)))
    with pytest.raises(InputError, match="the policy does not know 1 of 2 offers of the catalog, first 'loan'"):
        asked(base, policy=Uniform(["card"]))
    with pytest.raises(InputError, match=r"did you mean 'age'"):
        asked(base, attributes=["agee"])
    with pytest.raises(InputError, match=r"segments must have 4 values, one a customer; got shape \(2,\)"):
        asked(base, segments=np.array(["s", "t"]))


def test_segments_must_come_from_somewhere(tiny):
    from dataclasses import replace

    base = tiny()
    with pytest.raises(InputError, match="segments must be given, or be part of the candidates; there are none"):
        simulate(replace(base.candidates, segments=None), base.beliefs, base.policy)
    with pytest.raises(InputError, match="before they are put into the arms"):
        simulate(replace(base.candidates, arms=np.full(4, "agent")), base.beliefs, base.policy)


@pytest.mark.slow
def test_many_customers_take_seconds(crowd):
    import time

    rules = [When(f"rule {at}", refuse=f"age == {20 + at}", offers=[f"o{at}"]) for at in range(6)]
    rules += [When("young", refuse="age < 20"), Weigh("urban", 2.0, when="urban", offers=["o1"])]
    rules += [Lever("push", 50, offers=["o2"]), Lever("more", 30, offers=["o3"], when="age > 50")]
    base = crowd(100_000, 7, k=20)
    policy = SegmentThompson([*base.candidates.catalog.offer_ids, NO_OFFER])
    start = time.process_time()
    found = asked(base, policy=policy, rules_a=rules, arbitration=Arbitration(shortlist=5), attributes=["city", "age"])
    assert time.process_time() - start < 60
    assert len(found.costs) == 11

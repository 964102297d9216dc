from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from nbo import NO_OFFER
from nbo.arbitration import Arbitration, Beliefs, Candidates, Limit, Plan, Rule, armed, decide, replay
from nbo.errors import InputError
from nbo.experiments import Arms, four_arms, impact_arms
from nbo.policies import Greedy, SegmentThompson, Uniform
from nbo.tables import Catalog, CustomerTables, Offer, Spine

CATALOG = Catalog([Offer("card", value=40), Offer("loan", value=90), Offer("fund", value=10)])
N = 3000
PEOPLE = pd.DataFrame({"customer_id": [f"c{i}" for i in range(N)]})
CHANCE = np.random.default_rng(1).uniform(0.01, 0.3, (N, 3))
BELIEFS = Beliefs(CHANCE)
SEGMENTS = np.array(["s"] * N, dtype=object)


class Unfit(Rule):
    """Loans do not fit, and are pushed."""

    stage = "suitability"

    def refused(self, candidates):
        return {"unfit": np.array([[False, True, False]])[:, :, None]}

    def levers(self, candidates):
        return {"push": np.array([[1.0, 1.0, 50.0]])}


def candidates(rules=(), rows=slice(None)):
    people = PEOPLE.iloc[rows]
    return Candidates.of(
        CustomerTables(customers=PEOPLE), Spine.at("2026-06-30", people), CATALOG, tuple(rules), segments=SEGMENTS[rows]
    )


def decided(arms, rules=(), settings=None, policy=None, usual=None, limits=()):
    found = armed(candidates(rules), BELIEFS, arms)
    plan = Plan.make(found, BELIEFS, settings, limits)
    policy = policy or SegmentThompson(CATALOG.offer_ids, CATALOG.values)
    return decide(found, BELIEFS, SEGMENTS, policy, 7, "run", plan=plan, business_as_usual=usual)


def test_each_of_four_arms_does_what_its_name_says():
    arms = four_arms("spring", control=0.3, business_as_usual=0.2, holdout=0.2)
    made = decided(arms, usual=Greedy(["fund"], values=[10.0]))
    assert made["arm"].tolist() == arms.assign(PEOPLE["customer_id"]).tolist()
    by_arm = dict(list(made.groupby("arm")))
    held = by_arm["holdout"]
    assert (held["offer_id"] == NO_OFFER).all()
    assert (held["action_probability"] == 1.0).all()
    assert (held["reason"] == "nothing may be offered: arm: holdout").all()
    assert (by_arm["business_as_usual"]["offer_id"] == "fund").all()
    control = by_arm["control"]
    assert np.allclose(control["action_probability"], 1 / 3)
    counts = control["offer_id"].value_counts()
    assert counts.max() - counts.min() < 4 * np.sqrt(len(control))
    # The agent's decisions are those that it makes without an experiment.
    alone = decide(candidates(), BELIEFS, SEGMENTS, SegmentThompson(CATALOG.offer_ids, CATALOG.values), 7, "run")
    agent = by_arm["agent"].set_index("customer_id")
    names = [name for name in alone if name not in ("customer_id", "candidates")]
    pd.testing.assert_frame_equal(agent[names], alone.set_index("customer_id").loc[agent.index, names])


def test_each_impact_arm_takes_one_part_out():
    made = decided(impact_arms("impact", 0.15), [Unfit()], Arbitration(shortlist=1))
    by_arm = {arm: (rows.index.to_numpy(), rows) for arm, rows in made.groupby("arm")}
    offers = np.array(CATALOG.offer_ids)
    fit = np.where([True, False, True], CHANCE, -np.inf)
    for arm, scores in {
        "agent": fit * CATALOG.values * [1, 1, 50],
        "no_levers": fit * CATALOG.values,
        "propensity_only": fit,
        "eligibility_only": CHANCE * CATALOG.values * [1, 1, 50],
    }.items():
        at, rows = by_arm[arm]
        assert rows["offer_id"].tolist() == offers[scores[at].argmax(axis=1)].tolist(), arm
    at, rows = by_arm["random_propensity"]
    assert set(rows["offer_id"]) == {"card", "fund"}
    assert abs((rows["offer_id"] == "card").mean() - 0.5) < 3 * 0.5 / np.sqrt(len(at))
    assert set(by_arm["control"][1]["offer_id"]) <= {"card", "fund"}
    assert (by_arm["no_levers"][1]["lever"] == 1.0).all()
    # What is drawn is stated: all but the control leave one offer.
    assert (made.loc[made["arm"] != "control", "action_probability"] == 1.0).all()


def test_the_dropped_offers_name_the_arm():
    made = decided(impact_arms("impact", 0.15), [Unfit()])
    row = made[made["arm"] == "propensity_only"].iloc[0]
    assert set(json.loads(row["dropped"]).values()) == {"unfit", "arm: propensity_only"}


def test_limits_hold_over_all_arms():
    arms = four_arms("spring", control=0.3, business_as_usual=0.2, holdout=0.2)
    limit = Limit(offers=["fund"], at_most=40, name="funds")
    made = decided(arms, usual=Greedy(["fund"], values=[10.0]), limits=[limit])
    assert 0 < (made["offer_id"] == "fund").sum() <= 40


def test_arms_hold_in_partitions():
    arms, policy = impact_arms("impact", 0.15), Uniform([*CATALOG.offer_ids, NO_OFFER])
    whole = decided(arms, [Unfit()], policy=policy).set_index("customer_id")
    parts = []
    for rows in np.array_split(np.arange(N)[::-1], 4):
        own = Beliefs(CHANCE[rows])
        found = armed(candidates([Unfit()], rows), own, arms)
        parts.append(decide(found, own, SEGMENTS[rows], policy, 7, "run").set_index("customer_id"))
    pd.testing.assert_frame_equal(pd.concat(parts).loc[whole.index], whole)


def test_business_as_usual_needs_its_policy():
    with pytest.raises(InputError, match=r"customers are in the arm 'business_as_usual', and .* not given"):
        decided(four_arms("spring", business_as_usual=0.2))


def test_an_arm_of_another_name_is_refused():
    with pytest.raises(InputError, match="an arm of 'spring' must be one of 'agent', .*; got 'blue'"):
        decided(Arms("spring", {"blue": 0.5}, rest="agent"))


def test_a_decision_of_every_arm_is_replayed():
    usual = Greedy(["fund"], values=[10.0])
    policy = SegmentThompson(CATALOG.offer_ids, CATALOG.values)
    for arms in (four_arms("spring", 0.2, 0.2, 0.2), impact_arms("impact", 0.15)):
        made = decided(arms, [Unfit()], policy=policy, usual=usual)
        for arm, rows in made.groupby("arm"):
            for at in rows.index[:3]:
                own = Beliefs(CHANCE[[at]])
                again = replay(made.loc[at], candidates([Unfit()], [at]), own, policy, business_as_usual=usual)
                assert again.same, f"{arm}: {again}"
                assert replay(made.loc[at]).same

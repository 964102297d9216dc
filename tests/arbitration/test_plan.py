from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from nbo import NO_OFFER
from nbo.arbitration import Arbitration, Beliefs, Candidates, Excludes, Limit, Plan, Rule, decide, explain
from nbo.errors import InputError
from nbo.policies import Uniform
from nbo.tables import Catalog, CustomerTables, Offer, Spine

CATALOG = Catalog([Offer("card", value=40), Offer("loan", value=90), Offer("fund", value=10)])
N = 60
PEOPLE = pd.DataFrame({"customer_id": [f"c{i}" for i in range(N)], "house": np.arange(N) // 3})
CHANCE = np.random.default_rng(1).uniform(0.01, 0.3, (N, 3))


class OnePerHouse(Rule):
    """Of each house, the customer with the best offer."""

    stage = "contact policy"

    def refused(self, candidates):
        return {}

    def surplus(self, candidates, priority):
        best = pd.Series(priority.max(axis=1))
        rank = best.groupby(candidates.column("house").to_numpy()).rank(method="first", ascending=False)
        return {"another of the house": (rank > 1).to_numpy()[:, None, None]}


def candidates(rules=(), people=PEOPLE):
    return Candidates.of(CustomerTables(customers=PEOPLE), Spine.at("2026-06-30", people), CATALOG, tuple(rules))


def decided(found, plan=None, rows=slice(None), slots=1, policy=None, rng=7):
    policy = policy or Uniform([*CATALOG.offer_ids, NO_OFFER])
    segments = np.array(["s"] * len(found.spine), dtype=object)
    return decide(found, Beliefs(CHANCE[rows]), segments, policy, rng, "run", plan=plan, slots=slots)


def test_the_shortlist_leaves_the_best_after_their_prices():
    settings = Arbitration(shortlist=2, prices={"loan": 100.0})
    plan = Plan.make(candidates(), Beliefs(CHANCE), settings)
    left, _, _ = plan.applied(candidates())
    net = CHANCE * CATALOG.values - [0, 100, 0]
    kept = np.array([set(np.argsort(-row)[:2]) for row in net])
    assert [set(np.flatnonzero(row)) for row in left.eligible] == kept.tolist()
    assert set(left.reasons) == {"channel", "not among the best 2"}
    assert plan.prices.tolist() == [0.0, 100.0, 0.0]
    assert decided(candidates(), plan)["price"].dropna().unique().tolist() in ([0.0, 100.0], [100.0, 0.0], [0.0])


def test_what_is_worth_too_little_is_not_made():
    plan = Plan.make(candidates(), Beliefs(CHANCE), Arbitration(at_least=5.0))
    left, _, _ = plan.applied(candidates())
    np.testing.assert_array_equal(left.eligible, CHANCE * CATALOG.values >= 5.0)


def test_with_a_shortlist_of_one_the_priority_decides():
    plan = Plan.make(candidates(), Beliefs(CHANCE), Arbitration(shortlist=1))
    made = decided(candidates(), plan, policy=Uniform(CATALOG.offer_ids))
    best = np.array(CATALOG.offer_ids)[(CHANCE * CATALOG.values).argmax(axis=1)]
    assert made["offer_id"].tolist() == best.tolist()
    assert (made["action_probability"] == 1.0).all()


def test_one_of_each_house_is_served_and_the_best_one():
    rules = [OnePerHouse()]
    made = decided(candidates(rules), policy=Uniform(CATALOG.offer_ids))
    served = made["offer_id"] != NO_OFFER
    assert served.groupby(PEOPLE["house"].to_numpy()).sum().tolist() == [1] * (N // 3)
    best = (CHANCE * CATALOG.values).max(axis=1)
    assert best[served.to_numpy()].tolist() == pd.Series(best).groupby(PEOPLE["house"].to_numpy()).max().tolist()
    assert (made.loc[~served, "reason"] == "nothing may be offered: another of the house").all()
    assert json.loads(made.loc[~served, "dropped"].iloc[0]) == dict.fromkeys(CATALOG.offer_ids, "another of the house")


@pytest.mark.parametrize("slots", [1, 2])
def test_a_plan_gives_partitions_the_decisions_of_the_whole(slots):
    rules = [OnePerHouse()]
    plan = Plan.make(candidates(rules), Beliefs(CHANCE), Arbitration(shortlist=2), slots=slots)
    whole = decided(candidates(rules), plan, slots=slots).set_index("decision_id")
    parts = []
    for rows in np.array_split(np.random.default_rng(2).permutation(N), 16):
        parts.append(decided(candidates(rules, PEOPLE.iloc[rows]), plan, rows, slots=slots))
    again = pd.concat(parts).set_index("decision_id")
    assert len(again) == len(whole)
    pd.testing.assert_frame_equal(again.loc[whole.index], whole)


def test_a_plan_knows_its_customers():
    plan = Plan.make(candidates(), Beliefs(CHANCE))
    stranger = pd.DataFrame({"customer_id": ["c0", "zoe"]})
    with pytest.raises(InputError, match="1 of 2 customers are not in the plan, first 'zoe'"):
        plan.applied(candidates(people=stranger))


def test_a_slate_has_a_row_for_each_offer():
    made = decided(candidates(), slots=2, policy=Uniform(CATALOG.offer_ids))
    assert len(made) == 2 * N
    assert made["position"].tolist() == [1, 2] * N
    assert made["decision_id"].is_unique
    assert not made.duplicated(["customer_id", "offer_id"]).any()
    assert made["slate_probability"].tolist() == pytest.approx([1 / 6] * (2 * N))
    # The first offer of a slate is the one that is drawn alone.
    alone = decided(candidates(), policy=Uniform(CATALOG.offer_ids))
    assert made["offer_id"].tolist()[::2] == alone["offer_id"].tolist()


def test_everything_that_was_dropped_is_told():
    plan = Plan.make(candidates(), Beliefs(CHANCE), Arbitration(shortlist=1))
    made = decided(candidates(), plan)
    for row in made.itertuples():
        kept, dropped = json.loads(row.candidates), json.loads(row.dropped)
        assert {*kept, *dropped} == {*CATALOG.offer_ids, NO_OFFER}
        assert not {*kept} & {*dropped}
        assert set(dropped.values()) == {"not among the best 1"}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"shortlist": 0}, "shortlist must be 1 or more"),
        ({"at_least": float("nan")}, "at_least must be a number"),
        ({"prices": [1.0]}, "prices must map offer ids to money"),
        ({"prices": {"card": "much"}}, "price of 'card' must be a number"),
    ],
)
def test_wrong_settings_are_refused(wrong, message):
    with pytest.raises(InputError, match=message):
        Arbitration(**wrong)


def test_a_price_of_no_offer_is_refused():
    with pytest.raises(InputError, match="prices name 1 offers that are not in the catalog, first 'cars'"):
        Plan.make(candidates(), Beliefs(CHANCE), Arbitration(prices={"cars": 1.0}))


CARDS = Limit(offers=["card"], at_most=5, name="cards")
MONEY = Limit(at_most=20.0, cost=np.array([1.0, 3.0, 0.5]), name="budget")


def test_no_draw_breaks_a_limit():
    plan = Plan.make(candidates(), Beliefs(CHANCE), limits=[CARDS, MONEY])
    for rng in range(20):
        made = decided(candidates(), plan, rng=rng)
        counts = made["offer_id"].value_counts()
        assert counts.get("card", 0) <= 5
        assert counts.reindex(CATALOG.offer_ids).fillna(0).to_numpy() @ MONEY.cost <= 20.0
    dropped = {reason for text in made["dropped"] for reason in json.loads(text).values()}
    assert dropped == {"capacity"}


def test_what_is_scarce_goes_to_those_to_whom_it_is_worth_most():
    plan = Plan.make(candidates(), Beliefs(CHANCE), limits=[Limit(offers=["loan"], at_most=5)])
    left, must, _ = plan.applied(candidates())
    assert left.eligible[:, [0, 2]].all()
    assert left.eligible[:, 1].sum() == 5
    assert not must.any()
    # Without the limit everybody would take the best of the three.
    worth = CHANCE * CATALOG.values
    regret = worth[:, 1] - worth[:, [0, 2]].max(axis=1)
    assert set(np.flatnonzero(left.eligible[:, 1])) == set(np.argsort(-regret)[:5])


def test_a_minimum_is_reached_by_every_draw():
    limits = [Limit(offers=["fund"], at_least=7, name="funds")]
    plan = Plan.make(candidates(), Beliefs(CHANCE), Arbitration(at_least=1e6), limits=limits)
    for rng in range(5):
        made = decided(candidates(), plan, rng=rng)
        assert (made["offer_id"] == "fund").sum() == 7
        assert (made.loc[made["offer_id"] == "fund", "action_probability"] == 1.0).all()
        assert (made.loc[made["offer_id"] != "fund", "offer_id"] == NO_OFFER).all()


def test_a_share_holds_in_what_is_made():
    young = np.arange(N) < 20
    limits = [Limit(offers=["loan"], rows=young, at_least_share=0.5, name="young"), Limit(offers=["loan"], at_most=12)]
    made = decided(candidates(), Plan.make(candidates(), Beliefs(CHANCE), limits=limits))
    loans = (made["offer_id"] == "loan").to_numpy()
    assert loans.sum() <= 12
    assert loans[young].sum() >= 0.5 * loans.sum()


def test_a_decision_has_the_price_of_what_was_drawn():
    plan = Plan.make(candidates(), Beliefs(CHANCE), limits=[CARDS, MONEY])
    prices = plan.allocation.prices
    made = decided(candidates(), plan)
    by_hand = {"card": prices["cards"] + prices["budget"], "loan": 3 * prices["budget"], "fund": 0.5 * prices["budget"]}
    drawn = made[made["offer_id"] != NO_OFFER]
    assert drawn["price"].tolist() == pytest.approx(drawn["offer_id"].map(by_hand).tolist())
    assert json.loads(made["prices"].iloc[0]) == pytest.approx(by_hand)
    told = explain(made.iloc[0], Uniform([*CATALOG.offer_ids, NO_OFFER]), CATALOG).offers.set_index("offer_id")["price"]
    assert told[CATALOG.offer_ids].tolist() == pytest.approx(list(by_hand.values()))
    # In a region a price is that of the customer.
    rows = np.arange(N) < 30
    local = Plan.make(candidates(), Beliefs(CHANCE), limits=[Limit(at_most=3, rows=rows, name="north")])
    assert local.prices.shape == (N, 3)
    assert (local.prices[30:] == 0).all()
    assert (local.prices[:30] == local.allocation.prices["north"]).all()


def test_prices_of_limits_hold_in_partitions():
    cost = np.random.default_rng(3).uniform(0.5, 1.5, (N, 3))
    plan = Plan.make(candidates(), Beliefs(CHANCE), limits=[Limit(at_most=20.0, cost=cost), CARDS])
    whole = decided(candidates(), plan).set_index("customer_id")
    parts = [
        decided(candidates(people=PEOPLE.iloc[rows]), plan, rows).set_index("customer_id")
        for rows in np.array_split(np.arange(N)[::-1], 16)
    ]
    pd.testing.assert_frame_equal(pd.concat(parts).loc[whole.index], whole)


def test_offers_that_exclude_each_other_share_no_slate():
    rule = Excludes("one loan", offers=["card"], others=["loan"], mutual=True)
    made = decided(candidates([rule]), slots=3, policy=Uniform(CATALOG.offer_ids))
    sets = made.groupby("customer_id")["offer_id"].agg(set)
    assert not any({"card", "loan"} <= found for found in sets)
    assert len(made) == 2 * N

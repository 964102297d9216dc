"""Whatever the rules, caps, budgets and past: no decision breaks one. Counted by plain loops."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbo import NO_OFFER
from nbo.arbitration import (
    Arbitration,
    Beliefs,
    Candidates,
    ContactLimit,
    Eligibility,
    Limit,
    OfferCap,
    OnePer,
    Plan,
    RestAfter,
    When,
    decide,
)
from nbo.policies import SegmentThompson, Uniform
from nbo.tables import Catalog, CustomerTables, Offer, Spine, Treatment

AS_OF = pd.Timestamp("2026-06-30")
DAY = pd.Timedelta("1D")
WAYS = (Treatment("email"), Treatment("phone", cost=1.0))
CATALOG = Catalog(
    [
        Offer("card", value=40, cost=1.0, category="cards", treatments=WAYS),
        Offer("gold", value=90, cost=2.0, category="cards", channels=("phone",)),
        Offer("loan", value=70, cost=1.5, category="loans", channels=("email",)),
        Offer("news", value=2, category="news"),
    ]
)
COST = np.array([1.0, 2.0, 1.5, 0.25])

# Moments of the past on a grid of half windows, so that many lie exactly at an edge.
BACK = st.integers(1, 20).map(lambda halves: AS_OF - halves * DAY / 2)
CONTACT = st.tuples(st.integers(0, 19), st.sampled_from(CATALOG.offer_ids), st.sampled_from(["email", "phone"]), BACK)
OUTCOME = st.sampled_from([None, "accept", "reject"])


@st.composite
def runs(draw):
    """Draw customers, their past, rules and limits."""
    n = draw(st.integers(1, 20))
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    people = pd.DataFrame(
        {
            "customer_id": [f"c{i}" for i in range(20)],
            "household_id": [f"h{i}" for i in rng.integers(0, 8, 20)],
            "account_id": [f"a{i}" for i in rng.integers(0, 12, 20)],
            "consent_email": rng.random(20) < 0.8,
            "age": rng.integers(10, 80, 20),
        }
    )
    past = draw(st.lists(st.tuples(CONTACT, OUTCOME), max_size=30))
    return {
        "people": people,
        "asked": people.iloc[rng.permutation(20)[:n]],
        "past": past,
        "chance": rng.uniform(0, 0.5, (n, 4)),
        "per_customer": draw(st.tuples(st.integers(1, 3), st.integers(1, 8))),
        "per_household": draw(st.tuples(st.integers(1, 3), st.integers(1, 8))),
        "cap": draw(st.tuples(st.integers(0, 6), st.integers(1, 8))),
        "rest": draw(st.integers(1, 8)),
        "account": draw(st.booleans()),
        "budget": draw(st.floats(0, 15)),
        "at_most": draw(st.integers(0, 5)),
        "shortlist": draw(st.integers(1, 4)),
        "learns": draw(st.booleans()),
    }


def tables_of(run):
    rows = [(f"d{i}", f"c{who}", offer, channel, at) for i, ((who, offer, channel, at), _) in enumerate(run["past"])]
    decisions = pd.DataFrame(rows, columns=["decision_id", "customer_id", "offer_id", "channel", "decided_at"])
    answers = [(f"d{i}", outcome, at + DAY / 8) for i, ((_, _, _, at), outcome) in enumerate(run["past"]) if outcome]
    outcomes = pd.DataFrame(answers, columns=["decision_id", "outcome", "outcome_at"])
    moments = {"decided_at": decisions["decided_at"].astype("datetime64[us]")}
    answered = {"outcome_at": outcomes["outcome_at"].astype("datetime64[us]")}
    return CustomerTables(
        customers=run["people"], decisions=decisions.assign(**moments), outcomes=outcomes.assign(**answered)
    )


def rules_of(run):
    (n_customer, d_customer), (n_house, d_house), (n_cap, d_cap) = run["per_customer"], run["per_household"], run["cap"]
    return (
        Eligibility(),
        When("adults only", refuse="age < 18", categories=["cards", "loans"]),
        ContactLimit(at_most=n_customer, window=f"{d_customer}D"),
        ContactLimit(at_most=n_house, window=f"{d_house}D", by="household"),
        RestAfter("reject", rest=f"{run['rest']}D", what="category"),
        OfferCap(at_most=n_cap, window=f"{d_cap}D", of="made", offers=["card", "gold"]),
        *([OnePer("account_id")] if run["account"] else []),
    )


def decided(run):
    candidates = Candidates.of(tables_of(run), Spine.at(AS_OF, run["asked"]), CATALOG, rules_of(run))
    limits = [
        Limit(at_most=run["budget"], cost=COST, name="budget"),
        Limit(offers=["loan"], at_most=run["at_most"], name="loans"),
    ]
    beliefs = Beliefs(run["chance"])
    plan = Plan.make(candidates, beliefs, Arbitration(shortlist=run["shortlist"]), limits)
    policy = SegmentThompson([*CATALOG.offer_ids, NO_OFFER]) if run["learns"] else Uniform(CATALOG.offer_ids)
    return decide(candidates, beliefs, np.array(["s"] * len(run["asked"])), policy, 7, "run", plan=plan)


def contacts(run, keep, days):
    """How many contacts of the past in [as_of - days, as_of) are to be kept, one after the other."""
    return sum(1 for (who, offer, _, at), _ in run["past"] if AS_OF - days * DAY <= at < AS_OF and keep(who, offer))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(run=runs())
def test_nothing_is_ever_broken(run):
    made = decided(run)
    made = made[made["offer_id"] != NO_OFFER]
    people = run["people"].set_index("customer_id")
    for row in made.itertuples():
        person, category = people.loc[row.customer_id], CATALOG[row.offer_id].category
        who = int(row.customer_id[1:])
        assert row.channel != "email" or person["consent_email"]
        assert row.offer_id == "news" or row.channel in CATALOG[row.offer_id].channels
        assert person["age"] >= 18 or category == "news"
        n, days = run["per_customer"]
        assert contacts(run, lambda other, _, who=who: other == who, days) + 1 <= n
        for (other, offer, _, at), outcome in run["past"]:
            if other == who and outcome == "reject" and CATALOG[offer].category == category:
                assert at + DAY / 8 + run["rest"] * DAY <= AS_OF or at + DAY / 8 >= AS_OF
        assert json.loads(row.candidates)[row.offer_id] == row.action_probability > 0
        assert row.offer_id not in json.loads(row.dropped)
    houses = people.loc[made["customer_id"], "household_id"]
    n, days = run["per_household"]
    for house, now in houses.value_counts().items():
        members = {int(name[1:]) for name in people.index[people["household_id"] == house]}
        assert contacts(run, lambda other, _, members=members: other in members, days) + now <= n
    n, days = run["cap"]
    for offer in ("card", "gold"):
        now = int((made["offer_id"] == offer).sum())
        assert now == 0 or contacts(run, lambda _, one, offer=offer: one == offer, days) + now <= n
    if run["account"]:
        assert not people.loc[made["customer_id"], "account_id"].duplicated().any()
    spent = sum(COST[CATALOG.offer_ids.index(offer)] for offer in made["offer_id"])
    assert spent <= run["budget"] * (1 + 1e-12)
    assert (made["offer_id"] == "loan").sum() <= run["at_most"]
    assert len(json.loads(made["candidates"].iloc[0])) <= run["shortlist"] + 1 if len(made) else True

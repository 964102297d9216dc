"""What would go wrong without a word is refused, and what is easily forgotten holds."""

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
    ContactLimit,
    Eligibility,
    Excludes,
    Lever,
    Limit,
    OfferCap,
    OnePer,
    Plan,
    QuietHours,
    RestAfter,
    When,
    allocate,
    armed,
    decide,
    explain,
    offer_terms,
    replay,
)
from nbo.errors import InputError
from nbo.experiments import Arms, four_arms
from nbo.policies import Greedy, LogisticThompson, Uniform
from nbo.tables import Catalog, CustomerTables, Offer, Spine, Treatment

N = 400
PEOPLE = pd.DataFrame({"customer_id": [f"c{i}" for i in range(N)], "household_id": [f"h{i // 2}" for i in range(N)]})
CATALOG = Catalog(
    [
        Offer("card", value=40, category="cards", kind="discount", channels=("email", "phone")),
        Offer("loan", value=90, category="loans", channels=("phone",)),
        Offer("fund", value=10, category="funds", channels=("email",)),
    ]
)
CHANCE = np.random.default_rng(0).uniform(0.01, 0.3, (N, 3))
AS_OF = "2026-06-30"


def candidates(rules=(), catalog=CATALOG, rows=slice(None), as_of=AS_OF, tables=None, **more):
    tables = tables or CustomerTables(customers=PEOPLE)
    return Candidates.of(tables, Spine.at(as_of, PEOPLE.iloc[rows]), catalog, tuple(rules), **more)


def decided(found, policy=None, rng=7, **more):
    n = len(found.spine)
    policy = policy or Uniform([*CATALOG.offer_ids, NO_OFFER])
    return decide(found, Beliefs(CHANCE[:n]), np.array(["s"] * n, dtype=object), policy, rng, "run", **more)


@pytest.mark.parametrize(
    ("rule", "most"),
    [(ContactLimit(at_most=2), 2), (ContactLimit(at_most=2, by="household"), 1), (OnePer("household_id"), 1)],
)
def test_each_offer_of_a_slate_is_a_contact(rule, most):
    made = decided(candidates([rule]), Uniform(CATALOG.offer_ids), slots=3)
    made = made[made["offer_id"] != NO_OFFER]
    assert made.groupby("customer_id").size().max() == most
    if most == 1:
        houses = PEOPLE.set_index("customer_id").loc[made["customer_id"], "household_id"]
        assert houses.value_counts().max() <= getattr(rule, "at_most", 1)


def test_the_control_chooses_at_random_whatever_is_short():
    arms = Arms("x", {"control": 0.5}, rest="agent")
    found = armed(candidates(), Beliefs(CHANCE), arms)
    plan = Plan.make(found, Beliefs(CHANCE), Arbitration(shortlist=1), [Limit(offers=["loan"], at_most=80)])
    made = decided(found, Uniform(CATALOG.offer_ids), plan=plan).set_index("customer_id")
    control = made[made["arm"] == "control"]
    best = np.array(CATALOG.offer_ids)[(CHANCE * CATALOG.values).argmax(axis=1)]
    mine = pd.Series(best, index=PEOPLE["customer_id"]).loc[control.index]
    assert (control["offer_id"] == mine).mean() < 0.6
    assert (made["offer_id"] == "loan").sum() <= 80
    # Who of the control has the chance of a loan does not depend on what it is worth.
    left = plan.applied(found)[0].eligible[:, 1] & (found.arms == "control")
    rows = found.arms == "control"
    assert 10 < left.sum() < rows.sum()
    worth = CHANCE[:, 1]
    spread = worth[rows].std() / np.sqrt(left.sum())
    assert abs(worth[left].mean() - worth[rows].mean()) < 4 * spread
    assert set(control["policy"]) == {"Uniform"}


def test_an_experiment_adds_no_empty_rows_to_slates():
    found = armed(candidates(), Beliefs(CHANCE), Arms("x", {"agent": 1.0}))
    made = decided(found, Uniform(CATALOG.offer_ids), slots=3)
    assert len(made) == 3 * N
    assert (made["offer_id"] != NO_OFFER).all()


def test_a_minimum_holds_where_business_as_usual_knows_other_offers_only():
    found = armed(candidates(), Beliefs(CHANCE), Arms("x", {"business_as_usual": 1.0}))
    plan = Plan.make(found, Beliefs(CHANCE), limits=[Limit(offers=["card"], at_least=30)])
    made = decided(found, plan=plan, business_as_usual=Greedy(["loan"], values=[90.0]))
    assert (made["offer_id"] == "card").sum() >= 30
    assert all(json.loads(row.candidates)[row.offer_id] == row.action_probability for row in made.itertuples())


def test_a_plan_serves_what_it_was_made_for_only():
    plan = Plan.make(candidates(), Beliefs(CHANCE))
    with pytest.raises(InputError, match="the plan was made for the offers card, loan, fund"):
        plan.applied(candidates(catalog=Catalog(list(CATALOG)[::-1])))
    with pytest.raises(InputError, match="spine.as_of must be the moment for which the plan was made"):
        plan.applied(candidates(as_of="2026-07-01"))
    with pytest.raises(InputError, match="arms must be those for which the plan was made"):
        plan.applied(armed(candidates(), Beliefs(CHANCE), four_arms("x")))
    with pytest.raises(InputError, match="slots must be 1, for which the plan was made; got 2"):
        decided(candidates(), plan=plan, slots=2)
    rules = [Excludes("one", offers=["card"], others=["loan"], mutual=True)]
    with pytest.raises(InputError, match="at_least cannot be promised in slates while offers exclude each other"):
        Plan.make(candidates(rules), Beliefs(CHANCE), limits=[Limit(offers=["card"], at_least=3)], slots=2)
    with pytest.raises(InputError, match="limits must be Limit objects; got 'much'"):
        Plan.make(candidates(), Beliefs(CHANCE), limits=["much"])


def test_parts_have_the_columns_of_the_whole():
    limit = Limit(at_most=3, rows=np.arange(N) < 10)
    plan = Plan.make(candidates(), Beliefs(CHANCE), limits=[limit])
    assert "price" in decided(candidates(rows=slice(0, 20)), plan=plan)
    rest = decide(
        candidates(rows=slice(20, 40)),
        CHANCE[20:40],
        np.array(["s"] * 20),
        Uniform(CATALOG.offer_ids),
        7,
        "r",
        plan=plan,
    )
    assert rest["price"].dropna().eq(0).all()


@pytest.mark.parametrize(
    "rule",
    [
        OfferCap(0, of="made", offers=["crad"]),
        ContactLimit(channels=["emial"]),
        RestAfter(categories=["crads"]),
        QuietHours(channels=["phnoe"]),
        When("x", refuse="True", kinds=["discuont"]),
        Lever("x", percent=5, categories=["crads"]),
    ],
)
def test_a_misspelt_name_does_not_switch_a_rule_off(rule):
    found = candidates([rule])
    with pytest.raises(InputError, match="nothing has .*; did you mean|is not.*did you mean"):
        _ = found.codes, found.levers, Plan.make(found, Beliefs(CHANCE))


def test_what_names_the_draw_is_a_number_or_a_text():
    for wrong in (np.random.default_rng(1), None, True):
        with pytest.raises(InputError, match="rng must be a whole number or a text"):
            decided(candidates(), rng=wrong)


def test_shapes_and_chances_are_checked():
    segments = np.array(["s"] * N)
    with pytest.raises(InputError, match=r"segments must be 400 texts, one a customer; got shape \(1,\)"):
        decide(candidates(), CHANCE, np.array(["s"]), Uniform(CATALOG.offer_ids), 7, "r")
    with pytest.raises(InputError, match="features must have 400 rows"):
        decide(candidates(), CHANCE, segments, Uniform(CATALOG.offer_ids), 7, "r", features=pd.DataFrame({"x": [1]}))
    for wrong in (7.0, np.nan):
        with pytest.raises(InputError, match=r"propensity must be in \[0, 1\] for every offer"):
            Beliefs(np.full((2, 3), wrong))
    policy = LogisticThompson(CATALOG.offer_ids, ["value"])
    with pytest.raises(InputError, match="reads 'value', which is a column of every decision"):
        decide(candidates(), CHANCE, segments, policy, 7, "r", features=pd.DataFrame({"value": np.ones(N)}))
    twice = pd.DataFrame(np.ones((N, 2)), columns=["x", "x"])
    with pytest.raises(InputError, match="features must have different names; 'x' stands twice"):
        _ = candidates([When("w", refuse="x > 2")], features=twice).codes
    both = pd.DataFrame({"customer_id": ["c1", "c1"], "as_of": pd.to_datetime([AS_OF, "2026-07-01"])})
    doubled = Candidates.of(CustomerTables(customers=PEOPLE), Spine.of(both), CATALOG)
    with pytest.raises(InputError, match="a run decides once per customer"):
        Plan.make(doubled, Beliefs(CHANCE[:2]))


def test_an_offer_without_channels_needs_one_that_is_allowed():
    people = pd.DataFrame(
        {
            "customer_id": ["ann", "bob", "cid"],
            "consent_email": [True, False, False],
            "consent_sms": [False, False, None],
        }
    )
    catalog = Catalog([Offer("any")])
    for consent, allowed in (("not refused", [True, False, True]), ("given", [True, False, False])):
        found = Candidates.of(
            CustomerTables(customers=people), Spine.at(AS_OF, people), catalog, (Eligibility(consent),)
        )
        assert found.eligible[:, 0].tolist() == allowed


def test_an_offer_without_channels_borrows_no_creative():
    catalog = Catalog([Offer("a", treatments=(Treatment("email", creative="hero"),)), Offer("b")])
    made = decide(candidates(catalog=catalog), CHANCE[:, :2], np.array(["s"] * N), Uniform(["a", "b"]), 7, "r")
    assert made.loc[made["offer_id"] == "b", "creative"].eq("").all()
    assert made["channel"].eq("email").all()


def test_labels_of_costs_and_rows_are_kept():
    priority = pd.DataFrame(np.ones((3, 3)), columns=["a", "b", "c"], index=["x", "y", "z"])
    cost = pd.Series({"c": 1.0, "b": 1.0, "a": 100.0})
    found = allocate(priority, [Limit(cost=cost, at_most=3)])
    assert 0 not in found.assignment[found.assignment >= 0]
    only = pd.Series([True, False, False], index=["z", "y", "x"])
    bound = allocate(priority, [Limit(at_most=0, rows=only)])
    assert bound.assignment[:, 0].tolist() == [0, 0, -1]
    with pytest.raises(InputError, match="cost of 'budget' has labels, and they must be the 3 offers"):
        allocate(priority, [Limit(cost=cost.rename({"c": "d"}), at_most=3, name="budget")])


def test_an_explanation_tells_what_is_known_of_a_slate_and_of_withdrawn_offers():
    slate = decided(candidates(), Uniform(CATALOG.offer_ids), slots=2)
    second = slate[slate["position"] == 2].iloc[0]
    told = explain(second, Uniform(CATALOG.offer_ids), CATALOG)
    assert f"with probability {second['action_probability']:.3f}" in told.reason
    made = decided(candidates(), Uniform(CATALOG.offer_ids)).set_index("offer_id", drop=False).loc["loan"].iloc[0]
    later = explain(made, Uniform(["card", "fund"]), CATALOG)
    assert later.offers.loc[later.offers["chosen"], "offer_id"].tolist() == ["loan"]
    with pytest.raises(InputError, match="the row of a decision is needed; got its id 'd1'"):
        explain("d1", Uniform(["card"]), CATALOG)


def test_what_others_took_has_a_stage():
    limits = [Limit(offers=["loan"], at_most=1)]
    plan = Plan.make(candidates(), Beliefs(CHANCE), Arbitration(shortlist=1), limits)
    policy = Uniform([*CATALOG.offer_ids, NO_OFFER])
    row = decided(candidates(), policy, plan=plan).iloc[5]
    terms = offer_terms(candidates(rows=[5]), Beliefs(CHANCE[[5]]))
    told = explain(row, policy, CATALOG, terms).offers.set_index("offer_id")
    reasons = {"capacity": "capacity", "not among the best 1": "arbitration"}
    dropped = told[told["dropped_for"].notna()]
    assert len(dropped) == 2
    assert dropped["stage"].tolist() == dropped["dropped_for"].map(reasons).tolist()


def test_offers_without_a_value_cannot_be_ranked():
    catalog = Catalog([Offer("card", value=40), Offer("gift"), Offer("stay", kind="retention")])
    found = candidates(catalog=catalog)
    with pytest.raises(InputError, match="2 of 3 have none, first 'gift'. Give value or clv_change"):
        Plan.make(found, Beliefs(CHANCE), Arbitration(shortlist=1))
    Plan.make(found, Beliefs(CHANCE))
    stakes = Beliefs(CHANCE, churn_probability=np.full(N, 0.1), clv=np.full(N, 100.0))
    with pytest.raises(InputError, match="1 of 3 have none, first 'gift'"):
        Plan.make(found, stakes, limits=[Limit(at_most=3)])


def test_a_refusal_ends_where_the_offer_comes():
    done = pd.DataFrame({"decision_id": ["d1", "d2"], "customer_id": "c0", "channel": ["email", "phone"]})
    log = done.assign(offer_id=["fund", "loan"], decided_at=pd.to_datetime(["2026-06-29", "2026-06-24"]))
    tables = CustomerTables(customers=PEOPLE, decisions=log)
    found = candidates([ContactLimit(1, "7D", per="channel")], tables=tables, rows=slice(0, 1))
    told = offer_terms(found, Beliefs(CHANCE[:1])).set_index("offer_id")["resumes"]
    assert str(told["fund"])[:10] == "2026-07-06"
    assert str(told["loan"])[:10] == "2026-07-01"


def test_decisions_under_caps_by_channel_are_replayed():
    rules = [OfferCap(30, of="made", per="channel")]
    policy = Uniform([*CATALOG.offer_ids, NO_OFFER])
    made = decided(candidates(rules), policy)
    for at in range(0, N, 9):
        own = Beliefs(CHANCE[[at]])
        assert replay(made.iloc[at], candidates(rules, rows=[at]), own, policy).same


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"products": ("a|b",)}, "products of offer 'x' must be texts without"),
        ({"channels": ("",)}, "channels of offer 'x' must be texts without"),
        ({"category": 5}, "category of offer 'x' must be a text; got 5"),
        ({"treatments": (Treatment("email"), Treatment(cost=5.0))}, "must each say a channel"),
    ],
)
def test_offers_that_would_change_on_disk_are_refused(wrong, message):
    with pytest.raises(InputError, match=message):
        Offer("x", **wrong)
    assert Offer("x", treatments=Treatment("email")).channels == ("email",)

"""Plans, limits, arms, explanations and replays of the whole object."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from nbo import NO_OFFER
from nbo import columns as c
from nbo.arbitration import Arbitration, Eligibility, Limit, Playbook, Rule, When
from nbo.errors import InputError
from nbo.experiments import four_arms
from nbo.ledger import Ledger
from nbo.next_best_offer import NextBestOffer
from nbo.policies import Uniform
from nbo.tables import Spine


class Valuable(Rule):
    """Weigh offers to valuable customers, and spare those of whom nothing is known."""

    stage = "applicability"

    def refused(self, candidates):
        return {"worth nothing": (candidates.column(c.CLV) <= 0).to_numpy()[:, None, None]}

    def weights(self, candidates):
        clv = candidates.column(c.CLV).to_numpy()
        return {"valuable": np.where(clv > np.median(clv), 2.0, 1.0)[:, None, None]}


@pytest.fixture
def ruled(fitted):
    """The fitted model with a rule that reads a score, for one test."""
    before = fitted.rules
    fitted.rules = [Eligibility(), Valuable()]
    yield fitted
    fitted.rules = before


def test_rules_see_features_scores_and_segments(ruled, tables, today):
    scores = ruled.score(tables, today)
    clv = scores.drop_duplicates("customer_id").set_index("customer_id")["clv"]
    weight = scores["customer_id"].map(pd.Series(np.where(clv > clv.median(), 2.0, 1.0), index=clv.index))
    assert scores["context_weight"].tolist() == weight.tolist()
    by_hand = scores["propensity"] * scores["context_weight"] * scores["value"] - scores["cost"]
    np.testing.assert_allclose(scores["priority"], by_hand)
    decisions = ruled.decide(tables, today)
    nothing = decisions["reason"] == "nothing may be offered: worth nothing"
    assert (decisions.loc[nothing, "clv"] <= 0).all()


def test_two_sets_of_rules_are_compared_and_nothing_changes(fitted, tables, today):
    state = json.dumps(fitted.policy.to_state(), sort_keys=True)
    few = [Eligibility(), When("the valuable", allow_if="clv > 20", stage="suitability")]
    found = fitted.simulate(tables, today, rules_b=few, attributes=["gender"])
    offers = found.totals.set_index("measure").loc["offers"]
    decisions = fitted.decide(tables, today)
    could = decisions["reason"].str.startswith("drawn")
    assert offers["a"] == pytest.approx(could.sum())
    assert offers["b"] < offers["a"]
    assert found.bias["attribute"].unique().tolist() == ["gender"]
    assert json.dumps(fitted.policy.to_state(), sort_keys=True) == state


def test_limits_hold_and_a_plan_serves_partitions(fitted, tables, today):
    limits = [Limit(at_most=100.0, cost=fitted.catalog.costs + 1.0, name="budget")]
    plan = fitted.plan(tables, today, limits)
    whole = fitted.decide(tables, today, run_id="r1", limits=limits)
    cost = dict(zip(fitted.catalog.offer_ids, fitted.catalog.costs + 1.0, strict=True))
    spent = whole.loc[whole["offer_id"] != NO_OFFER, "offer_id"].map(cost).sum()
    assert 50 < spent <= 100
    parts = [
        fitted.decide(tables, Spine.of(today.frame.iloc[rows]), run_id="r1", plan=plan)
        for rows in np.array_split(np.arange(len(today))[::-1], 16)
    ]
    again = pd.concat(parts).set_index("customer_id").loc[whole["customer_id"]]
    pd.testing.assert_frame_equal(again, whole.set_index("customer_id"))


def test_slates_have_several_offers(fitted, tables, today):
    slates = fitted.decide(tables, today, slots=3)
    sizes = slates.groupby("customer_id", sort=False).size()
    assert sizes.max() == 3
    assert slates["decision_id"].is_unique
    clv = fitted.score(tables, today).drop_duplicates("customer_id").set_index("customer_id")["clv"]
    assert slates["clv"].tolist() == slates["customer_id"].map(clv).tolist()
    with Ledger.open("sqlite://") as ledger:
        ledger.record(slates)
        assert len(ledger.decisions()) == len(slates)


def test_an_experiment_is_recorded_with_its_arms(fitted, tables, today):
    arms = four_arms("spring", 0.2, 0.2, 0.2)
    usual = Uniform(fitted.catalog.offer_ids[:1])
    made = fitted.decide(tables, today, arms=arms, business_as_usual=usual)
    assert made["arm"].tolist() == arms.assign(made["customer_id"]).tolist()
    assert (made.loc[made["arm"] == "holdout", "offer_id"] == NO_OFFER).all()
    with Ledger.open("sqlite://") as ledger:
        ledger.record(made)
        assert ledger.decisions()["arm"].tolist() == made["arm"].tolist()


def test_the_shortlist_is_stored_with_the_model(fitted, tables, today, tmp_path):
    fitted.arbitration = Arbitration(shortlist=2, at_least=0.0)
    try:
        decisions = fitted.decide(tables, today)
        fitted.to_dir(tmp_path / "model")
    finally:
        fitted.arbitration = Arbitration()
    loaded = NextBestOffer.from_dir(tmp_path / "model")
    assert loaded.arbitration == Arbitration(shortlist=2, at_least=0.0)
    pd.testing.assert_frame_equal(loaded.decide(tables, today), decisions)
    made = decisions[decisions["offer_id"] != NO_OFFER]
    assert (made["priority"] >= 0).all()
    assert made["candidates"].str.count(":").max() == 2


def test_an_explanation_with_the_tables_tells_every_term(ruled, tables, today):
    scores = ruled.score(tables, today)
    decision = ruled.decide(tables, today).iloc[5]
    explained = ruled.explain(decision, tables)
    own = scores[scores["customer_id"] == decision["customer_id"]]
    told = explained.offers
    assert told["offer_id"].tolist() == own["offer_id"].tolist()
    np.testing.assert_allclose(told["propensity"], own["propensity"])
    np.testing.assert_array_equal(told["stage"].isna(), own["eligible"])
    np.testing.assert_array_equal(told["eligible"], own["eligible"])
    assert told.loc[~told["eligible"], "dropped_for"].notna().all()
    assert "<table" in explained._repr_html_()


def test_a_decision_of_the_ledger_is_replayed_by_its_id(fitted, tables, today):
    limits = [Limit(at_most=100.0, name="offers")]
    decisions = fitted.decide(tables, today, run_id="r1", limits=limits)
    made = decisions[decisions["offer_id"] != NO_OFFER]
    with Ledger.open("sqlite://") as ledger:
        ledger.record(decisions)
        for decision_id in [made["decision_id"].iloc[0], decisions["decision_id"].iloc[-1]]:
            assert fitted.replay(decision_id, ledger=ledger).same
            again = fitted.replay(decision_id, tables, ledger)
            assert again.same, str(again)
        with pytest.raises(InputError, match="the ledger has no decision 'd9'; it has .* others"):
            fitted.replay("d9", ledger=ledger)
    with pytest.raises(InputError, match="ledger must be given to look 'd9' up"):
        fitted.replay("d9")


def test_decisions_name_the_playbook_that_is_stored_with_the_model(fitted, tables, today, tmp_path):
    before = fitted.rules
    fitted.rules = Playbook([Eligibility(), When("worth it", allow_if="clv > 10")], "retail", "3")
    try:
        decisions = fitted.decide(tables, today)
        fitted.to_dir(tmp_path / "model")
        text = fitted.rules.hash[:12]
    finally:
        fitted.rules = before
    assert decisions["playbook"].unique().tolist() == [f"retail 3 {text}"]
    loaded = NextBestOffer.from_dir(tmp_path / "model")
    assert loaded.rules.hash[:12] == text
    pd.testing.assert_frame_equal(loaded.decide(tables, today), decisions)
    assert "playbook" not in fitted.decide(tables, today)

from __future__ import annotations

import numpy as np
import pytest

from nbo.arbitration import Arbitration, When, relevant_from, value_finder
from nbo.errors import InputError

MINORS = When("minors", refuse="age < 18")
NO_CARDS = When("no cards to the young", refuse="age < 40", offers=["card"], stage="suitability")


def test_who_has_no_relevant_offer_and_where_it_was_lost_by_hand(tiny):
    found = value_finder(tiny(MINORS, NO_CARDS), low_propensity=0.08).set_index("customer_id")
    # ann keeps a loan at 5 %, bob nothing, cid a card at 30 %, dot 2 % and 1 %, which never was relevant.
    assert found.index.tolist() == ["ann", "bob", "dot"]
    assert found["status"].tolist() == ["low propensity", "no offer", "low propensity"]
    assert found["offer_id"].tolist()[:2] == ["card", "card"]
    assert found["offer_id"].isna().tolist() == [False, False, True]
    assert found["value"].tolist() == pytest.approx([0.2 * 50 - 1, 0.1 * 50 - 1, np.nan], nan_ok=True)
    assert found["stage"].tolist() == ["suitability", "eligibility", "models"]
    assert found["reason"].tolist() == ["no cards to the young", "minors", "no relevant offer in the catalog"]
    assert found["best_propensity"].tolist() == pytest.approx([0.05, np.nan, 0.02], nan_ok=True)
    assert found["segment"].tolist() == ["s", "t", "t"]


def test_the_best_relevant_offer_is_the_one_worth_most(tiny):
    everything = When("nobody", refuse="age > 0")
    found = value_finder(tiny(everything), low_propensity=0.02).set_index("customer_id")
    # bob: card 4, loan 2; dot: card 0, loan below 2 %.
    assert found["offer_id"].to_dict() == {"cid": "card", "ann": "card", "bob": "card", "dot": "card"}
    assert found["value"].tolist() == pytest.approx([14, 9, 4, 0])


def test_an_offer_may_be_lost_to_the_arbitration(tiny):
    chance = np.array([[0.3, 0.2], [0.1, 0.9], [0.3, 0.1], [0.5, 0.01]])
    found = value_finder(tiny(chance=chance, arbitration=Arbitration(shortlist=1)), low_propensity=0.25)
    # ann's loan at 20 % is worth 20, her card at 30 % only 14.
    assert found[["customer_id", "offer_id", "stage"]].values.tolist() == [["ann", "card", "arbitration"]]


def test_by_default_a_fifth_of_those_with_offers_have_low_propensities(tiny):
    scenario = tiny(MINORS)
    assert relevant_from(scenario) == pytest.approx(np.quantile([0.2, 0.3, 0.02], 0.2))
    assert value_finder(scenario)["customer_id"].tolist() == ["bob", "dot"]


def test_where_nobody_has_an_offer_every_offer_is_relevant(tiny):
    scenario = tiny(When("nobody", refuse="age > 0"))
    assert relevant_from(scenario) == 0
    assert value_finder(scenario)["status"].tolist() == ["no offer"] * 4


def test_everybody_may_be_served(tiny):
    found = value_finder(tiny(), low_propensity=0.0)
    assert len(found) == 0
    assert "reason" in found


def test_a_propensity_that_is_none_is_refused(tiny):
    with pytest.raises(InputError, match=r"low_propensity must be in \[0, 1\]; got 2"):
        value_finder(tiny(), low_propensity=2)
    with pytest.raises(InputError, match=r"share must be in \[0, 1\]; got -1"):
        relevant_from(tiny(), share=-1)

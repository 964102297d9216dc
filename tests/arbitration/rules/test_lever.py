from __future__ import annotations

import pandas as pd
import pytest

from nbo.arbitration import Candidates, Eligibility, Lever, lever_weight
from nbo.errors import InputError
from nbo.tables import Catalog, CustomerTables, Offer, Spine

CUSTOMERS = pd.DataFrame({"customer_id": ["ann", "bob"], "clv": [10.0, None]})
CATALOG = Catalog([Offer("gold", category="cards", kind="new"), Offer("blue", category="cards"), Offer("loan")])
TABLES = CustomerTables(customers=CUSTOMERS)


def candidates(*rules, as_of="2026-06-30"):
    return Candidates.of(TABLES, Spine.at(as_of, CUSTOMERS), CATALOG, rules)


def test_percentages_of_all_levels_are_added():
    # Published: "these weightings are both added to the action weight, divided by 100 and then added to 1, so a
    # total weighting of 55 sets a final weighting of 1.55" (Pega Customer Decision Hub 8.7, arbitration strategy).
    category, kind = Lever("issue", 20, categories=["cards"]), Lever("group", 10, kinds=["new"])
    found = lever_weight(candidates(category, Eligibility(), kind, Lever("action", 25, offers=["gold"])))
    assert found.shape == (1, 3, 1)
    assert found.ravel().tolist() == [1 + 55 / 100, 1 + 20 / 100, 1.0]


def test_a_lever_may_ask_for_a_condition_and_hold_back():
    found = lever_weight(candidates(Lever("poor", -40, when="clv < 20", offers=["loan"])))
    assert found[:, :, 0].tolist() == [[1.0, 1.0, 0.6], [1.0, 1.0, 1.0]]


def test_together_they_never_go_below_zero():
    assert lever_weight(candidates(Lever("a", -80), Lever("b", -70))).item() == 0.0


def test_no_levers_say_nothing():
    assert lever_weight(candidates()).item() == 1.0
    assert candidates(Lever("a", 50)).contexts == {}


def test_it_holds_for_its_time_only():
    rule = Lever("a", 50, valid_from="2026-06-30")
    assert lever_weight(candidates(rule)).ravel().tolist() == [1.5, 1.5]
    assert lever_weight(candidates(rule, as_of="2026-06-29")).ravel().tolist() == [1.0, 1.0]


@pytest.mark.parametrize("percent", [-101, float("nan"), "5"])
def test_a_percentage_is_a_number(percent):
    with pytest.raises(InputError, match="percent of Lever 'a' must be -100 or more; got"):
        lever_weight(candidates(Lever("a", percent)))


def test_words():
    assert Lever("a", 55, categories=["cards"]).words == "push by +55 % of category cards"

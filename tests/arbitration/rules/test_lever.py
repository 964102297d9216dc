from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbo.arbitration import Candidates, Eligibility, Lever
from nbo.errors import InputError
from nbo.tables import Catalog, CustomerTables, Offer, Spine

CUSTOMERS = pd.DataFrame({"customer_id": ["ann", "bob"], "clv": [10.0, None]})
CATALOG = Catalog([Offer("gold", category="cards", kind="new"), Offer("blue", category="cards"), Offer("loan")])
TABLES = CustomerTables(customers=CUSTOMERS)


def candidates(*rules, as_of="2026-06-30"):
    return Candidates.of(TABLES, Spine.at(as_of, CUSTOMERS), CATALOG, rules)


def pulled(*rules, **more):
    """L of each customer and offer."""
    found = candidates(*rules, **more)
    return np.broadcast_to(found.lever, found.shape[:2]).round(12).tolist()


def test_percentages_of_all_levels_are_added():
    # Published: "these weightings are both added to the action weight, divided by 100 and then added to 1, so a
    # total weighting of 55 sets a final weighting of 1.55" (Pega Customer Decision Hub 8.7, arbitration strategy).
    category, kind = Lever("issue", 20, categories=["cards"]), Lever("group", 10, kinds=["new"])
    rules = (category, Eligibility(), kind, Lever("action", 25, offers=["gold"]))
    assert pulled(*rules) == [[1 + 55 / 100, 1 + 20 / 100, 1.0]] * 2
    assert list(candidates(*rules).levers) == ["issue", "group", "action"]
    assert candidates(*rules).lever.shape == (1, 3)


def test_each_says_what_it_changes_about_those_before_it():
    found = candidates(Lever("a", 55), Lever("b", 20)).levers
    assert found["a"].item() == 1.55
    assert found["b"].item() == pytest.approx(1.75 / 1.55)
    assert Lever("a", 55).levers(candidates())["a"].item() == 1.55


def test_a_lever_may_ask_for_a_condition_and_hold_back():
    assert pulled(Lever("poor", -40, when="clv < 20", offers=["loan"])) == [[1.0, 1.0, 0.6], [1.0, 1.0, 1.0]]


@pytest.mark.parametrize(
    ("percents", "lever"),
    [
        ((-80, -70), 0.0),
        ((-100, 50), 0.5),
        ((50, -100), 0.5),
        ((-100, 20, -50, 10), 0.0),
        ((-60, 130, -60), 1.1),
        ((), 1.0),
    ],
)
def test_their_order_does_not_matter_and_they_never_go_below_zero(percents, lever):
    for turned in (percents, percents[::-1]):
        assert pulled(*(Lever(f"r{at}", percent) for at, percent in enumerate(turned))) == [[lever] * 3] * 2


def test_they_are_no_context():
    assert candidates(Lever("a", 50)).contexts == {}


def test_it_holds_for_its_time_only():
    rule = Lever("a", 50, valid_from="2026-06-30")
    assert pulled(rule) == [[1.5] * 3] * 2
    assert pulled(rule, as_of="2026-06-29") == [[1.0] * 3] * 2


def test_the_way_is_none_of_its_business():
    catalog = Catalog([Offer("gold", channels=("email", "phone"))])
    found = Candidates.of(
        TABLES, Spine.at("2026-06-30", CUSTOMERS), catalog, (Lever("a", 5, when="way.channel == 'email'"),)
    )
    with pytest.raises(InputError, match="when of Lever 'a' must be about customers and offers; it depends on the way"):
        found.lever  # noqa: B018


@pytest.mark.parametrize("percent", [-101, float("nan"), "5"])
def test_a_percentage_is_a_number(percent):
    with pytest.raises(InputError, match="percent of Lever 'a' must be -100 or more; got"):
        candidates(Lever("a", percent)).lever  # noqa: B018


def test_words():
    assert Lever("a", 55, categories=["cards"]).words == "push by +55 % of category cards"

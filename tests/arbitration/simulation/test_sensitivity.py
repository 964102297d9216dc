from __future__ import annotations

import numpy as np
import pytest

from nbo.arbitration import (
    Arbitration,
    Lever,
    Weigh,
    When,
    arbitration_sensitivity,
    optionality,
    win_loss,
)

MINORS = When("minors", refuse="age < 18")


def test_what_a_term_decides_by_hand(tiny):
    rules = Lever("push", 100, offers=["loan"]), Weigh("fits", 3.0, offers=["loan"], when="age < 18")
    found = arbitration_sensitivity(tiny(*rules)).set_index("term")
    # Card against loan: ann 9, 10; bob 4, 2 x 6 = 12; cid 14, 8; dot 0, 2. Without levers ann's card wins,
    # bob's loan of 6 stays; without the context ann's loan of 10 x level stays against 10 x level - 1 ...
    level_c = (3 * 1 + 5 * 1 + 2) / 8
    assert level_c == 1.25
    # ann: 0.2 x 50 x 1.25 - 1 = 11.5 against 12.5; bob 5.25 against 5; cid 17.75 against 10; dot 0.25 against 2.5.
    assert found.loc["C", "changed"] == 1 / 4
    assert found.loc["C", "lost"] == pytest.approx((12 - 4) / 4)
    # L is 1 or 2 of half each, so 1.5: ann 14 against 7.5, bob 6.5 against 9, cid 21.5 against 6, dot .5 against 1.5.
    assert found.loc["L", "changed"] == 1 / 4
    assert found.loc["L", "lost"] == pytest.approx((10 - 9) / 4)
    # V is 75: ann 14 against 7.5, bob 6.5 against 9, cid 21.5 against 6, dot 0.5 against 1.5.
    assert found.loc["V", "changed"] == 1 / 4
    # P is the same for all: everybody gets the loan, cid too.
    assert found.loc["P", "changed"] == 1 / 4
    assert found.loc["P", "lost"] == pytest.approx((14 - 8) / 4)
    assert found.loc["P", "standard_error"] == pytest.approx(np.std([0, 0, 1, 0], ddof=1) / 2)


def test_only_offers_that_the_rules_leave_compete(tiny):
    found = arbitration_sensitivity(tiny(When("no loans", refuse="age > 0", offers=["loan"])))
    assert found["changed"].tolist() == [0.0] * 4
    nobody = arbitration_sensitivity(tiny(When("nobody", refuse="age > 0")))
    assert nobody["changed"].isna().all()


def test_prices_count(tiny):
    free, dear = tiny(), tiny(arbitration=Arbitration(prices={"card": 5.0}))
    # ann's card is worth 9 - 5 = 4 < 5, bob's -1 < 2, cid's 9 > 4, dot's -5 < 1.
    for scenario, wins in ((free, {"card": 3, "loan": 1}), (dear, {"card": 1, "loan": 3})):
        won = win_loss(scenario).query("offer_id == against").set_index("offer_id")
        assert won["customers"].to_dict() == wins


def test_wins_and_losses_by_hand(tiny):
    found = win_loss(tiny(MINORS))
    assert found.values.tolist() == [
        ["card", "card", 2, 2 / 3],
        ["card", "loan", 1, 1 / 3],
        ["loan", "card", 2, 2 / 3],
        ["loan", "loan", 1, 1 / 3],
    ]


def test_the_shortlist_leaves_wins_as_they_are(tiny):
    assert win_loss(tiny(MINORS, arbitration=Arbitration(shortlist=1))).equals(win_loss(tiny(MINORS)))


def test_how_many_offers_are_left_by_hand(tiny):
    found = optionality(tiny(MINORS, When("no loans to the old", refuse="age > 60", offers=["loan"])))
    assert found["customers"].tolist() == [1, 1, 2]
    assert found["share"].tolist() == [1 / 4, 1 / 4, 2 / 4]
    assert found["best_propensity"].tolist() == pytest.approx([np.nan, 0.02, (0.2 + 0.3) / 2], nan_ok=True)
    assert found["best_value"].tolist() == pytest.approx([np.nan, 0.0, (9 + 14) / 2], nan_ok=True)
    # What the arbitration narrows is left no more.
    assert optionality(tiny(MINORS, arbitration=Arbitration(shortlist=1)))["customers"].tolist() == [1, 3, 0]

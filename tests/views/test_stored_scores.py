"""Scores of a job in the place of a model."""

from __future__ import annotations

import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.features import known_customers
from nbo.models import PropensityModel
from nbo.next_best_offer import NextBestOffer
from nbo.simulate import World
from nbo.tables import CustomerTables, Spine
from nbo.views import StoredScores, customer_index, customer_snapshot

SALES = pd.DataFrame({"customer_id": ["ann", "bob"], "event_time": "2026-01-05", "amount": [1.0, 2.0]})
TOLD = pd.DataFrame(
    {
        "customer_id": ["ann", "ann", "ann", "bob"],
        "as_of": ["2026-01-20", "2026-01-28", "2026-01-28", "2026-03-01"],
        "offer_id": ["old", "card", "trip", "card"],
        "propensity": [0.9, 0.1, 0.3, 0.5],
        "churn_probability": [0.8, 0.2, 0.2, 0.4],
        "reason": None,
    }
)


def card(customer, as_of="2026-02-01", **given):
    return customer_snapshot(StoredScores(TOLD, **given), CustomerTables(transactions=SALES), customer, as_of)


def test_the_latest_scores_are_taken_best_offers_first_and_the_card_says_of_when():
    found = card("ann")
    offers = found.action["offers"]
    assert [(offer["offer_id"], offer["propensity"]) for offer in offers] == [("trip", 0.3), ("card", 0.1)]
    assert offers[0]["reason"] == "number 1 of 2 offers by propensity"
    assert found.flags["churn_probability"] == 0.2
    assert found.sources["flags.churn_probability"] == {"table": "model", "time": pd.Timestamp("2026-01-28")}


@pytest.mark.parametrize(
    ("customer", "as_of", "given"),
    [
        ("bob", "2026-02-01", {}),  # of a later moment
        ("ann", "2026-02-05", {}),  # older than a week
        ("ann", "2026-02-01", {"max_age": "3D"}),
        ("ann", "2026-01-27 12:00", {"max_age": "7D"}),
    ],
)
def test_scores_of_later_and_old_ones_are_never_used(customer, as_of, given):
    found = card(customer, as_of, **given)
    assert found.flags["churn_probability"] is None
    assert found.action["offers"] is None


def test_cards_of_stored_scores_are_those_of_the_model():
    world = World(customers=150, days=120, seed=4)
    moment = pd.Timestamp("2025-04-20")
    spine = known_customers(world.tables, moment)
    model = NextBestOffer(propensity=PropensityModel(n_estimators=10)).fit(world.tables, spine, as_of=moment)
    stored, index = StoredScores(model.score(world.tables, spine)), customer_index(world.tables)
    for customer in spine.frame["customer_id"][:4]:
        alone = customer_snapshot(model, index, customer, moment)
        assert customer_snapshot(stored, index, customer, moment).to_json() == alone.to_json()


def test_reasons_that_were_stored_are_told():
    told = TOLD.assign(reasons='["Age is 40: raises the score by 0.2"]')
    card = customer_snapshot(StoredScores(told), CustomerTables(transactions=SALES), "ann", "2026-02-01", reasons=1)
    assert card.action["offers"][0]["reasons"] == ["Age is 40: raises the score by 0.2"]
    hidden = customer_snapshot(
        StoredScores(told), CustomerTables(transactions=SALES), "ann", "2026-02-01", mask=("age",)
    )
    assert "raises the score" not in hidden.to_json() + hidden.to_text()


def test_wrong_scores_are_refused():
    with pytest.raises(InputError, match="scores lacks the column 'as_of'"):
        StoredScores(TOLD.drop(columns="as_of"))
    with pytest.raises(InputError, match="max_age"):
        StoredScores(TOLD, max_age="soon")
    with pytest.raises(InputError, match="scores.as_of"):
        StoredScores(TOLD.assign(as_of="soon"))


def test_it_says_what_it_holds():
    assert repr(StoredScores(TOLD)) == "StoredScores(4 rows, at most 7 days 00:00:00 old)"
    assert len(StoredScores(TOLD).score(None, Spine.at("2026-02-01", ["eve"]))) == 0

"""What the card says first: what to watch out for, the gravest on top."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from nbo.tables import CustomerTables
from nbo.views import customer_snapshot
from nbo.views.headlines import headlines, percent

AS_OF = pd.Timestamp("2026-02-01")


def blocks(**changed: Any) -> dict[str, dict[str, Any]]:
    """Make the blocks of a customer with nothing to watch out for, and change some fields."""
    found: dict[str, dict[str, Any]] = {
        "current": {"open_cases": [], "pending_orders": []},
        "flags": {"open_complaint": False, "churn_probability": None, "mood": None, "contacts_30D": 0},
        "identity": {"consents": {"email": True}},
    }
    return {
        block: {name: changed.get(name, entry) for name, entry in fields.items()} for block, fields in found.items()
    }


def mood(measure: str, score: float) -> dict[str, Any]:
    return {"measure": measure, "score": score, "time": pd.Timestamp("2026-01-05")}


def test_nothing_to_watch_out_for_is_said_too():
    assert headlines(blocks(), AS_OF) == [("good", "Nothing to watch out for")]


def test_the_gravest_comes_first():
    cases = [
        {"kind": "inquiry", "topic": "price", "days_open": 1},
        {"kind": "complaint", "topic": "delivery", "days_open": 10},
    ]
    found = headlines(blocks(open_cases=cases, churn_probability=0.34, pending_orders=[{}, {}], contacts_30D=4), AS_OF)
    assert found == [
        ("bad", "Open complaint: delivery, for 10 days"),
        ("watch", "Open inquiry: price, for 1 day"),
        ("watch", "Churn risk 34 %"),
        ("watch", "4 offers in 30 days"),
        ("watch", "2 pending orders"),
    ]


@pytest.mark.parametrize(
    ("field", "quiet", "told"),
    [
        ("churn_probability", 0.249, 0.25),
        ("contacts_30D", 3, 4),
        ("mood", mood("nps", 7.0), mood("nps", 6.0)),
        ("mood", mood("sentiment", -0.1), mood("sentiment", -0.2)),
        ("mood", mood("another survey", 0.0), mood("csat", 2.0)),
        ("consents", {"email": True, "sms": False}, {"email": False, "sms": None}),
        ("pending_orders", [], [{}]),
    ],
)
def test_each_headline_has_its_limit(field, quiet, told):
    assert headlines(blocks(**{field: quiet}), AS_OF)[0][0] == "good"
    assert [grave for grave, _ in headlines(blocks(**{field: told}), AS_OF)] == ["watch"]


def test_a_bad_mood_is_told_for_ninety_days():
    angry = blocks(mood=mood("nps", 0.0))
    said = angry["flags"]["mood"]["time"]
    assert [grave for grave, _ in headlines(angry, said + pd.Timedelta("90D"))] == ["watch"]
    assert [grave for grave, _ in headlines(angry, said + pd.Timedelta("91D"))] == ["good"]


def test_a_high_churn_risk_is_grave():
    assert headlines(blocks(churn_probability=0.5), AS_OF) == [("bad", "Churn risk 50 %")]


def test_what_is_hidden_is_not_told():
    hidden = blocks(
        open_cases="hidden", churn_probability="hidden", mood="hidden", contacts_30D="hidden", consents="hidden"
    )
    assert headlines(hidden, AS_OF) == [("good", "Nothing to watch out for that may be shown")]
    assert headlines(blocks(open_cases="hidden", open_complaint=True), AS_OF) == [("bad", "Open complaint")]


def test_percents_have_a_digit_more_where_they_are_small():
    assert [percent(share) for share in (0.0, 0.004, 0.094, 0.5, 1.0, None)] == [
        "0 %",
        "0.4 %",
        "9.4 %",
        "50 %",
        "100 %",
        "–",
    ]


def test_headlines_stand_before_all_else_in_text_and_page():
    cases = {"customer_id": ["ann"], "opened_at": ["2026-01-05"], "kind": ["complaint"], "topic": ["delivery"]}
    card = customer_snapshot(None, CustomerTables(cases=pd.DataFrame(cases)), "ann", "2026-01-15")
    for text in (card.to_text(), card._repr_html_()):
        assert text.index("Open complaint: delivery, for 10 days") < text.lower().index("interested in")

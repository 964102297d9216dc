"""What a role may not see is nowhere: not in the timeline, the JSON, the text, the HTML or the sources."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.tables import CustomerTables
from nbo.views import PERSONAL, ROLES, customer_snapshot

AS_OF = "2026-06-30"
BORN, SIGNED = pd.Timestamp("1990-03-14"), pd.Timestamp("2025-01-01 11:07")


def make_tables() -> CustomerTables:
    return CustomerTables(
        customers=pd.DataFrame(
            {
                "customer_id": "c1",
                "valid_from": [pd.Timestamp("2025-01-02"), pd.Timestamp("2025-06-01")],
                "name": ["Ann Lee", "Ann Hart"],
                "birth_date": BORN,
                "gender": "nonbinary",
                "city": "Leeds",
                "region": "Yorkshire",
                "country": "UKX",
                "postcode": "LS1 4DY",
                "email": "ann@example.org",
                "signed_up_at": SIGNED,
            }
        ),
        transactions=pd.DataFrame(
            {"customer_id": ["c1"], "event_time": ["2026-01-05"], "amount": [40.25], "category": ["Leeds souvenirs"]}
        ),
        cases=pd.DataFrame(
            {
                "customer_id": ["c1"],
                "opened_at": ["2026-06-20"],
                "kind": ["complaint"],
                "topic": ["Ann Lee: letter to LS1 4DY lost"],
            }
        ),
        referrals=pd.DataFrame({"customer_id": ["c1"], "event_time": ["2026-02-01"], "referred_id": ["friend77"]}),
        social=pd.DataFrame(
            {"customer_id": ["c1"], "event_time": ["2026-03-01"], "topic": ["ann@example.org"], "sentiment": [-0.5]}
        ),
    )


class Talkative:
    """Names the customer in its reasons."""

    def score(self, tables, spine):
        return pd.DataFrame(
            {
                "offer_id": ["o1"],
                "propensity": [0.5],
                "reason": ["Ann Hart of Leeds, Yorkshire, born 1990-03-14, likes it"],
                "segment": ["nonbinary, UKX"],
            }
        )


def texts_of(card) -> list[str]:
    return [card.to_json(), card.to_text(), card._repr_html_(), repr(card), str(card.phases), str(card.to_dict())]


SECRETS = ["Ann Lee", "Ann Hart", "nonbinary", "Leeds", "Yorkshire", "UKX", "LS1 4DY", "friend77", "ann@example.org"]


def test_the_card_tells_all_to_an_agent_and_without_a_role():
    for role in (None, "agent"):
        card = customer_snapshot(Talkative(), make_tables(), "c1", AS_OF, role=role)
        for secret in SECRETS:
            assert secret in card.to_json()
        assert card.identity["age"] == 36


@pytest.mark.parametrize("role", ["analyst", "partner"])
def test_nothing_personal_stands_anywhere_for_others(role):
    card = customer_snapshot(Talkative(), make_tables(), "c1", AS_OF, role=role)
    for text in texts_of(card):
        for secret in [*SECRETS, "1990"]:
            assert secret not in text
    assert {name: entry for name, entry in card.identity.items() if name in PERSONAL} == dict.fromkeys(
        ["name", "gender", "birth_date", "age", "location", "postcode"], "hidden"
    )
    assert card.identity["customer_id"] == "c1"
    assert card.current["open_cases"][0]["topic"] == "hidden: letter to hidden lost"


def test_a_channel_is_not_taken_for_the_address_that_it_is_called_like():
    customers = pd.DataFrame({"customer_id": ["ann"], "email": ["ann@example.org"], "consent_email": [True]})
    said = pd.DataFrame({"customer_id": ["ann"], "event_time": ["2026-01-05"], "event_type": ["message"]})
    tables = CustomerTables(customers=customers, events=said)
    card = customer_snapshot(None, tables, "ann", "2026-02-01", role="analyst")
    assert card.identity["consents"] == {"email": True}
    assert card.history["counts"] == {"message": 1}
    assert "ann@example.org" not in card.to_json()
    assert customer_snapshot(None, tables, "ann", "2026-02-01", mask=["consents"]).identity["consents"] == "hidden"


def walk(entry, key=""):
    if isinstance(entry, dict):
        for name, part in entry.items():
            yield from walk(part, name)
    elif isinstance(entry, list):
        for part in entry:
            yield from walk(part, key)
    else:
        yield key, entry


def test_a_partner_sees_nothing_of_what_the_customer_is_worth():
    card = customer_snapshot(Talkative(), make_tables(), "c1", AS_OF, role="partner")
    told = [key for key, entry in walk(card.to_dict()) if key in ROLES["partner"] and entry != "hidden"]
    assert told == []
    assert card.value["purchases"] == 1
    for text in texts_of(card):
        assert "40.25" not in text


def test_a_hidden_time_stands_in_no_source_either():
    card = customer_snapshot(None, make_tables(), "c1", AS_OF, mask=("first_purchase",))
    assert card.value["first_purchase"] == "hidden"
    assert card.sources["value.spent"] == {"table": "transactions", "time": "hidden"}
    for text in texts_of(card):
        assert "2026-01-05" not in text


def test_roles_of_ones_own_and_a_mask_beside_them():
    card = customer_snapshot(
        None, make_tables(), "c1", AS_OF, role="intern", roles={"intern": ["name"]}, mask=("postcode",)
    )
    assert (card.identity["name"], card.identity["postcode"], card.identity["gender"]) == (
        "hidden",
        "hidden",
        "nonbinary",
    )
    assert "Ann" not in card.to_json()


def test_a_role_that_is_none_and_a_field_that_is_none_are_refused():
    with pytest.raises(InputError, match="role must be one of 'agent', 'analyst', 'partner', or None; got 'boss'"):
        customer_snapshot(None, make_tables(), "c1", AS_OF, role="boss")
    with pytest.raises(InputError, match="'nmae' is neither"):
        customer_snapshot(None, make_tables(), "c1", AS_OF, role="intern", roles={"intern": ["nmae"]})


def test_json_of_a_masked_card_can_be_read():
    read = json.loads(customer_snapshot(None, make_tables(), "c1", AS_OF, role="partner").to_json())
    assert read["identity"]["name"] == "hidden"
    assert read["history"]["campaigns"]["offers"] == 0

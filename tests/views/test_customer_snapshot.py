"""The card of a customer: by hand, point in time, masks, and what a model adds."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from nbo.errors import InputError
from nbo.tables import CustomerTables
from nbo.views import customer_snapshot

AS_OF = "2026-06-30"


def make_tables() -> CustomerTables:
    return CustomerTables(
        customers=pd.DataFrame(
            {
                "customer_id": ["ann", "ann", "ann", "bob"],
                "valid_from": [None, "2026-03-01", "2026-06-30", None],
                "name": ["Ann Lee", "Ann <b>Lee</b>", "Ann Later", "Bob"],
                "birth_date": ["1990-06-30"] * 3 + ["1980-01-01"],
                "gender": ["f", "f", "f", "m"],
                "city": ["York", "Leeds", "Paris", "Rome"],
                "country": ["UK", "UK", "FR", "IT"],
                "signed_up_at": ["2025-06-30"] * 4,
                "household_id": ["h1", "h1", "h1", "h1"],
                "consent_email": [True, False, True, True],
            }
        ),
        transactions=pd.DataFrame(
            {
                "transaction_id": ["t1", "t2", "t3", "t4", "t5", "t6"],
                "customer_id": ["ann", "ann", "ann", "ann", "bob", "ann"],
                "event_time": ["2026-01-05", "2026-02-05", "2026-02-10", "2026-06-29", "2026-01-01", "2026-06-30"],
                "known_at": [None, None, None, None, None, None],
                "kind": ["sale", "sale", "return", "sale", "sale", "sale"],
                "status": ["completed", "completed", None, "pending", "completed", "completed"],
                "amount": [40.0, 25.0, 25.0, 60.0, 999.0, 7.0],
                "margin": [10.0, 8.0, -8.0, 20.0, 99.0, 3.0],
                "product_id": ["lamp", "rug", "rug", "sofa", "tv", "pen"],
                "category": ["light", "floor", "floor", "seat", "tech", "desk"],
            }
        ),
        cases=pd.DataFrame(
            {
                "case_id": ["c1", "c2"],
                "customer_id": ["ann", "ann"],
                "opened_at": ["2026-02-11", "2026-06-20"],
                "closed_at": ["2026-02-13", "2026-07-02"],
                "kind": ["complaint", "complaint"],
                "topic": ["damage", "late"],
                "satisfaction": [2, 5],
                "cost_to_serve": [4.5, 6.0],
            }
        ),
        events=pd.DataFrame(
            {
                "customer_id": ["ann", "visitor7", "visitor8"],
                "event_time": ["2026-06-01", "2026-06-02", "2026-06-03"],
                "event_type": ["page_view", "search", "search"],
                "category": ["seat", "seat", "seat"],
            }
        ),
        identities=pd.DataFrame(
            {
                "anonymous_id": ["visitor7", "visitor8"],
                "customer_id": ["ann", "ann"],
                "event_time": ["2026-06-05", "2026-07-05"],
            }
        ),
        social=pd.DataFrame(
            {"customer_id": ["ann"], "event_time": ["2026-01-20"], "kind": ["like"], "sentiment": [0.5]}
        ),
        catalog=pd.DataFrame(
            {
                "offer_id": ["o_seat", "o_light", "o_none"],
                "name": ["Sofa deal", "Lamp deal", "?"],
                "category": ["seat", "light", None],
            }
        ),
        decisions=pd.DataFrame(
            {
                "decision_id": ["d1", "d2", "d3", "d4"],
                "customer_id": ["ann", "ann", "ann", "ann"],
                "decided_at": ["2026-05-01", "2026-05-31", "2026-06-10", "2026-06-15"],
                "offer_id": ["o_seat", "o_light", "no_offer", "o_seat"],
            }
        ),
        outcomes=pd.DataFrame(
            {
                "decision_id": ["d1", "d2", "d4"],
                "outcome": ["reject", "accept", "accept"],
                "outcome_at": ["2026-05-02", "2026-06-01", "2026-06-30"],
            }
        ),
    )


class Model:
    """Scores three offers; keeps what it was given."""

    def score(self, tables, spine):
        self.seen = tables
        return pd.DataFrame(
            {
                "customer_id": "ann",
                "as_of": spine.frame["as_of"].iloc[0],
                "offer_id": ["o_light", "o_seat", "o_none", "no_offer"],
                "propensity": [0.2, 0.1, 0.3, 0.0],
                "value": [10.0, 50.0, 1.0, 0.0],
                "priority": [2.0, 5.0, 0.3, 9.0],
                "churn_probability": 0.25,
                "clv": 120.0,
                "segment": "s1",
            }
        )


def test_identity_holds_what_held_strictly_before_the_moment():
    card = customer_snapshot(None, make_tables(), "ann", AS_OF).identity
    assert card["name"] == "Ann <b>Lee</b>"
    assert card["location"] == "Leeds, UK"
    assert card["age"] == 2026 - 1990
    assert card["tenure_days"] == 365
    assert card["consents"] == {"email": False}


def test_the_age_goes_up_on_the_birthday():
    assert customer_snapshot(None, make_tables(), "ann", "2026-06-29 23:00").identity["age"] == 2026 - 1990 - 1


def test_current_block_by_hand():
    current = customer_snapshot(None, make_tables(), "ann", AS_OF).current
    assert [order["transaction_id"] for order in current["pending_orders"]] == ["t4"]
    assert [order["transaction_id"] for order in current["recent_orders"]] == ["t2", "t1"]
    assert [(case["topic"], case["days_open"]) for case in current["open_cases"]] == [("late", 10)]


def test_value_block_by_hand():
    value = customer_snapshot(None, make_tables(), "ann", AS_OF).value
    assert (value["spent"], value["returned"], value["net"]) == (40.0 + 25.0, 25.0, 40.0 + 25.0 - 25.0)
    assert value["margin"] == 10.0 + 8.0 - 8.0
    assert value["cost_to_serve"] == 4.5
    assert (value["purchases"], value["returns"]) == (2, 1)
    assert value["products_held"] == ["lamp"]
    assert (value["first_purchase"], value["last_purchase"]) == (pd.Timestamp("2026-01-05"), pd.Timestamp("2026-02-05"))


def test_flags_by_hand():
    flags = customer_snapshot(None, make_tables(), "ann", AS_OF).flags
    assert flags["open_complaint"] is True
    assert flags["complaints"] == 2
    # d2 was made exactly 30 days before, which counts; d3 made no offer.
    assert flags["contacts_30D"] == 2
    assert flags["mood"]["score"] == 2.0
    assert flags["mood"]["time"] == pd.Timestamp("2026-02-13")
    assert flags["last_issue"]["topic"] == "late"


def test_history_shows_answers_known_by_then_and_stitched_events():
    history = customer_snapshot(None, make_tables(), "ann", AS_OF).history
    offers = {line["time"]: line.get("outcome") for line in history["timeline"] if line["event"] == "offer"}
    assert list(offers.values()) == [None, "accept", "reject"]
    assert history["counts"] == {
        "complaint": 2, "offer": 3, "page_view": 1, "purchase": 3, "return": 1, "search": 1, "social like": 1,
    }  # fmt: skip
    times = [line["time"] for line in history["timeline"]]
    assert times == sorted(times, reverse=True)


def test_last_bounds_the_rows_of_each_table():
    card = customer_snapshot(None, make_tables(), "ann", AS_OF, last=1)
    assert [line["event"] for line in card.history["timeline"] if line["table"] == "transactions"] == ["purchase"]
    assert len(card.current["recent_orders"]) == 1
    assert card.history["counts"]["purchase"] == 3


def test_a_satisfaction_counts_only_once_the_case_is_closed():
    card = customer_snapshot(None, make_tables(), "ann", "2026-07-03")
    assert card.flags["mood"]["score"] == 5.0
    assert card.value["cost_to_serve"] == 4.5 + 6.0
    assert card.flags["open_complaint"] is False


def append(tables: CustomerTables, **rows: dict) -> CustomerTables:
    grown = {name: pd.concat([tables.get(name), pd.DataFrame([row])], ignore_index=True) for name, row in rows.items()}
    return tables.replace(**grown)


FUTURE = {
    "customers": {"customer_id": "ann", "valid_from": pd.Timestamp(AS_OF), "name": "Later"},
    "transactions": {"transaction_id": "x", "customer_id": "ann", "event_time": pd.Timestamp(AS_OF), "amount": 1e6},
    "cases": {"case_id": "x", "customer_id": "ann", "opened_at": pd.Timestamp(AS_OF), "kind": "complaint"},
    "events": {"customer_id": "ann", "event_time": pd.Timestamp("2026-08-01"), "event_type": "call"},
    "social": {"customer_id": "ann", "event_time": pd.Timestamp(AS_OF), "kind": "share", "sentiment": -1.0},
    "decisions": {"decision_id": "x", "customer_id": "ann", "decided_at": pd.Timestamp(AS_OF), "offer_id": "o_seat"},
    "outcomes": {"decision_id": "d4", "outcome": "reject", "outcome_at": pd.Timestamp("2026-07-30")},
    "identities": {"anonymous_id": "visitor9", "customer_id": "ann", "event_time": pd.Timestamp(AS_OF)},
}


@pytest.mark.parametrize("name", FUTURE)
def test_a_future_row_changes_nothing(name):
    before, after = Model(), Model()
    tables = make_tables()
    card = customer_snapshot(before, tables, "ann", AS_OF).to_json()
    assert customer_snapshot(after, append(tables, **{name: FUTURE[name]}), "ann", AS_OF).to_json() == card
    for table in before.seen.names:
        pd.testing.assert_frame_equal(
            before.seen.get(table).reset_index(drop=True),
            after.seen.get(table)[before.seen.get(table).columns].reset_index(drop=True),
            check_dtype=False,
        )


def test_a_row_known_late_changes_nothing_before():
    late = {**FUTURE["transactions"], "event_time": pd.Timestamp("2026-01-01"), "known_at": pd.Timestamp(AS_OF)}
    tables = make_tables()
    grown = append(tables, transactions=late)
    assert (
        customer_snapshot(None, grown, "ann", AS_OF).to_json()
        == customer_snapshot(None, tables, "ann", AS_OF).to_json()
    )
    assert customer_snapshot(None, grown, "ann", "2026-06-30 00:01").value["spent"] > 1e6


def test_the_order_of_the_rows_changes_nothing():
    tables = make_tables()
    turned = CustomerTables(**{name: tables.get(name).iloc[::-1] for name in tables.names})
    assert (
        customer_snapshot(Model(), turned, "ann", AS_OF).to_json()
        == customer_snapshot(Model(), tables, "ann", AS_OF).to_json()
    )


def test_other_customers_change_nothing_and_are_not_scored():
    tables = make_tables()
    alone = CustomerTables(
        **{
            name: frame[frame["customer_id"] != "bob"] if "customer_id" in frame else frame
            for name, frame in ((name, tables.get(name)) for name in tables.names)
        }
    )
    model = Model()
    assert (
        customer_snapshot(None, alone, "ann", AS_OF).to_json()
        == customer_snapshot(None, tables, "ann", AS_OF).to_json()
    )
    stranger = append(
        tables, transactions={**FUTURE["transactions"], "customer_id": "eve", "event_time": pd.Timestamp("2026-01-01")}
    )
    customer_snapshot(model, stranger, "ann", AS_OF)
    # Bob is of the same household, so features of the household may need him.
    assert set(model.seen.transactions["customer_id"]) == {"ann", "bob"}
    assert len(model.seen.get("catalog")) == 3


def test_the_model_adds_offers_churn_and_lifetime_value():
    card = customer_snapshot(Model(), make_tables(), "ann", AS_OF)
    assert [offer["offer_id"] for offer in card.action["offers"]] == ["o_seat", "o_light", "o_none"]
    assert card.action["offers"][0] == {
        "offer_id": "o_seat", "name": "Sofa deal", "propensity": 0.1, "value": 50.0, "priority": 5.0,
        "reason": "number 1 of 3 offers by priority",
    }  # fmt: skip
    assert (card.flags["churn_probability"], card.value["clv"], card.flags["segment"]) == (0.25, 120.0, "s1")
    # Ann holds a lamp (light), not the sofa on order (seat); the third offer has no category.
    assert (card.flags["cross_sell"], card.flags["up_sell"]) == ("o_seat", "o_light")
    assert card.sources["flags.churn_probability"]["table"] == "model"


def test_offers_that_may_not_be_made_are_not_shown():
    class Strict(Model):
        def score(self, tables, spine):
            return super().score(tables, spine).assign(eligible=[True, False, False, True])

    class Closed(Model):
        def score(self, tables, spine):
            return super().score(tables, spine).assign(eligible=False)

    card = customer_snapshot(Strict(), make_tables(), "ann", AS_OF)
    assert [offer["offer_id"] for offer in card.action["offers"]] == ["o_light"]
    assert (card.flags["cross_sell"], card.flags["up_sell"]) == (None, "o_light")
    closed = customer_snapshot(Closed(), make_tables(), "ann", AS_OF)
    assert closed.action["offers"] == []
    assert closed.flags["churn_probability"] == 0.25


def test_without_a_model_the_card_says_so():
    card = customer_snapshot(None, make_tables(), "ann", AS_OF)
    assert card.action["offers"] is None
    assert card.flags["churn_probability"] is None
    assert "No model was given" in card.to_text()
    assert "No model was given" in card._repr_html_()
    assert "No model was given" not in customer_snapshot(Model(), make_tables(), "ann", AS_OF).to_text()


def test_what_follows_most_often_is_said_once_there_are_five_steps():
    pattern = ["search", "cart", "search", "cart", "search", "call", "search", "cart", "search", "cart", "search"]
    days = pd.date_range("2026-01-01", periods=len(pattern))
    events = pd.DataFrame({"customer_id": "ann", "event_time": days, "event_type": pattern})
    card = customer_snapshot(None, CustomerTables(events=events), "ann", AS_OF)
    assert card.action["likely_next"] == {"event": "cart", "after": "search", "share": 4 / 5, "times": 5}
    thin = customer_snapshot(None, CustomerTables(events=events.iloc[2:]), "ann", AS_OF)
    assert thin.action["likely_next"] is None
    assert "Likely next" not in thin.to_text()


def test_masked_fields_are_hidden_in_every_form():
    card = customer_snapshot(Model(), make_tables(), "ann", AS_OF, mask=("name", "birth_date", "city", "amount"))
    assert card.identity["name"] == card.identity["birth_date"] == "hidden"
    assert card.identity["location"] == "hidden, UK"
    assert all(order["amount"] == "hidden" for order in card.current["recent_orders"])
    for text in (card.to_text(), card.to_json(), card._repr_html_()):
        assert "Lee" not in text
        assert "1990" not in text


def test_a_mask_that_hides_nothing_is_refused():
    with pytest.raises(InputError, match="mask must name fields .* 'nmae' is neither"):
        customer_snapshot(None, make_tables(), "ann", AS_OF, mask=("nmae",))


@pytest.mark.parametrize("customer_id", ["zed", 7])
def test_an_unknown_customer_is_refused(customer_id):
    with pytest.raises(InputError, match=f"no table has a row of {customer_id!r}"):
        customer_snapshot(None, make_tables(), customer_id, AS_OF)


def test_a_customer_known_only_later_is_refused():
    tables = make_tables()
    grown = append(tables, transactions={**FUTURE["transactions"], "customer_id": "zed"})
    with pytest.raises(InputError, match="no table has a row of 'zed'"):
        customer_snapshot(None, grown, "zed", AS_OF)


@pytest.mark.parametrize("last", [0, 1.5, True])
def test_last_below_one_is_refused(last):
    with pytest.raises(InputError, match="last must be a whole number"):
        customer_snapshot(None, make_tables(), "ann", AS_OF, last=last)


def test_a_model_that_cannot_score_is_refused():
    with pytest.raises(TypeError, match="model must have a method score"):
        customer_snapshot("champion", make_tables(), "ann", AS_OF)


def test_every_field_has_its_source():
    card = customer_snapshot(Model(), make_tables(), "ann", AS_OF)
    fields = {f"{block}.{name}" for block in card.BLOCKS for name in getattr(card, block)}
    assert set(card.sources) == fields
    assert {name.split(".")[1] for name in fields} == set(card.FIELDS)
    assert card.sources["identity.name"] == {"table": "customers", "time": pd.Timestamp("2026-03-01")}
    assert card.sources["value.cost_to_serve"] == {"table": "cases", "time": pd.Timestamp("2026-02-13")}
    moment = pd.Timestamp(AS_OF)
    assert all(
        source["time"] is None or source["time"] < moment or source["table"] == "model"
        for source in card.sources.values()
    )


def test_the_card_is_escaped():
    page = customer_snapshot(None, make_tables(), "ann", AS_OF)._repr_html_()
    assert "<b>" not in page
    assert "Ann &lt;b&gt;Lee&lt;/b&gt;" in page


def test_json_holds_the_same_as_the_card():
    card = customer_snapshot(Model(), make_tables(), "ann", AS_OF)
    read = json.loads(card.to_json())
    assert read == card.to_dict()
    assert read["as_of"] == "2026-06-30T00:00:00Z"
    assert read["value"]["spent"] == card.value["spent"]


def test_integer_ids_and_one_table_are_enough():
    sales = pd.DataFrame({"customer_id": [7, 8], "event_time": ["2026-01-05", "2026-01-06"]})
    card = customer_snapshot(None, CustomerTables(transactions=sales), 7, AS_OF)
    assert card.identity["customer_id"] == 7
    assert card.value["purchases"] == 1
    assert card.value["margin"] is None
    assert json.loads(card.to_json())["identity"]["customer_id"] == 7


def test_the_model_sees_the_economy_and_the_account_as_known_then():
    customers = pd.DataFrame({"customer_id": ["ann", "bob", "cy"], "account_id": ["a", "a", "b"]})
    sales = pd.DataFrame({"customer_id": ["ann", "bob", "cy"], "event_time": "2026-01-01", "amount": 1.0})
    figures = pd.DataFrame({"series": "cpi", "valid_from": ["2026-01-01", "2099-01-01"], "value": [1.0, 2.0]})
    model = Model()
    customer_snapshot(model, CustomerTables(customers=customers, transactions=sales, macro=figures), "ann", AS_OF)
    assert model.seen.macro["value"].tolist() == [1.0]
    assert set(model.seen.transactions["customer_id"]) == {"ann", "bob"}


def test_reasons_are_told_where_the_model_can_and_nothing_is_hidden():
    class Reasoned(Model):
        def score(self, tables, spine, reasons=0):
            frame = super().score(tables, spine)
            return frame.assign(reasons=json.dumps(["<b> is 3: raises the score"] * reasons)) if reasons else frame

    own = make_tables()
    card = customer_snapshot(Reasoned(), own, "ann", AS_OF, reasons=1)
    assert card.action["offers"][0]["reasons"] == ["<b> is 3: raises the score"]
    assert "&lt;b&gt; is 3: raises the score" in card._repr_html_()
    assert "reasons" not in customer_snapshot(Reasoned(), own, "ann", AS_OF).action["offers"][0]
    masked = customer_snapshot(Reasoned(), own, "ann", AS_OF, reasons=1, mask=("name",))
    assert "reasons" not in masked.action["offers"][0]
    with pytest.raises(InputError, match="reasons must be a whole number of 0 or more"):
        customer_snapshot(None, own, "ann", AS_OF, reasons=-1)

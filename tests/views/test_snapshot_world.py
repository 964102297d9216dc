"""Cards of a simulated world: equal to plain loops over the rows, and blind to what comes later."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from nbo.features import known_customers
from nbo.journeys import NextActionModel, StageModel, interests
from nbo.simulate import World
from nbo.tables import CONTRACTS, CustomerTables, Spine
from nbo.views import customer_index, customer_snapshot

AS_OF = pd.Timestamp("2025-06-15")
DAY = pd.Timedelta("1D")


@pytest.fixture(scope="module")
def tables() -> CustomerTables:
    """A simulated world in which some orders are pending."""
    made = World(customers=240, days=210, seed=11).tables
    sales = made.transactions
    waits = sales["event_time"].between(AS_OF - 10 * DAY, AS_OF) & (np.arange(len(sales)) % 3 == 0)
    return made.replace(transactions=sales.assign(status=sales["status"].where(~waits, "pending")))


def known(frame: pd.DataFrame, time: str, customer: str) -> list[dict]:
    found = []
    for row in frame[frame["customer_id"] == customer].to_dict("records"):
        late = row.get("known_at")
        if row[time] < AS_OF and (pd.isna(late) or late < AS_OF):
            found.append(row)
    return found


def cents(rows: list[dict], column: str) -> int:
    return sum(round(Decimal(str(row[column])) * 100) for row in rows)


def by_plain_loop(tables: CustomerTables, customer: str) -> dict[str, object]:
    """Work out the numbers of a card row by row, without anything of the view."""
    orders = known(tables.transactions, "event_time", customer)
    done = [row for row in orders if row["status"] != "pending"]
    sales = [row for row in done if row["kind"] == "sale"]
    returns = [row for row in done if row["kind"] == "return"]
    cases = known(tables.cases, "opened_at", customer)
    closed = [row for row in cases if row["closed_at"] < AS_OF]
    still_open = [row for row in cases if not row["closed_at"] < AS_OF]
    made = [row for row in known(tables.decisions, "decided_at", customer) if row["offer_id"] != "no_offer"]
    answers = {}
    for row in tables.outcomes[tables.outcomes["decision_id"].isin([row["decision_id"] for row in made])].to_dict(
        "records"
    ):
        if row["outcome_at"] < AS_OF:
            answers[row["decision_id"]] = row["outcome"]
    links = tables.identities[tables.identities["customer_id"] == customer].to_dict("records")
    events = known(tables.events, "event_time", customer)
    for link in links:
        if link["event_time"] < AS_OF:
            events += [
                row
                for row in tables.events[tables.events["customer_id"] == link["anonymous_id"]].to_dict("records")
                if row["event_time"] < AS_OF
            ]
    pieces: dict[str, float] = {}
    for row in sales + returns:
        pieces[row["product_id"]] = pieces.get(row["product_id"], 0) + row["quantity"] * (
            1 if row["kind"] == "sale" else -1
        )
    counts: dict[str, int] = {}
    names = [*("purchase" if row["kind"] == "sale" else row["kind"] for row in orders)]
    names += [row["kind"] for row in cases] + [row["event_type"] for row in events] + ["offer"] * len(made)
    names += ["referral"] * len(known(tables.referrals, "event_time", customer))
    names += [f"social {row['kind']}" for row in known(tables.social, "event_time", customer)]
    names += [f"survey {row['survey']}" for row in known(tables.surveys, "event_time", customer)]
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return {
        "spent": cents(sales, "amount"),
        "returned": cents(returns, "amount"),
        "net": cents(sales, "amount") - cents(returns, "amount"),
        "margin": cents(sales + returns, "margin") if done else None,
        "cost_to_serve": cents(closed, "cost_to_serve") if closed else None,
        "purchases": len(sales),
        "returns": len(returns),
        "products_held": sorted(name for name, n in pieces.items() if n > 0),
        "first_purchase": min((row["event_time"] for row in sales), default=None),
        "last_purchase": max((row["event_time"] for row in sales), default=None),
        "pending": len([row for row in orders if row["status"] == "pending" and row["kind"] == "sale"]),
        "open_cases": sorted((row["case_id"], (AS_OF - row["opened_at"]).days) for row in still_open),
        "open_complaint": any(row["kind"] == "complaint" for row in still_open),
        "complaints": len([row for row in cases if row["kind"] == "complaint"]),
        "contacts_30D": len([row for row in made if row["decided_at"] >= AS_OF - 30 * DAY]),
        "offers": len(made),
        "accepted": len([answer for answer in answers.values() if answer == "accept"]),
        "rejected": len([answer for answer in answers.values() if answer == "reject"]),
        "counts": counts,
    }


def of_card(card) -> dict[str, object]:
    money = {name: card.value[name] for name in ("spent", "returned", "net", "margin", "cost_to_serve")}
    counted = {
        name: card.value[name] for name in ("purchases", "returns", "products_held", "first_purchase", "last_purchase")
    }
    flags = {name: card.flags[name] for name in ("open_complaint", "complaints", "contacts_30D")}
    return {
        **{name: None if amount is None else round(Decimal(str(amount)) * 100, 6) for name, amount in money.items()},
        **counted,
        **flags,
        **{name: card.history["campaigns"][name] for name in ("offers", "accepted", "rejected")},
        "pending": len(card.current["pending_orders"]),
        "open_cases": sorted((case["case_id"], case["days_open"]) for case in card.current["open_cases"]),
        "counts": card.history["counts"],
    }


@pytest.fixture(scope="module")
def cards(tables) -> dict:
    """The card of everybody who was known then."""
    index = customer_index(tables)
    everyone = known_customers(tables, AS_OF).frame["customer_id"]
    return {customer: customer_snapshot(None, index, customer, AS_OF) for customer in everyone}


def test_the_cards_of_200_customers_are_those_of_a_plain_loop_to_the_cent(tables, cards):
    for customer in np.random.default_rng(3).choice(list(cards), 200, replace=False):
        assert of_card(cards[customer]) == by_plain_loop(tables, customer), customer


def test_the_money_of_all_cards_is_that_of_the_tables_to_the_cent(tables, cards):
    sales = tables.transactions
    sales = sales[(sales["kind"] == "sale") & (sales["status"] != "pending") & (sales["event_time"] < AS_OF)]
    spent = sum(round(100 * card.value["spent"]) for card in cards.values())
    assert spent == sum(round(100 * amount) for amount in sales["amount"]) > 0


def test_stage_interests_and_what_is_expected_are_those_of_the_room_that_computes_them(tables):
    spine = known_customers(tables, AS_OF)
    journey, next_action = StageModel().fit(tables, spine), NextActionModel().fit(tables, AS_OF)
    index, chances = customer_index(tables), journey.next_stages(tables, spine).set_index("customer_id")
    stages = journey.stages(tables, spine).set_index("customer_id")
    wanted = next_action.predict(tables, spine)
    topics = interests(tables, spine)
    for customer in spine.frame["customer_id"][:25]:
        card = customer_snapshot(None, index, customer, AS_OF, journey=journey, next_action=next_action)
        stage = stages.loc[customer, "stage"]
        if pd.isna(stage):
            assert card.current["stage"] is None
            assert card.action["next_stage"] is None
        else:
            assert card.current["stage"]["stage"] == stage
            assert card.current["stage"]["since"] == stages.loc[customer, "since"]
            others = chances.loc[customer, journey.names].drop(stage).astype(float)
            assert card.action["next_stage"] == {"stage": others.idxmax(), "probability": others.max(), "step": "30D"}
        own = wanted[wanted["customer_id"] == customer]
        assert card.action["expected_now"] == own[["action", "probability"]].to_dict("records")
        for kind in ("interest", "pain"):
            of_kind = topics[(topics["customer_id"] == customer) & (topics["kind"] == kind)].head(3)
            found = card.action[f"{kind}s"]
            assert [line["topic"] for line in found] == of_kind["topic"].tolist()
            assert [line["share"] for line in found] == pytest.approx(of_kind["share"].tolist())


def test_past_present_and_future_hold_the_same_as_the_blocks(tables):
    customer = known_customers(tables, AS_OF).frame["customer_id"].iloc[0]
    card = customer_snapshot(None, tables, customer, AS_OF)
    told = {name: entry for phase in card.phases.values() for name, entry in phase.items()}
    assert list(card.phases) == ["past", "present", "future"]
    assert told == {name: entry for block in card.BLOCKS for name, entry in getattr(card, block).items()}
    assert {"campaigns", "viewed", "counts", "spent"} <= set(card.phases["past"])
    assert {"name", "stage", "open_cases", "pending_orders"} <= set(card.phases["present"])
    assert {"interests", "pains", "next_stage", "expected_now", "offers", "cross_sell", "clv"} <= set(
        card.phases["future"]
    )


def later_rows(tables: CustomerTables, customer: str, how: str) -> CustomerTables:
    """Add to every table a row of the customer that happens, or becomes known, at the moment."""
    grown = {}
    for name in tables.names:
        contract, frame = CONTRACTS[name], tables.get(name)
        if (
            contract.time is None
            or "customer_id" not in frame
            or (how == "late" and contract.column("known_at") is None)
        ):
            continue
        row = {**frame.iloc[0].to_dict(), "customer_id": customer}
        row[contract.time] = AS_OF if how == "later" else AS_OF - 5 * DAY
        for column in ("transaction_id", "case_id", "decision_id", "referred_id", "anonymous_id"):
            row |= {column: "NEW"} if column in row else {}
        row |= {"known_at": AS_OF} if how == "late" else {}
        grown[name] = pd.concat([frame, pd.DataFrame([row])], ignore_index=True)
    return tables.replace(**grown)


@pytest.mark.parametrize("how", ["later", "late"])
def test_rows_that_come_or_become_known_later_change_no_card(tables, how):
    everyone = known_customers(tables, AS_OF).frame["customer_id"]
    journey, next_action = StageModel().fit(tables, Spine.at(AS_OF, everyone)), NextActionModel().fit(tables, AS_OF)
    for customer in everyone[:2]:
        grown = later_rows(tables, customer, how)
        assert len(grown.names) >= 10
        cards = [
            customer_snapshot(None, source, customer, AS_OF, journey=journey, next_action=next_action).to_json()
            for source in (tables, grown, customer_index(grown))
        ]
        assert cards[0] == cards[1] == cards[2]
        after = customer_snapshot(None, grown, customer, AS_OF + pd.Timedelta("1s")).to_json()
        assert after != customer_snapshot(None, tables, customer, AS_OF + pd.Timedelta("1s")).to_json()


def test_the_history_has_all_events_of_the_customer_in_order_and_none_of_others(tables):
    everyone = known_customers(tables, AS_OF).frame["customer_id"]
    for customer in everyone[:10]:
        card = customer_snapshot(None, tables, customer, AS_OF, last=10_000)
        timeline = card.history["timeline"]
        times = [line["time"] for line in timeline]
        assert times == sorted(times, reverse=True)
        assert len(timeline) == sum(by_plain_loop(tables, customer)["counts"].values())
        own = {row["transaction_id"] for row in known(tables.transactions, "event_time", customer)}
        assert {
            order["transaction_id"] for order in card.current["recent_orders"] + card.current["pending_orders"]
        } <= own

"""The run of a world: people, their lives, what they do, and the tables of it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.simulate.cases import cases_table, surveys_table
from nbo.simulate.clock import Clock
from nbo.simulate.customers import SEGMENTS, People, draw_people
from nbo.simulate.demographics import customers_table, environment_table
from nbo.simulate.events import anonymous_tables, events_frame
from nbo.simulate.history import Contacts, decisions_frame, draw_contacts
from nbo.simulate.labels import numbered
from nbo.simulate.lives import CONTACT_DAYS, Lives, live
from nbo.simulate.offers import CHANNELS, OfferBook, draw_offers
from nbo.simulate.purchases import Sales, accepted_sales, draw_sales, present, transactions_frame
from nbo.simulate.responses import Answers, Responses
from nbo.simulate.sessions import Sessions, draw_sessions, email_opens, intent_of
from nbo.simulate.social import referrals_table, relationships_table, social_table
from nbo.tables import CustomerTables

__all__ = ["simulate"]

# Each part has a random stream of its own, so that a change in one leaves the others as they are.
_STREAMS = (
    "people",
    "offers",
    "lives",
    "sales",
    "sessions",
    "contacts",
    "accepted",
    "opens",
    "transactions",
    "events",
    "anonymous",
    "customers",
    "environment",
    "cases",
    "surveys",
    "social",
    "relationships",
    "referrals",
)

Ids = pd.api.extensions.ExtensionArray
Span = tuple[np.ndarray, np.ndarray]
Streams = dict[str, np.random.Generator]


def simulate(customers: int, seed: int, contact_days: int, clock: Clock) -> tuple[Responses, Ids, CustomerTables]:
    """Run a world.

    Parameters
    ----------
    customers : int
    seed : int
    contact_days : int
        Days from the start on which contacts are logged.
    clock : Clock

    Returns
    -------
    responses : Responses
        The planted truth.
    ids : array of str, shape (customers,)
        Customer ids.
    tables : CustomerTables
    """
    rng = {name: np.random.default_rng([seed, number]) for number, name in enumerate(_STREAMS)}
    ids = numbered("C", np.arange(1, customers + 1), 7).array
    people = draw_people(rng["people"], customers, clock, CONTACT_DAYS)
    offers = draw_offers(rng["offers"], len(SEGMENTS), clock)
    lives = live(rng["lives"], people, contact_days, clock)
    sales = draw_sales(rng["sales"], people, lives, clock)
    span = present(people, lives, clock)
    sessions = draw_sessions(rng["sessions"], people, sales, *span)
    responses = Responses(people, lives, offers, intent_of(sessions, clock), clock)
    contacts, eligible = draw_contacts(rng["contacts"], people, lives, offers)
    decisions = decisions_frame(contacts, eligible, offers, ids, clock)
    answers = responses.answers(decisions[c.DECISION_ID], contacts, f"{seed}/history")
    all_sales = sales.joined_with(_sales_of(rng["accepted"], contacts, answers, offers, clock))
    opens = _opened(rng["opens"], contacts, span)
    anonymous, identities = anonymous_tables(rng["anonymous"], people, ids, clock)
    tables = CustomerTables(
        **_attribute_tables(rng, people, all_sales, span, ids, clock),
        **_opinion_tables(rng, people, lives, span, ids, clock),
        transactions=transactions_frame(rng["transactions"], all_sales, ids, lives, clock),
        events=events_frame(rng["events"], sessions, opens, anonymous, ids, clock),
        identities=identities,
        catalog=offers.catalog.to_frame(),
        decisions=decisions,
        outcomes=answers.frame,
    )
    return responses, ids, tables


def _sales_of(rng: np.random.Generator, contacts: Contacts, answers: Answers, offers: OfferBook, clock: Clock) -> Sales:
    """Turn accepted offers into sales, at the moment of the answer."""
    bought = answers.accepted & (answers.second < clock.end)
    place = answers.place[bought]
    offer = contacts.offer[place]
    value = offers.catalog.values[offer]
    return accepted_sales(rng, contacts.customer[place], answers.second[bought], offers.category[offer], value)


def _opened(rng: np.random.Generator, contacts: Contacts, span: Span) -> Sessions:
    """Draw which offers that went by e-mail are opened."""
    sent = contacts.channel == CHANNELS.index("email")
    return email_opens(rng, contacts.customer[sent], contacts.second[sent], span[1])


def _attribute_tables(
    rng: Streams, people: People, sales: Sales, span: Span, ids: Ids, clock: Clock
) -> dict[str, pd.DataFrame]:
    customers = customers_table(rng["customers"], people, ids, clock)
    return {
        "customers": customers,
        "environment": environment_table(rng["environment"], people, ids, clock),
        "relationships": relationships_table(rng["relationships"], people, ids, clock),
        "referrals": referrals_table(rng["referrals"], people, sales, customers, span, ids, clock),
    }


def _opinion_tables(
    rng: Streams, people: People, lives: Lives, span: Span, ids: Ids, clock: Clock
) -> dict[str, pd.DataFrame]:
    cases = cases_table(rng["cases"], people, lives, span, ids, clock)
    return {
        "cases": cases,
        "surveys": surveys_table(rng["surveys"], people, cases, span, ids, clock),
        "social": social_table(rng["social"], people, span, ids, clock),
    }

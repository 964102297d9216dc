"""Contracts of what customers do and say, and of what we did."""

from __future__ import annotations

from typing import Final

from nbo import columns as c
from nbo.tables.contract_columns import (
    CUSTOMER_LINK,
    KNOWN_AT,
    VALID_FROM,
    customer_column,
    happened_column,
    money_column,
)
from nbo.tables.schema import Column, TableContract

__all__ = ["INTERACTION_CONTRACTS"]

_EVENTS = TableContract(
    "events",
    "behavioral",
    "Something a customer did on the web, in the app, by e-mail, chat or phone.",
    (
        customer_column("Who, or an anonymous id that `identities` resolves later."),
        happened_column(),
        KNOWN_AT,
        Column(c.EVENT_TYPE, "category", "page_view, search, cart, app_open, email_open, download, chat, call ..."),
        Column(c.PRODUCT_ID, "key", "Product looked at."),
        Column(c.CATEGORY, "category", "Product category looked at."),
        Column(c.SESSION_ID, "key", "Visit."),
        Column(c.DURATION, "number", "How long.", unit="seconds", low=0),
        Column(c.DEVICE, "category", "Device."),
        Column(c.CHANNEL, "category", "Channel."),
    ),
    time=c.EVENT_TIME,
    links=(CUSTOMER_LINK,),
)
_IDENTITIES = TableContract(
    "identities",
    "behavioral",
    "An anonymous visitor turns out to be a customer.",
    (
        Column(c.ANONYMOUS_ID, "key", "Id that the events carry.", required=True),
        customer_column("The customer it is."),
        happened_column(meaning="When the link became known; earlier events count from then on."),
    ),
    unique=(c.ANONYMOUS_ID,),
    time=c.EVENT_TIME,
    links=(CUSTOMER_LINK,),
)
_SOCIAL = TableContract(
    "social",
    "social",
    "A like, share, comment, mention or follow.",
    (
        customer_column(),
        happened_column(),
        KNOWN_AT,
        Column(c.KIND, "category", "What was done.", values=("like", "share", "comment", "mention", "follow")),
        Column(c.TOPIC, "category", "What it is about."),
        Column(c.SENTIMENT, "number", "Mood from -1 (bad) to 1 (good).", low=-1, high=1),
        Column(c.REACH, "number", "People who could see it.", unit="people", low=0),
    ),
    time=c.EVENT_TIME,
    links=(CUSTOMER_LINK,),
)
_SURVEYS = TableContract(
    "surveys",
    "social",
    "An answer to a survey.",
    (
        customer_column(),
        happened_column(),
        KNOWN_AT,
        Column(c.SURVEY, "category", "Which: csat, nps ..."),
        Column(c.SCORE, "number", "The answer."),
        Column(c.WEIGHT, "number", "Survey weight.", low=0),
    ),
    time=c.EVENT_TIME,
    links=(CUSTOMER_LINK,),
)
_RELATIONSHIPS = TableContract(
    "relationships",
    "social",
    "An edge between two customers.",
    (
        customer_column("One end."),
        Column(c.RELATED_ID, "key", "The other end.", required=True),
        VALID_FROM,
        KNOWN_AT,
        Column(c.KIND, "category", "friend, family, colleague ..."),
        Column(c.WEIGHT, "number", "Strength.", low=0),
    ),
    unique=(c.CUSTOMER_ID, c.RELATED_ID, c.KIND, c.VALID_FROM),
    time=c.VALID_FROM,
    links=(CUSTOMER_LINK, (c.RELATED_ID, "customers", c.CUSTOMER_ID)),
)
_CATALOG = TableContract(
    "catalog",
    "what we did",
    "An offer that can be made.",
    (
        Column(c.OFFER_ID, "key", "Identifies the offer.", required=True),
        Column(c.NAME, "text", "What people call it."),
        Column(c.CATEGORY, "category", "Product category."),
        Column(c.KIND, "category", "discount, bundle, retention ..."),
        money_column(c.VALUE, "Margin if the offer is accepted."),
        money_column(c.COST, "Cost of making the offer, accepted or not.", low=0),
        Column(c.CHANNELS, "list", "Channels that can carry it, the preferred one first."),
        Column(c.VALID_FROM, "time", "First moment at which it can be made.", future=True),
        Column(c.VALID_UNTIL, "time", "Moment from which it can no longer be made.", future=True),
        Column(c.CUSTOMER_TYPE, "category", "Only for these customers.", values=("consumer", "business")),
        Column(c.CAPACITY, "number", "How many can be accepted in all.", low=0),
        Column(c.PRODUCTS, "list", "Products that it sells."),
        Column(c.BUNDLE, "category", "How several products are sold together.", values=("fixed", "flexible")),
        money_column(c.SUBSIDY, "What accepting gives away, such as a discount.", low=0),
        money_column(c.CLV_CHANGE, "By how much accepting changes the customer's lifetime value."),
        Column(c.TREATMENTS, "text", "Ways of bringing it: channel, creative, placement, slot, as JSON."),
    ),
    unique=(c.OFFER_ID,),
)
_DECISIONS = TableContract(
    "decisions",
    "what we did",
    "An offer made to a customer, or the decision to make none.",
    (
        Column(c.DECISION_ID, "key", "Identifies the decision.", required=True),
        customer_column(),
        happened_column(c.DECIDED_AT, "When it was decided."),
        Column(c.OFFER_ID, "key", "The offer drawn, or no_offer.", required=True),
        Column(c.CHANNEL, "category", "Channel that carried it."),
        Column(c.CREATIVE, "category", "Text or picture that it came with."),
        Column(c.PLACEMENT, "category", "Where in the channel it stood."),
        Column(c.SLOT, "category", "Time slot in which it is sent."),
        Column(c.ACTION_PROBABILITY, "number", "Chance with which this offer was drawn.", above=0, high=1),
        Column(c.SEGMENT, "category", "Segment of the customer then."),
        Column(c.PROPENSITY, "number", "Predicted chance of acceptance.", low=0, high=1),
        money_column(c.VALUE, "Money if accepted."),
        Column(c.POLICY, "text", "Policy that drew it."),
        Column(c.MODEL_VERSION, "text", "Model that scored it."),
        Column(c.RUN_ID, "key", "Run that decided."),
        Column(c.REASON, "text", "Why."),
    ),
    unique=(c.DECISION_ID,),
    time=c.DECIDED_AT,
    links=(CUSTOMER_LINK, (c.OFFER_ID, "catalog", c.OFFER_ID)),
)
_OUTCOMES_TABLE = TableContract(
    "outcomes",
    "what we did",
    "What came of a decision.",
    (
        Column(c.DECISION_ID, "key", "The decision.", required=True),
        Column(c.OUTCOME, "category", "The answer.", required=True, values=(c.ACCEPT, c.REJECT, c.NO_ANSWER)),
        happened_column(c.OUTCOME_AT, "When the answer came."),
    ),
    unique=(c.DECISION_ID, c.OUTCOME, c.OUTCOME_AT),
    time=c.OUTCOME_AT,
    links=((c.DECISION_ID, "decisions", c.DECISION_ID),),
)

INTERACTION_CONTRACTS: Final = (
    _EVENTS,
    _IDENTITIES,
    _SOCIAL,
    _SURVEYS,
    _RELATIONSHIPS,
    _CATALOG,
    _DECISIONS,
    _OUTCOMES_TABLE,
)

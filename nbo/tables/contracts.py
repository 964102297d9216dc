"""The contracts of all tables, as data. `docs/data_dictionary.md` is generated from them.

An event counts for a moment `as_of` when it happened before it and was known before it:
``event_time < as_of`` and ``known_at < as_of`` (`known_at` is the event's time where it is
missing). A row of an attribute table holds from `valid_from` until the customer's next row.
"""

from __future__ import annotations

from typing import Final

from nbo import columns as c
from nbo.tables.schema import Column, TableContract

__all__ = ["CONTRACTS"]


def _customer(meaning: str = "Who.") -> Column:
    return Column(c.CUSTOMER_ID, "key", meaning, required=True)


def _happened(name: str = c.EVENT_TIME, meaning: str = "When it happened.") -> Column:
    return Column(name, "time", meaning, required=True)


def _money(name: str, meaning: str, low: float | None = None) -> Column:
    return Column(name, "number", meaning, unit="money", low=low)


def _known_kind(name: str, meaning: str, *values: str) -> Column:
    """Make a category whose first value is what a missing one stands for."""
    return Column(name, "category", meaning, values=values, missing=values[0])


_KNOWN_AT = Column(c.KNOWN_AT, "time", "When we came to know the row; the row's own time if missing.")
_VALID_FROM = Column(c.VALID_FROM, "time", "From when the row holds; since ever if missing.")
_CUSTOMER_LINK = (c.CUSTOMER_ID, "customers", c.CUSTOMER_ID)

_CUSTOMERS = TableContract(
    "customers",
    "demographic",
    "A customer, prospect or account contact, as known from a time on.",
    (
        _customer("Identifies the customer in all tables."),
        _VALID_FROM,
        _KNOWN_AT,
        Column(c.CUSTOMER_TYPE, "category", "Person or company.", values=("consumer", "business")),
        Column(c.BIRTH_DATE, "time", "Date of birth."),
        Column(c.AGE, "number", "Age where the date of birth is not known.", unit="years", low=0, high=130),
        Column(c.GENDER, "category", "Gender as stated."),
        Column("education", "category", "Highest education."),
        Column("job", "category", "Job title or occupation."),
        Column("marital_status", "category", "Marital status."),
        Column("country", "category", "Country."),
        Column("region", "category", "Region or state."),
        Column("city", "category", "City."),
        Column(c.POSTCODE, "key", "Postal code; matches third-party data."),
        Column(c.SIGNED_UP_AT, "time", "When the relation began; tenure counts from here."),
        Column("acquisition_channel", "category", "Channel that won the customer."),
        _money("acquisition_cost", "Cost of winning the customer.", low=0),
        Column(c.HOUSEHOLD_ID, "key", "Household of the customer."),
        Column(c.ACCOUNT_ID, "key", "Business account of the contact."),
        Column("industry", "category", "Industry of the business."),
        Column("company_size", "number", "Employees of the business.", unit="people", low=0),
        _money("revenue", "Yearly revenue of the business.", low=0),
        Column("technologies", "list", "Technologies that the business uses."),
        Column("buying_role", "category", "Role in buying: decision maker, influencer, user ..."),
        Column("consent_*", "flag", "Consent to be contacted by the channel behind the underscore."),
    ),
    unique=(c.CUSTOMER_ID, c.VALID_FROM),
    time=c.VALID_FROM,
)
_TRANSACTIONS = TableContract(
    "transactions",
    "transaction",
    "A sale or a return.",
    (
        Column(c.TRANSACTION_ID, "key", "Identifies the row."),
        _customer(),
        _happened(),
        _KNOWN_AT,
        _known_kind(c.KIND, "Sale (also where missing) or return.", c.SALE, c.RETURN),
        _money(c.AMOUNT, "Money paid; for a return the money given back, as a positive number.", low=0),
        _money(c.MARGIN, "What is left after the cost of goods; of a return, what is lost, as a negative number."),
        _money(c.COST, "Cost of the goods.", low=0),
        Column(c.QUANTITY, "number", "Pieces.", unit="pieces", low=0),
        _money("discount", "Discount given.", low=0),
        Column(c.PRODUCT_ID, "key", "Product."),
        Column(c.CATEGORY, "category", "Product category."),
        Column(c.CHANNEL, "category", "Where it was bought."),
        _known_kind(c.STATUS, "Completed (also where missing) or pending.", c.COMPLETED, c.PENDING),
    ),
    unique=(c.TRANSACTION_ID,),
    time=c.EVENT_TIME,
    links=(_CUSTOMER_LINK,),
)
_CASES = TableContract(
    "cases",
    "transaction",
    "A complaint, an inquiry or a request.",
    (
        Column(c.CASE_ID, "key", "Identifies the case."),
        _customer(),
        _happened(c.OPENED_AT, "When it was opened."),
        _KNOWN_AT,
        Column(c.CLOSED_AT, "time", "When it was closed; missing while open."),
        Column(c.KIND, "category", "What it is.", values=("complaint", "inquiry", "request")),
        Column(c.TOPIC, "category", "What it is about."),
        Column(c.SEVERITY, "number", "How grave, 1 (slight) to 5.", low=1, high=5),
        Column(c.CHANNEL, "category", "How it came in."),
        Column(c.SATISFACTION, "number", "Satisfaction after closing, 1 to 5.", low=1, high=5),
        _money(c.COST_TO_SERVE, "What handling it cost.", low=0),
    ),
    unique=(c.CASE_ID,),
    time=c.OPENED_AT,
    links=(_CUSTOMER_LINK,),
)
_REFERRALS = TableContract(
    "referrals",
    "transaction",
    "A customer recommends us to somebody.",
    (
        _customer("The referrer."),
        _happened(),
        _KNOWN_AT,
        Column(c.REFERRED_ID, "key", "The person referred."),
        Column(c.CONVERTED_AT, "time", "First purchase of the person referred; missing if none."),
        _money(c.CONVERTED_VALUE, "Money of that purchase.", low=0),
    ),
    unique=(c.CUSTOMER_ID, c.REFERRED_ID, c.EVENT_TIME),
    time=c.EVENT_TIME,
    links=(_CUSTOMER_LINK,),
)
_ENVIRONMENT = TableContract(
    "environment",
    "environmental",
    "Third-party data on a customer, a household or a postcode.",
    (
        Column(c.CUSTOMER_ID, "key", "Customer matched."),
        Column(c.HOUSEHOLD_ID, "key", "Household matched."),
        Column(c.POSTCODE, "key", "Postcode matched."),
        _VALID_FROM,
        _KNOWN_AT,
        Column(c.MATCH_CONFIDENCE, "number", "How sure the match is.", low=0, high=1),
        Column("occupation", "category", "Occupation."),
        _money("income", "Personal income a year.", low=0),
        Column("household_size", "number", "People in the household.", unit="people", low=0),
        _money("household_income", "Household income a year.", low=0),
        _money("home_value", "Value of the home.", low=0),
        _money("disposable_income", "Income left after tax and living costs, a year."),
        _money("net_worth", "Net worth."),
        _money("purchases_elsewhere", "Spend at other sellers, a year.", low=0),
    ),
    unique=(c.CUSTOMER_ID, c.HOUSEHOLD_ID, c.POSTCODE, c.VALID_FROM),
    time=c.VALID_FROM,
    links=(_CUSTOMER_LINK,),
    any_of=(c.CUSTOMER_ID, c.HOUSEHOLD_ID, c.POSTCODE),
)
_EVENTS = TableContract(
    "events",
    "behavioral",
    "Something a customer did on the web, in the app, by e-mail, chat or phone.",
    (
        _customer("Who, or an anonymous id that `identities` resolves later."),
        _happened(),
        _KNOWN_AT,
        Column(c.EVENT_TYPE, "category", "page_view, search, cart, app_open, email_open, download, chat, call ..."),
        Column(c.PRODUCT_ID, "key", "Product looked at."),
        Column(c.CATEGORY, "category", "Product category looked at."),
        Column(c.SESSION_ID, "key", "Visit."),
        Column(c.DURATION, "number", "How long.", unit="seconds", low=0),
        Column(c.DEVICE, "category", "Device."),
        Column(c.CHANNEL, "category", "Channel."),
    ),
    time=c.EVENT_TIME,
    links=(_CUSTOMER_LINK,),
)
_IDENTITIES = TableContract(
    "identities",
    "behavioral",
    "An anonymous visitor turns out to be a customer.",
    (
        Column(c.ANONYMOUS_ID, "key", "Id that the events carry.", required=True),
        _customer("The customer it is."),
        _happened(meaning="When the link became known; earlier events count from then on."),
    ),
    unique=(c.ANONYMOUS_ID,),
    time=c.EVENT_TIME,
    links=(_CUSTOMER_LINK,),
)
_SOCIAL = TableContract(
    "social",
    "social",
    "A like, share, comment, mention or follow.",
    (
        _customer(),
        _happened(),
        _KNOWN_AT,
        Column(c.KIND, "category", "What was done.", values=("like", "share", "comment", "mention", "follow")),
        Column(c.TOPIC, "category", "What it is about."),
        Column(c.SENTIMENT, "number", "Mood from -1 (bad) to 1 (good).", low=-1, high=1),
        Column(c.REACH, "number", "People who could see it.", unit="people", low=0),
    ),
    time=c.EVENT_TIME,
    links=(_CUSTOMER_LINK,),
)
_SURVEYS = TableContract(
    "surveys",
    "social",
    "An answer to a survey.",
    (
        _customer(),
        _happened(),
        _KNOWN_AT,
        Column(c.SURVEY, "category", "Which: csat, nps ..."),
        Column(c.SCORE, "number", "The answer."),
        Column(c.WEIGHT, "number", "Survey weight.", low=0),
    ),
    time=c.EVENT_TIME,
    links=(_CUSTOMER_LINK,),
)
_RELATIONSHIPS = TableContract(
    "relationships",
    "social",
    "An edge between two customers.",
    (
        _customer("One end."),
        Column(c.RELATED_ID, "key", "The other end.", required=True),
        _VALID_FROM,
        _KNOWN_AT,
        Column(c.KIND, "category", "friend, family, colleague ..."),
        Column(c.WEIGHT, "number", "Strength.", low=0),
    ),
    unique=(c.CUSTOMER_ID, c.RELATED_ID, c.KIND, c.VALID_FROM),
    time=c.VALID_FROM,
    links=(_CUSTOMER_LINK, (c.RELATED_ID, "customers", c.CUSTOMER_ID)),
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
        _money(c.VALUE, "Margin if the offer is accepted."),
        _money(c.COST, "Cost of making the offer, accepted or not.", low=0),
        Column(c.CHANNELS, "list", "Channels that can carry it, the preferred one first."),
        Column(c.VALID_FROM, "time", "First moment at which it can be made.", future=True),
        Column(c.VALID_UNTIL, "time", "Moment from which it can no longer be made.", future=True),
        Column(c.CUSTOMER_TYPE, "category", "Only for these customers.", values=("consumer", "business")),
        Column(c.CAPACITY, "number", "How many can be accepted in all.", low=0),
    ),
    unique=(c.OFFER_ID,),
)
_DECISIONS = TableContract(
    "decisions",
    "what we did",
    "An offer made to a customer, or the decision to make none.",
    (
        Column(c.DECISION_ID, "key", "Identifies the decision.", required=True),
        _customer(),
        _happened(c.DECIDED_AT, "When it was decided."),
        Column(c.OFFER_ID, "key", "The offer drawn, or no_offer.", required=True),
        Column(c.CHANNEL, "category", "Channel that carried it."),
        Column(c.ACTION_PROBABILITY, "number", "Chance with which this offer was drawn.", above=0, high=1),
        Column(c.SEGMENT, "category", "Segment of the customer then."),
        Column(c.PROPENSITY, "number", "Predicted chance of acceptance.", low=0, high=1),
        _money(c.VALUE, "Money if accepted."),
        Column(c.POLICY, "text", "Policy that drew it."),
        Column(c.MODEL_VERSION, "text", "Model that scored it."),
        Column(c.RUN_ID, "key", "Run that decided."),
        Column(c.REASON, "text", "Why."),
    ),
    unique=(c.DECISION_ID,),
    time=c.DECIDED_AT,
    links=(_CUSTOMER_LINK, (c.OFFER_ID, "catalog", c.OFFER_ID)),
)
_OUTCOMES_TABLE = TableContract(
    "outcomes",
    "what we did",
    "What came of a decision.",
    (
        Column(c.DECISION_ID, "key", "The decision.", required=True),
        Column(c.OUTCOME, "category", "The answer.", required=True, values=(c.ACCEPT, c.REJECT, c.NO_ANSWER)),
        _happened(c.OUTCOME_AT, "When the answer came."),
    ),
    unique=(c.DECISION_ID, c.OUTCOME, c.OUTCOME_AT),
    time=c.OUTCOME_AT,
    links=((c.DECISION_ID, "decisions", c.DECISION_ID),),
)

# fmt: off
_ALL = (
    _CUSTOMERS, _TRANSACTIONS, _CASES, _REFERRALS, _ENVIRONMENT, _EVENTS, _IDENTITIES, _SOCIAL, _SURVEYS,
    _RELATIONSHIPS, _CATALOG, _DECISIONS, _OUTCOMES_TABLE,
)
# fmt: on
CONTRACTS: Final[dict[str, TableContract]] = {contract.name: contract for contract in _ALL}

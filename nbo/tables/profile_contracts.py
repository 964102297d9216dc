"""Contracts of who customers are, what they bought and what third parties know."""

from __future__ import annotations

from typing import Final

from nbo import columns as c
from nbo.tables.contract_columns import (
    CUSTOMER_LINK,
    KNOWN_AT,
    VALID_FROM,
    customer_column,
    happened_column,
    kind_column,
    money_column,
)
from nbo.tables.schema import Column, TableContract

__all__ = ["PROFILE_CONTRACTS"]

_CUSTOMERS = TableContract(
    "customers",
    "demographic",
    "A customer, prospect or account contact, as known from a time on.",
    (
        customer_column("Identifies the customer in all tables."),
        VALID_FROM,
        KNOWN_AT,
        Column(c.CUSTOMER_TYPE, "category", "Person or company.", values=("consumer", "business")),
        Column(c.BIRTH_DATE, "time", "Date of birth."),
        Column(c.AGE, "number", "Age where the date of birth is not known.", unit="years", low=0, high=130),
        Column(c.GENDER, "category", "Gender as stated."),
        Column("education", "category", "Highest education."),
        Column(c.JOB, "category", "Job title or occupation."),
        Column(c.MARITAL_STATUS, "category", "Marital status."),
        Column(c.CHILDREN, "number", "Children in the household.", unit="people", low=0),
        Column(c.COUNTRY, "category", "Country."),
        Column(c.REGION, "category", "Region or state."),
        Column(c.CITY, "category", "City."),
        Column(c.POSTCODE, "key", "Postal code; matches third-party data."),
        Column(c.SIGNED_UP_AT, "time", "When the relation began; tenure counts from here."),
        Column("acquisition_channel", "category", "Channel that won the customer."),
        money_column("acquisition_cost", "Cost of winning the customer.", low=0),
        Column(c.HOUSEHOLD_ID, "key", "Household of the customer."),
        Column(c.ACCOUNT_ID, "key", "Business account of the contact."),
        Column("industry", "category", "Industry of the business."),
        Column(c.COMPANY_SIZE, "number", "Employees of the business.", unit="people", low=0),
        money_column(c.REVENUE, "Yearly revenue of the business.", low=0),
        Column(c.TECHNOLOGIES, "list", "Technologies that the business uses."),
        Column(c.BUYING_ROLE, "category", "Role in buying: decision maker, influencer, user ..."),
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
        customer_column(),
        happened_column(),
        KNOWN_AT,
        kind_column(c.KIND, "Sale (also where missing) or return.", c.SALE, c.RETURN),
        money_column(c.AMOUNT, "Money paid; for a return the money given back, as a positive number.", low=0),
        money_column(
            c.MARGIN, "What is left after the cost of goods; of a return, what is lost, as a negative number."
        ),
        money_column(c.COST, "Cost of the goods.", low=0),
        Column(c.QUANTITY, "number", "Pieces.", unit="pieces", low=0),
        money_column(c.DISCOUNT, "Discount given.", low=0),
        Column(c.PRODUCT_ID, "key", "Product."),
        Column(c.CATEGORY, "category", "Product category."),
        Column(c.CHANNEL, "category", "Where it was bought."),
        kind_column(c.STATUS, "Completed (also where missing) or pending.", c.COMPLETED, c.PENDING),
    ),
    unique=(c.TRANSACTION_ID,),
    time=c.EVENT_TIME,
    links=(CUSTOMER_LINK,),
)
_CASES = TableContract(
    "cases",
    "transaction",
    "A complaint, an inquiry or a request.",
    (
        Column(c.CASE_ID, "key", "Identifies the case."),
        customer_column(),
        happened_column(c.OPENED_AT, "When it was opened."),
        KNOWN_AT,
        Column(c.CLOSED_AT, "time", "When it was closed; missing while open."),
        Column(c.KIND, "category", "What it is.", values=("complaint", "inquiry", "request")),
        Column(c.TOPIC, "category", "What it is about."),
        Column(c.SEVERITY, "number", "How grave, 1 (slight) to 5.", low=1, high=5),
        Column(c.CHANNEL, "category", "How it came in."),
        Column(c.SATISFACTION, "number", "Satisfaction after closing, 1 to 5.", low=1, high=5),
        money_column(c.COST_TO_SERVE, "What handling it cost.", low=0),
    ),
    unique=(c.CASE_ID,),
    time=c.OPENED_AT,
    links=(CUSTOMER_LINK,),
)
_REFERRALS = TableContract(
    "referrals",
    "transaction",
    "A customer recommends us to somebody.",
    (
        customer_column("The referrer."),
        happened_column(),
        KNOWN_AT,
        Column(c.REFERRED_ID, "key", "The person referred."),
        Column(c.CONVERTED_AT, "time", "First purchase of the person referred; missing if none."),
        money_column(c.CONVERTED_VALUE, "Money of that purchase.", low=0),
    ),
    unique=(c.CUSTOMER_ID, c.REFERRED_ID, c.EVENT_TIME),
    time=c.EVENT_TIME,
    links=(CUSTOMER_LINK,),
)
_ENVIRONMENT = TableContract(
    "environment",
    "environmental",
    "Third-party data on a customer, a household or a postcode.",
    (
        Column(c.CUSTOMER_ID, "key", "Customer matched."),
        Column(c.HOUSEHOLD_ID, "key", "Household matched."),
        Column(c.POSTCODE, "key", "Postcode matched."),
        VALID_FROM,
        KNOWN_AT,
        Column(c.MATCH_CONFIDENCE, "number", "How sure the match is.", low=0, high=1),
        Column("occupation", "category", "Occupation."),
        money_column("income", "Personal income a year.", low=0),
        Column("household_size", "number", "People in the household.", unit="people", low=0),
        money_column("household_income", "Household income a year.", low=0),
        money_column("home_value", "Value of the home.", low=0),
        money_column("disposable_income", "Income left after tax and living costs, a year."),
        money_column("net_worth", "Net worth."),
        money_column("purchases_elsewhere", "Spend at other sellers, a year.", low=0),
    ),
    unique=(c.CUSTOMER_ID, c.HOUSEHOLD_ID, c.POSTCODE, c.VALID_FROM),
    time=c.VALID_FROM,
    links=(CUSTOMER_LINK,),
    any_of=(c.CUSTOMER_ID, c.HOUSEHOLD_ID, c.POSTCODE),
)
_MACRO = TableContract(
    "macro",
    "environmental",
    "A figure of an economic series, such as unemployment; the same for everybody, or for everybody in a region.",
    (
        Column(c.SERIES, "category", "Which series.", required=True),
        Column(
            c.VALID_FROM, "time", "From when the figure holds, such as the first of its month; since ever if missing."
        ),
        Column(
            c.KNOWN_AT,
            "time",
            "When it was published. A revision is a row of its own, with the same valid_from. If missing, "
            "the figure counts from valid_from, which for most series is too early.",
        ),
        Column(c.VALUE, "number", "The figure.", required=True),
        Column(
            c.REGION, "category", "Region of customers whom it is about; everybody without one of their own if missing."
        ),
    ),
    unique=(c.SERIES, c.REGION, c.VALID_FROM, c.KNOWN_AT),
    time=c.VALID_FROM,
)

PROFILE_CONTRACTS: Final = (_CUSTOMERS, _TRANSACTIONS, _CASES, _REFERRALS, _ENVIRONMENT, _MACRO)

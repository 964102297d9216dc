"""Features of the household that a customer belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from nbo import columns as c
from nbo.errors import InputError
from nbo.features.base import FeatureBuilder, check_windows
from nbo.features.builders.circles import Circles, circles_sharing
from nbo.features.builders.contacts import ACCEPTED, OFFERED, answer
from nbo.features.builders.linked_features import of_linked, pooled, sales_of_linked
from nbo.features.builders.roster import Roster
from nbo.features.builders.sales import SALES
from nbo.features.event_features import computed
from nbo.features.feature import Feature, feature_name
from nbo.features.past import Past

__all__ = ["HouseholdFeatures"]

_LABEL = "household"
_WHOM = "all members of the household at as_of together"
_DATA_TYPE = "social"
_PEOPLE = {
    "members": ("people", "Number of customers in the household at as_of, this one among them."),
    "adults": ("people", "Number of members of the household of 18 years or more at as_of."),
    "children": ("people", "Number of members of the household below 18 years at as_of."),
    "age_rank": ("", "Place of the customer among the members by age: 1 if none is older."),
    "newest_days": ("days", "Days from the latest sign-up of a member to as_of."),
    "oldest_days": ("days", "Days from the earliest sign-up of a member to as_of."),
}
_ROLE = "Place of the customer by sign-up: alone; first if no other member signed up before the customer; else later."


class HouseholdFeatures(FeatureBuilder):
    """Features of the household that a customer belongs to: who is in it, and what they do together.

    Who belongs to a household is as of the question's moment: every customer whose row of
    `customers` states the household then. What a member did counts, all of it, for the household of
    that moment, also what happened before the member came to it, and no longer for one that it left.

    A customer's columns need rows of the other members: where tables are split, households must
    stay together. So the builder is not among those of ``FeatureSet.default``. Of customers
    without a household, counts and sums are 0 and all else is missing.

    Parameters
    ----------
    windows : sequence of str, default=("30D", "90D", "365D")
        Lengths of time before `as_of`.

    Attributes
    ----------
    features_ : list of Feature
        The columns, fixed by `fit`.

    Examples
    --------
    >>> import pandas as pd
    >>> from nbo.tables import CustomerTables, Spine
    >>> customers = pd.DataFrame({"customer_id": ["ann", "bob", "cy"], "household_id": ["h", "h", None]})
    >>> sales = pd.DataFrame(
    ...     {"customer_id": ["ann", "bob"], "event_time": ["2026-06-01", "2026-06-29"], "amount": [10.0, 30.0]}
    ... )
    >>> tables, spine = CustomerTables(customers=customers, transactions=sales), Spine.at("2026-06-30", ["ann", "cy"])
    >>> X = HouseholdFeatures(windows=["30D"]).fit(tables, spine).build(tables, spine)
    >>> X[["customers_household__members", "transactions_household__amount__sum__30D"]].values.tolist()
    [[2.0, 40.0], [0.0, 0.0]]
    >>> X["transactions_household__own_share__30D"].tolist()
    [0.25, nan]
    """

    data_type = "social"
    tables = ("customers", "transactions", "cases", "decisions", "outcomes")
    by_default: ClassVar[bool] = False
    links = (c.HOUSEHOLD_ID,)

    def __init__(self, windows: Sequence[str] = ("30D", "90D", "365D")) -> None:
        self.windows = windows

    def _plan(self, past: Past) -> list[Feature]:
        windows, customers = check_windows(self.windows), past.table("customers")
        if c.HOUSEHOLD_ID not in customers:
            raise InputError("HouseholdFeatures needs customers.household_id, the household of a customer.")
        features = [_person("members", c.HOUSEHOLD_ID)]
        if c.BIRTH_DATE in customers or c.AGE in customers:
            column = c.BIRTH_DATE if c.BIRTH_DATE in customers else c.AGE
            features += [_person(name, column) for name in ("adults", "children", "age_rank")]
        if c.SIGNED_UP_AT in customers:
            features += [_person(name, c.SIGNED_UP_AT) for name in ("newest_days", "oldest_days")]
            features.append(_said("role", c.SIGNED_UP_AT, _ROLE, kind="category"))
        together = []
        if past.has("transactions"):
            together += sales_of_linked(past, windows, _LABEL)
        if past.has("cases"):
            together += _cases(past, windows[-1])
        if past.has("decisions"):
            together += _offers(past, windows)
        features += [of_linked(feature, _WHOM, _DATA_TYPE) for feature in together]
        return features + (_own_share(windows[-1]) if _amounts(past) else [])

    def _columns(self, past: Past) -> dict[str, Any]:
        circles, rows = circles_sharing(past, c.HOUSEHOLD_ID)
        together = [feature for feature in self.features_ if feature.aggregate not in ("people", "own_share")]
        found = pooled(together, past, circles) | _people(self.features_, past, circles, rows)
        for feature in self.features_:
            if feature.aggregate == "own_share":
                own, household = (part for part in feature.parts if isinstance(part, Feature))
                above, below = computed([own], past)[own.feature], found[household.feature]
                missing = np.full(len(past), np.nan)
                found[feature.feature] = np.divide(above, below, out=missing, where=below > 0)
        return found


def _said(name: str, column: str, meaning: str, unit: str = "", kind: str = "number") -> Feature:
    name = feature_name(f"customers_{_LABEL}", name)
    return Feature(name, "customers", column, "people", unit=unit, meaning=meaning, kind=kind, data_type=_DATA_TYPE)


def _person(name: str, column: str) -> Feature:
    unit, meaning = _PEOPLE[name]
    return _said(name, column, meaning, unit)


def _people(features: list[Feature], past: Past, circles: Circles, rows: np.ndarray) -> dict[str, Any]:
    """Compute the features of who is in the household."""
    roster = Roster(past, circles, rows)
    found: dict[str, Any] = {}
    for feature in features:
        if feature.aggregate == "people":
            found[feature.feature] = getattr(roster, feature.feature.rsplit("__", 1)[1])()
    return found


def _cases(past: Past, window: str) -> list[Feature]:
    features = [Feature.of("cases", "count", window, label=_LABEL)]
    if c.CLOSED_AT in past.table("cases"):
        features.append(Feature.of("cases", "count", name="cases_household__open_count", open_until=c.CLOSED_AT))
    return features


def _offers(past: Past, windows: list[str]) -> list[Feature]:
    features = [Feature.of("decisions", "recency_days", label=_LABEL, where=OFFERED)]
    features += [Feature.of("decisions", "count", window, label=_LABEL, where=OFFERED) for window in windows]
    if past.has("outcomes"):
        features.append(answer("count", windows[-1], ACCEPTED, label=_LABEL))
    return features


def _amounts(past: Past) -> bool:
    return past.has("transactions") and c.AMOUNT in past.table("transactions")


def _own_share(window: str) -> list[Feature]:
    own, household = (
        Feature.of("transactions", "sum", window, c.AMOUNT, where=SALES, label=label) for label in ("", _LABEL)
    )
    name = feature_name(f"transactions_{_LABEL}", "own_share", window)
    said: dict[str, Any] = {"unit": "share", "data_type": _DATA_TYPE, "where": SALES, "parts": (own, household)}
    meaning = f"Share of the customer in the {c.AMOUNT} of completed sales of {_WHOM}, in the {window} before as_of."
    return [Feature(name, "transactions", c.AMOUNT, "own_share", window, meaning=meaning, **said)]

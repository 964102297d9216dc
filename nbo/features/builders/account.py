"""Features of the business account that a contact belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from nbo import columns as c
from nbo.errors import InputError
from nbo.features.attribute_rows import AttributeRows
from nbo.features.base import FeatureBuilder, check_texts, check_windows
from nbo.features.builders.circles import circles_sharing
from nbo.features.builders.firmographics import decides
from nbo.features.builders.linked_features import pooled, sales_of_linked
from nbo.features.builders.sales import SALES
from nbo.features.feature import Feature
from nbo.features.past import Past
from nbo.features.row_words import row_words
from nbo.features.window import ALL, Window

__all__ = ["AccountFeatures"]

_CONTACTS = "customers_account__contacts"
_DECISION_MAKERS = "customers_account__decision_makers"
_LABEL = "account"


class AccountFeatures(FeatureBuilder):
    """Features of the business account that a contact belongs to: its contacts, and what they do together.

    Who belongs to an account is as of the question's moment: every customer whose row of
    `customers` states the account then. What a contact did counts, all of it, for the account of
    that moment, also what happened before the contact came to it, and no longer for the account
    that it left. Rows at or after `as_of`, and rows that were not known yet, count for nobody.

    A contact's columns need rows of the other contacts: where tables are split, all contacts of
    an account must stay together. So the builder is not among those of ``FeatureSet.default``.
    Of customers without an account, counts and sums are 0 and days are missing.

    Parameters
    ----------
    windows : sequence of str, default=("30D", "90D", "365D")
        Lengths of time before `as_of`.
    decision_roles : sequence of str, default=("decision maker",)
        Buying roles that decide; capitals, underscores and hyphens make no difference.

    Attributes
    ----------
    features_ : list of Feature
        The columns, fixed by `fit`.

    Examples
    --------
    >>> import pandas as pd
    >>> from nbo.tables import CustomerTables, Spine
    >>> customers = pd.DataFrame({"customer_id": ["ann", "bob", "cy"], "account_id": ["a", "a", "b"]})
    >>> sales = pd.DataFrame(
    ...     {"customer_id": ["ann", "bob"], "event_time": ["2026-06-01", "2026-06-29"], "amount": [9.5, 20.0]}
    ... )
    >>> tables, spine = CustomerTables(customers=customers, transactions=sales), Spine.at("2026-06-30", ["ann", "cy"])
    >>> X = AccountFeatures(windows=["30D"]).fit(tables, spine).build(tables, spine)
    >>> X[["customers_account__contacts", "transactions_account__amount__sum__30D"]]
       customers_account__contacts  transactions_account__amount__sum__30D
    0                            2                                    29.5
    1                            1                                     0.0
    """

    data_type = "demographic"
    tables = ("customers", "transactions", "cases", "events")
    by_default: ClassVar[bool] = False
    links = (c.ACCOUNT_ID,)

    def __init__(
        self,
        windows: Sequence[str] = ("30D", "90D", "365D"),
        decision_roles: Sequence[str] = ("decision maker",),
    ) -> None:
        self.windows = windows
        self.decision_roles = decision_roles

    def _plan(self, past: Past) -> list[Feature]:
        windows, table = check_windows(self.windows), past.table("customers")
        check_texts(self.decision_roles, "decision_roles")
        if c.ACCOUNT_ID not in table:
            raise InputError("AccountFeatures needs customers.account_id, the account that a contact belongs to.")
        features = [
            _counted(_CONTACTS, c.ACCOUNT_ID, "Number of contacts of the account at as_of, this one among them.")
        ]
        if c.BUYING_ROLE in table:
            meaning = "Number of contacts of the account at as_of whose role in buying decides."
            features.append(_counted(_DECISION_MAKERS, c.BUYING_ROLE, meaning))
        for name, planned in (("transactions", _sales), ("cases", _cases), ("events", _events)):
            if past.has(name):
                features += [_together(feature) for feature in planned(past, windows)]
        return features

    def _columns(self, past: Past) -> dict[str, Any]:
        circles, rows = circles_sharing(past, c.ACCOUNT_ID)
        found = pooled([feature for feature in self.features_ if feature.table != "customers"], past, circles)
        members = np.bincount(circles.owner, minlength=circles.n_circles)
        found[_CONTACTS] = circles.per_question(members, 0)
        if any(feature.feature == _DECISION_MAKERS for feature in self.features_):
            held = AttributeRows(past.table("customers"), rows, past.as_of)
            deciding = circles.owner[decides(held, self.decision_roles) == 1]
            found[_DECISION_MAKERS] = circles.per_question(np.bincount(deciding, minlength=circles.n_circles), 0)
        return found


def _counted(name: str, column: str, meaning: str) -> Feature:
    return Feature(name, "customers", column, "count", unit="people", meaning=meaning)


def _together(feature: Feature) -> Feature:
    """Say of a feature that it is about all contacts, unless its meaning says so."""
    said = feature.describe()["meaning"].removesuffix(".")
    meaning = feature.meaning or f"{said}, of all contacts of the account at as_of together."
    return replace(feature, meaning=meaning)


def _sales(past: Past, windows: list[str]) -> list[Feature]:
    active = [_active("transactions", window, SALES) for window in dict.fromkeys((*windows, ALL))]
    return sales_of_linked(past, windows, _LABEL) + active


def _cases(past: Past, windows: list[str]) -> list[Feature]:
    features = [Feature.of("cases", "recency_days", label=_LABEL)]
    for window in windows:
        features.append(Feature.of("cases", "count", window, label=_LABEL))
        if c.KIND in past.table("cases"):
            features.append(Feature.of("cases", "count", window, label=_LABEL, pivot=((c.KIND, "complaint"),)))
    if c.CLOSED_AT in past.table("cases"):
        features.append(Feature.of("cases", "count", name="cases_account__open_count", open_until=c.CLOSED_AT))
    return features


def _events(past: Past, windows: list[str]) -> list[Feature]:
    features = [Feature.of("events", "recency_days", label=_LABEL)]
    for window in windows:
        features += [Feature.of("events", "count", window, label=_LABEL), _active("events", window)]
    return features


def _active(table: str, window: str, where: tuple[Any, ...] = ()) -> Feature:
    """Count the contacts that did something."""
    meaning = (
        f"Number of contacts of the account at as_of that have {row_words(table, where)} {Window.of(window).words}."
    )
    return Feature.of(table, "distinct", window, c.CUSTOMER_ID, label=_LABEL, where=where, meaning=meaning)

"""Features of who the customer is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.features.attributes import attribute_features, taken
from nbo.features.base import FeatureBuilder
from nbo.features.feature import Feature
from nbo.features.mixes import distinct
from nbo.features.moments import SINCE_EVER
from nbo.features.past import Past
from nbo.features.window import ALL
from nbo.features.windows import days_before, rows_before
from nbo.tables import TableColumns

__all__ = ["DemographicFeatures"]

_AGE = "customers__age"
_TENURE = "customers__tenure_days"
_HOUSEHOLD_SIZE = "customers__household_size"
_DAYS_OF_YEAR = 365.2425


class DemographicFeatures(FeatureBuilder):
    """Features of who the customer is, from the row of `customers` that held at `as_of`.

    Age at `as_of`, days since sign-up, consents, and every category and number of the table,
    extra columns included. A sign-up at or after `as_of` is not known yet: its tenure is
    missing.

    Parameters
    ----------
    max_categories : int, default=50
        A category with more values than this is left out, such as a city in a large country.

    household_size : bool, default=False
        Whether to count the customers known in the household before `as_of`. Only this
        feature needs rows of other customers: with it, a household must not be spread over
        tables that are scored one by one.

    Attributes
    ----------
    features_ : list of Feature
        The columns, fixed by `fit`.

    Examples
    --------
    >>> from nbo.tables import CustomerTables, Spine
    >>> customers = pd.DataFrame(
    ...     {"customer_id": "ann", "valid_from": ["2020-01-01", "2026-01-01"], "city": ["Bern", "Rome"]}
    ... )
    >>> tables = CustomerTables(customers=customers)
    >>> spine = Spine.of(pd.DataFrame({"customer_id": "ann", "as_of": ["2026-01-01", "2026-01-02"]}))
    >>> DemographicFeatures().fit(tables, spine).build(tables, spine)["customers__city"].tolist()
    ['Bern', 'Rome']
    """

    data_type = "demographic"
    tables = ("customers",)

    def __init__(self, max_categories: int = 50, household_size: bool = False) -> None:
        self.max_categories = max_categories
        self.household_size = household_size

    @property
    def links(self) -> tuple[str, ...]:  # type: ignore[override]
        """The household, if its size is asked for."""
        return (c.HOUSEHOLD_ID,) if self.household_size else ()

    def _plan(self, past: Past) -> list[Feature]:
        frame = past.table("customers")
        features = []
        if c.AGE in frame or c.BIRTH_DATE in frame:
            column = c.BIRTH_DATE if c.BIRTH_DATE in frame else c.AGE
            meaning = "Age at as_of: from the date of birth, or as stated where that is missing."
            features.append(Feature(_AGE, "customers", column, "as_of", unit="years", meaning=meaning))
        if c.SIGNED_UP_AT in frame:
            meaning = "Days from sign-up to as_of."
            features.append(Feature(_TENURE, "customers", c.SIGNED_UP_AT, "as_of", unit="days", meaning=meaning))
        if self.household_size and c.HOUSEHOLD_ID in frame:
            meaning = "Customers known in the household before as_of."
            features.append(
                Feature(_HOUSEHOLD_SIZE, "customers", c.HOUSEHOLD_ID, "distinct", ALL, unit="people", meaning=meaning)
            )
        return features + attribute_features(past, "customers", self.max_categories)

    def _columns(self, past: Past) -> dict[str, Any]:
        table, rows = past.table("customers"), past.rows_as_of("customers")
        own = {c.BIRTH_DATE: _age, c.AGE: _age, c.SIGNED_UP_AT: _tenure, c.HOUSEHOLD_ID: _household_size}
        return {
            f.feature: own[f.column](table, rows, past) if f.column in own else taken(f, table, rows)
            for f in self.features_
        }


def _age(table: TableColumns, rows: np.ndarray, past: Past) -> np.ndarray:
    age = np.full(len(rows), np.nan)
    if c.BIRTH_DATE in table:
        age = _days_since(table, c.BIRTH_DATE, rows, past) / _DAYS_OF_YEAR
    if c.AGE in table:
        age = np.where(np.isnan(age), np.append(table.numbers(c.AGE), np.nan)[rows], age)
    return age


def _tenure(table: TableColumns, rows: np.ndarray, past: Past) -> np.ndarray:
    return _days_since(table, c.SIGNED_UP_AT, rows, past)


def _days_since(table: TableColumns, column: str, rows: np.ndarray, past: Past) -> np.ndarray:
    return days_before(np.append(table.times(column), SINCE_EVER)[rows], past.as_of)


def _household_size(table: TableColumns, rows: np.ndarray, past: Past) -> np.ndarray:
    household = pd.Series(table[c.HOUSEHOLD_ID].array.take(rows, allow_fill=True))
    asked = past.questions.assign(**{c.HOUSEHOLD_ID: household})
    size = distinct(rows_before(table, asked, key=c.HOUSEHOLD_ID), c.CUSTOMER_ID, [ALL])[0]
    return np.where(household.isna(), np.nan, size)

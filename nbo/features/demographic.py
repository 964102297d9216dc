"""Features of who the customer is."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.features.aggregates import AGGREGATES, Values, finite_numbers
from nbo.features.attributes import attribute_features, taken
from nbo.features.base import FeatureBuilder, with_columns
from nbo.features.feature import Feature
from nbo.features.windows import ALL, History, days_before, rows_as_of
from nbo.tables import CustomerTables
from nbo.times import check_times

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
    >>> from nbo.tables import Spine
    >>> customers = pd.DataFrame(
    ...     {"customer_id": "ann", "valid_from": ["2020-01-01", "2026-01-01"], "city": ["Bern", "Rome"]}
    ... )
    >>> tables = CustomerTables(customers=customers)
    >>> spine = Spine.of(pd.DataFrame({"customer_id": "ann", "as_of": ["2026-01-01", "2026-01-02"]}))
    >>> DemographicFeatures().fit(tables, spine).build(tables, spine)["customers__city"].tolist()
    ['Bern', 'Rome']
    """

    data_type: ClassVar[str] = "demographic"
    tables: ClassVar[tuple[str, ...]] = ("customers",)

    def __init__(self, max_categories: int = 50, household_size: bool = False) -> None:
        self.max_categories = max_categories
        self.household_size = household_size

    def _plan(self, tables: CustomerTables, latest: pd.Timestamp) -> list[Feature]:
        frame = tables.get("customers")
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
        return features + attribute_features(frame, "customers", latest, self.max_categories)

    def _columns(self, tables: CustomerTables, spine: pd.DataFrame) -> dict[str, np.ndarray | pd.Series]:
        columns = [feature.column for feature in self.features_]
        frame = with_columns(tables, "customers", tables.get("customers"), columns)
        rows = rows_as_of(frame, spine, "customers")
        own = {c.BIRTH_DATE: _age, c.AGE: _age, c.SIGNED_UP_AT: _tenure, c.HOUSEHOLD_ID: _household_size}
        return {
            f.feature: own[f.column](frame, rows, spine) if f.column in own else taken(f, frame, rows)
            for f in self.features_
        }


def _age(frame: pd.DataFrame, rows: np.ndarray, spine: pd.DataFrame) -> np.ndarray:
    age = np.full(len(rows), np.nan)
    if c.BIRTH_DATE in frame:
        age = _days_since(frame, c.BIRTH_DATE, rows, spine) / _DAYS_OF_YEAR
    if c.AGE in frame:
        stated = np.append(finite_numbers(frame[c.AGE], "customers.age"), np.nan)[rows]
        age = np.where(np.isnan(age), stated, age)
    return age


def _tenure(frame: pd.DataFrame, rows: np.ndarray, spine: pd.DataFrame) -> np.ndarray:
    return _days_since(frame, c.SIGNED_UP_AT, rows, spine)


def _days_since(frame: pd.DataFrame, column: str, rows: np.ndarray, spine: pd.DataFrame) -> np.ndarray:
    times = check_times(frame[column], f"customers.{column}", missing=True)
    return days_before(pd.Series(times.array.take(rows, allow_fill=True)), spine[c.AS_OF])


def _household_size(frame: pd.DataFrame, rows: np.ndarray, spine: pd.DataFrame) -> np.ndarray:
    household = pd.Series(frame[c.HOUSEHOLD_ID].array.take(rows, allow_fill=True))
    history = History.before(frame, spine.assign(**{c.HOUSEHOLD_ID: household}), "customers", key=c.HOUSEHOLD_ID)
    people = Values(history, pd.factorize(frame[c.CUSTOMER_ID])[0][history.rows])
    size = AGGREGATES["distinct"](history, people, ALL)
    return np.where(household.isna(), np.nan, size)

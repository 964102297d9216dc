"""Features of who the customer is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.features.attribute_rows import AttributeRows
from nbo.features.base import FeatureBuilder, check_texts
from nbo.features.builders.ages import ages
from nbo.features.builders.attributes import attribute_features
from nbo.features.builders.firmographics import company_band, decides, firm_features, revenue_per_employee
from nbo.features.builders.item_lists import ItemLists, item_features
from nbo.features.builders.life_stage import life_stage
from nbo.features.builders.places import area_feature, area_of, place_features, place_of
from nbo.features.feature import Feature, feature_name
from nbo.features.mixes import distinct
from nbo.features.past import Past
from nbo.features.value_counts import MissingCounts
from nbo.features.window import ALL
from nbo.features.windows import rows_before
from nbo.tables import TableColumns

__all__ = ["DemographicFeatures"]


class DemographicFeatures(FeatureBuilder):
    """Features of who the customer is, from the row of `customers` that held at `as_of`.

    Age at `as_of`, stage of life (see :func:`~nbo.features.builders.life_stage.life_stage`), days since
    sign-up and since the row began to hold, consents, and every category and number of the
    table, extra columns included. Of places and postcodes the most frequent; of lists, such as
    technologies, whether each of the most frequent items is there. Of businesses the size in
    words, the revenue an employee, and whether the contact decides. A sign-up at or after
    `as_of` is not known yet: its tenure is missing.

    Parameters
    ----------
    max_categories : int, default=50
        A category with more values than this is left out, such as thousands of jobs. Of countries,
        regions, cities and areas of postcodes so many are kept, the others are "other".
    postcode_area : int, default=2
        How many first characters of a postcode make an area; 0 for no such feature.
    lists : sequence of str, default=("technologies",)
        Columns whose cells hold several items, as lists or as texts such as "crm|erp".
    top_items : int, default=10
        How many items of each get columns of their own.
    decision_roles : sequence of str, default=("decision maker",)
        Buying roles that decide; capitals, underscores and hyphens make no difference.
    missing_flags : bool, default=False
        Whether a column tells for each attribute that has gaps whether it is missing.
    household_size : bool, default=False
        Whether to count the customers known in the household before `as_of`. Only this
        feature needs rows of other customers.

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

    def __init__(
        self,
        max_categories: int = 50,
        postcode_area: int = 2,
        lists: Sequence[str] = (c.TECHNOLOGIES,),
        top_items: int = 10,
        decision_roles: Sequence[str] = ("decision maker",),
        missing_flags: bool = False,
        household_size: bool = False,
    ) -> None:
        self.max_categories = max_categories
        self.postcode_area = postcode_area
        self.lists = lists
        self.top_items = top_items
        self.decision_roles = decision_roles
        self.missing_flags = missing_flags
        self.household_size = household_size

    @property
    def links(self) -> tuple[str, ...]:  # type: ignore[override]
        """The household, if its size is asked for."""
        return (c.HOUSEHOLD_ID,) if self.household_size else ()

    def _plan(self, past: Past) -> list[Feature]:
        table, lists = past.table("customers"), check_texts(self.lists, "lists")
        check_texts(self.decision_roles, "decision_roles")
        places = place_features(past, self.max_categories)
        features = [*_personal(table), *firm_features(table, self.decision_roles), *places]
        features += area_feature(past, self.postcode_area, self.max_categories)
        for column in [column for column in lists if column in table]:
            features += item_features(past, column, self.top_items)
        if self.household_size and c.HOUSEHOLD_ID in table:
            meaning = "Customers known in the household before as_of."
            size = Feature("customers__household_size", "customers", c.HOUSEHOLD_ID, "distinct", ALL, meaning=meaning)
            features.append(replace(size, unit="people"))
        taken = {feature.column for feature in places} | set(lists)
        attributes = [f for f in attribute_features(past, "customers", self.max_categories) if f.column not in taken]
        return [*features, *_gaps(past, [*places, *attributes], self.missing_flags), *attributes]

    def _columns(self, past: Past) -> dict[str, Any]:
        rows = AttributeRows(past.table("customers"), past.rows_as_of("customers"), past.as_of)
        columns = {feature.column for feature in self.features_ if feature.aggregate in ("has", "items")}
        lists = {column: ItemLists(rows.table, column) for column in columns}
        own = [feature for feature in self.features_ if feature.aggregate != "filled_share"]
        found = {feature.feature: self._value(feature, rows, lists, past) for feature in own}
        shares = [feature.feature for feature in self.features_ if feature.aggregate == "filled_share"]
        return found | {name: _filled_share(rows, own, found) for name in shares}

    def _value(self, feature: Feature, rows: AttributeRows, lists: dict[str, ItemLists], past: Past) -> Any:
        match feature.aggregate:
            case "age":
                return ages(rows)
            case "life_stage":
                return life_stage(rows, ages(rows))
            case "days_since":
                return rows.days_since(feature.column)
            case "place":
                return place_of(rows, feature)
            case "area":
                return area_of(rows, feature, self.postcode_area)
            case "has":
                return lists[feature.column].has(rows, feature.pivot[0][1])
            case "items":
                return lists[feature.column].sizes(rows)
            case "decides":
                return decides(rows, self.decision_roles)
            case "company_band":
                return company_band(rows)
            case "revenue_per_employee":
                return revenue_per_employee(rows)
            case "missing":
                return _missing(rows.value(feature))
            case "distinct":
                return _household_size(rows.table, rows.rows, past)
        return rows.value(feature)


def _personal(table: TableColumns) -> list[Feature]:
    features = []
    if c.AGE in table or c.BIRTH_DATE in table:
        column = c.BIRTH_DATE if c.BIRTH_DATE in table else c.AGE
        meaning = "Age at as_of: from the date of birth, or as stated where that is missing."
        features.append(_own("age", column, "age", meaning, unit="years"))
        meaning = "Stage of life at as_of, from age, marital status, children and job; missing for businesses."
        features.append(_own("life_stage", column, "life_stage", meaning, kind="category"))
    if c.SIGNED_UP_AT in table:
        features.append(_own("tenure_days", c.SIGNED_UP_AT, "days_since", "Days from sign-up to as_of.", unit="days"))
    if c.VALID_FROM in table:
        meaning = "Days since what is known of the customer last changed."
        features.append(_own("unchanged_days", c.VALID_FROM, "days_since", meaning, unit="days"))
    return features


def _own(name: str, column: str, aggregate: str, meaning: str, unit: str = "", kind: str = "number") -> Feature:
    return Feature(f"customers__{name}", "customers", column, aggregate, unit=unit, meaning=meaning, kind=kind)


def _gaps(past: Past, attributes: list[Feature], flags: bool) -> list[Feature]:
    """Plan how complete the row is, and where it has gaps, of those attributes that have any."""
    if not attributes:
        return []
    meaning = f"Share of the {len(attributes)} attributes of the customer that are known at as_of."
    features = [_own("filled_share", "", "filled_share", meaning, unit="share")]
    for attribute in attributes if flags else []:
        if past.counted("customers", MissingCounts(attribute.column)):
            meaning = f"1 if {attribute.column} is not known at as_of, else 0."
            name = feature_name(attribute.feature, "missing")
            features.append(replace(attribute, feature=name, aggregate="missing", unit="", meaning=meaning))
    return features


def _missing(values: Any) -> np.ndarray:
    return np.asarray(pd.isna(values)).astype(np.int64)


def _filled_share(rows: AttributeRows, features: list[Feature], found: dict[str, Any]) -> np.ndarray:
    values = [found[feature.feature] for feature in features if feature.aggregate == "as_of"]
    values += [rows.value(feature) for feature in features if feature.aggregate == "place"]
    gaps = sum((_missing(some) for some in values), start=np.zeros(len(rows), dtype=np.int64))
    return np.where(rows.rows >= 0, 1 - gaps / max(len(values), 1), np.nan)


def _household_size(table: TableColumns, rows: np.ndarray, past: Past) -> np.ndarray:
    household = pd.Series(table[c.HOUSEHOLD_ID].array.take(rows, allow_fill=True))
    asked = past.questions.assign(**{c.HOUSEHOLD_ID: household})
    size = distinct(rows_before(table, asked, key=c.HOUSEHOLD_ID), c.CUSTOMER_ID, [ALL])[0]
    return np.where(household.isna(), np.nan, size)

"""Features of what third parties know."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_probabilities
from nbo.features.attribute_rows import AttributeRows
from nbo.features.base import FeatureBuilder
from nbo.features.builders.attributes import attribute_features
from nbo.features.combined import combined, ratio
from nbo.features.feature import Feature
from nbo.features.past import Past
from nbo.features.windows import rows_as_of
from nbo.tables import TableColumns

__all__ = ["EnvironmentFeatures"]

_COVERED = "environment__covered"
_LEVEL = "environment__match_level"
_KEYS = (c.CUSTOMER_ID, c.HOUSEHOLD_ID, c.POSTCODE)
_RATIOS = (
    ("household_income_per_head", "household_income", "household_size", "Yearly household income per head", "money"),
    ("disposable_share", "disposable_income", "income", "Disposable over personal income", "ratio"),
    (
        "home_value_to_income",
        "home_value",
        "household_income",
        "Value of the home over yearly household income",
        "ratio",
    ),
    ("net_worth_to_income", "net_worth", "household_income", "Net worth over yearly household income", "ratio"),
)


class EnvironmentFeatures(FeatureBuilder):
    """Features of what third parties know of the customer, the household or the postcode.

    A row of `environment` is about the customer it names, else about its household, else
    about its postcode; a customer gets the closest row that held at `as_of`. Household and
    postcode are those of the customer's row in `customers` at `as_of`. `environment__covered`
    tells whether there was any row, ``environment__covered__<key>`` whether there was one so
    close, `environment__match_level` how close the closest is, `environment__match_confidence`
    how sure the match, and `environment__age_days` how old.

    Parameters
    ----------
    max_categories : int, default=50
        A category with more values than this is left out.
    min_confidence : float, default=0.0
        Rows with a lower `match_confidence` do not count at all; rows without one do.

    Attributes
    ----------
    features_ : list of Feature
        The columns, fixed by `fit`.

    Examples
    --------
    >>> from nbo.tables import CustomerTables, Spine
    >>> customers = pd.DataFrame({"customer_id": ["ann", "bob", "cy"], "postcode": ["1", "2", "3"]})
    >>> environment = pd.DataFrame(
    ...     {"customer_id": ["ann", None], "postcode": [None, "2"], "income": [50_000.0, 30_000.0]}
    ... )
    >>> tables = CustomerTables(customers=customers, environment=environment)
    >>> spine = Spine.at("2026-06-30", tables)
    >>> X = EnvironmentFeatures().fit(tables, spine).build(tables, spine)
    >>> X["environment__income"].tolist(), X["environment__covered"].tolist()
    ([50000.0, 30000.0, nan], [1, 1, 0])
    """

    data_type = "environmental"
    tables = ("environment",)

    def __init__(self, max_categories: int = 50, min_confidence: float = 0.0) -> None:
        self.max_categories = max_categories
        self.min_confidence = min_confidence

    def _plan(self, past: Past) -> list[Feature]:
        check_probabilities([self.min_confidence], "min_confidence")
        table = past.table("environment")
        covered = "1 if a row about the customer, household or postcode held at as_of, else 0."
        level = "What the row is about: customer_id, household_id or postcode."
        features = [_own("covered", "", covered, "flag"), _own("match_level", "", level, "category")]
        for key in [key for key in _KEYS if key in table]:
            meaning = f"1 if a row about the {key.removesuffix('_id')} held at as_of, else 0."
            features.append(_own(f"covered__{key}", key, meaning, "flag", "any"))
        if c.VALID_FROM in table:
            meaning = "Days since the row began to hold, at as_of."
            features.append(_own("age_days", c.VALID_FROM, meaning, "number", "days_since", "days"))
        attributes = attribute_features(past, "environment", self.max_categories)
        return [*features, *attributes, *_ratios(attributes)]

    def _columns(self, past: Past) -> dict[str, Any]:
        table = past.table("environment")
        rows, level, covered = _closest_rows(table, _with_links(past), self.min_confidence)
        held = AttributeRows(table, rows, past.as_of)
        found: dict[str, Any] = {
            _COVERED: (rows >= 0).astype(np.int64),
            _LEVEL: pd.array(np.array([*_KEYS, None])[level], dtype="str"),
        }
        for feature in self.features_:
            if feature.aggregate == "any":
                found[feature.feature] = covered.get(feature.column, np.zeros(len(rows), dtype=bool)).astype(np.int64)
            elif feature.aggregate == "days_since":
                found[feature.feature] = held.days_since(feature.column)
            elif feature.parts:
                parts = [held.numbers(part.column) for part in feature.parts if isinstance(part, Feature)]
                found[feature.feature] = combined(feature, parts)
            elif feature.column:
                found[feature.feature] = held.value(feature)
        return found


def _own(name: str, column: str, meaning: str, kind: Any, aggregate: str = "as_of", unit: str = "") -> Feature:
    return Feature(f"environment__{name}", "environment", column, aggregate, unit=unit, meaning=meaning, kind=kind)


def _ratios(attributes: list[Feature]) -> list[Feature]:
    """Plan what two figures say together, where both are attributes."""
    numbers = {feature.column: feature for feature in attributes if feature.kind == "number"}
    return [
        ratio(f"environment__{name}", numbers[above], numbers[below], f"{words}, as known at as_of.", unit)
        for name, above, below, words, unit in _RATIOS
        if above in numbers and below in numbers
    ]


def _with_links(past: Past) -> pd.DataFrame:
    """Add each customer's household and postcode as of the question's moment."""
    customers, about = past.table("customers"), past.table("environment")
    keys = [key for key in _KEYS[1:] if key in customers and key in about]
    if not keys:
        return past.questions
    rows = past.rows_as_of("customers")
    return past.questions.assign(**{key: customers[key].array.take(rows, allow_fill=True) for key in keys})


def _closest_rows(
    table: TableColumns, spine: pd.DataFrame, min_confidence: float
) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """Find each spine row's row of `environment`.

    Returns
    -------
    rows, level : ndarray of int, shape (n,)
        The row, and the number of the key that led to it; -1 where there is none.
    covered : dict of str to ndarray of bool, shape (n,)
        For each key, whether it leads to a row.
    """
    rows, level, covered = np.full(len(spine), -1), np.full(len(spine), -1), {}
    frame, unclaimed = cache(table.frame), np.ones(len(table), dtype=bool)
    if min_confidence and c.MATCH_CONFIDENCE in table:
        # A row without a confidence is not below any.
        unclaimed = ~(table.numbers(c.MATCH_CONFIDENCE) < min_confidence)
    for number, key in enumerate(_KEYS):
        if key not in table:
            continue
        about = np.flatnonzero(unclaimed & table[key].notna().to_numpy())
        unclaimed[about] = False
        if key in spine:
            some = table if len(about) == len(table) else frame().iloc[about]
            place = rows_as_of(some, spine, "environment", key=key)
            covered[key] = place >= 0
            new = (rows < 0) & covered[key]
            rows[new], level[new] = about[place[new]], number
    return rows, level, covered

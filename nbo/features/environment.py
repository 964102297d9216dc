"""Features of what third parties know."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.features.attribute_rows import AttributeRows
from nbo.features.attributes import attribute_features
from nbo.features.base import FeatureBuilder
from nbo.features.feature import Feature
from nbo.features.past import Past
from nbo.features.windows import rows_as_of
from nbo.tables import TableColumns

__all__ = ["EnvironmentFeatures"]

_COVERED = "environment__covered"
_LEVEL = "environment__match_level"
_KEYS = (c.CUSTOMER_ID, c.HOUSEHOLD_ID, c.POSTCODE)


class EnvironmentFeatures(FeatureBuilder):
    """Features of what third parties know of the customer, the household or the postcode.

    A row of `environment` is about the customer it names, else about its household, else
    about its postcode; a customer gets the closest row that held at `as_of`. Household and
    postcode are those of the customer's row in `customers` at `as_of`. `environment__covered`
    tells whether there was any row, `environment__match_level` how close it is, and
    `environment__match_confidence` how sure the match.

    Parameters
    ----------
    max_categories : int, default=50
        A category with more values than this is left out.

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

    def __init__(self, max_categories: int = 50) -> None:
        self.max_categories = max_categories

    def _plan(self, past: Past) -> list[Feature]:
        covered = "1 if a row about the customer, household or postcode held at as_of, else 0."
        level = "What the row is about: customer_id, household_id or postcode."
        return [
            Feature(_COVERED, "environment", "", "as_of", meaning=covered, kind="flag"),
            Feature(_LEVEL, "environment", "", "as_of", meaning=level, kind="category"),
            *attribute_features(past, "environment", self.max_categories),
        ]

    def _columns(self, past: Past) -> dict[str, Any]:
        table = past.table("environment")
        rows, level = _closest_rows(table, _with_links(past))
        found: dict[str, Any] = {
            _COVERED: (rows >= 0).astype(np.int64),
            _LEVEL: pd.array(np.array([*_KEYS, None])[level], dtype="str"),
        }
        held = AttributeRows(table, rows, past.as_of)
        return found | {f.feature: held.value(f) for f in self.features_ if f.column}


def _with_links(past: Past) -> pd.DataFrame:
    """Add each customer's household and postcode as of the question's moment."""
    customers, rows = past.table("customers"), past.rows_as_of("customers")
    links = {key: customers[key].array.take(rows, allow_fill=True) for key in _KEYS[1:] if key in customers}
    return past.questions.assign(**links)


def _closest_rows(table: TableColumns, spine: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Find each spine row's row of `environment`, and the number of the key that led to it (-1: none)."""
    rows, level = np.full(len(spine), -1), np.full(len(spine), -1)
    frame = table.frame()
    unclaimed = np.ones(len(frame), dtype=bool)
    for number, key in enumerate(_KEYS):
        if key not in frame:
            continue
        about = np.flatnonzero(unclaimed & frame[key].notna().to_numpy())
        unclaimed[about] = False
        if key in spine:
            place = rows_as_of(frame.iloc[about], spine, "environment", key=key)
            new = (rows < 0) & (place >= 0)
            rows[new], level[new] = about[place[new]], number
    return rows, level

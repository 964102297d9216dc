"""Where customers live: countries, regions, cities and areas of postcodes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.features.attribute_rows import AttributeRows
from nbo.features.feature import Feature
from nbo.features.past import Past
from nbo.features.value_counts import ValueCounts
from nbo.tables import TableColumns

__all__ = ["AreaCounts", "area_feature", "area_of", "place_features", "place_of"]

_PLACES = (c.COUNTRY, c.REGION, c.CITY)
_OTHER = "other"
_AREA = "postcode_area"


def place_features(past: Past, top: int) -> list[Feature]:
    """Plan the places that have more values than a category may have: the most frequent, and all others as one.

    Parameters
    ----------
    past : Past
    top : int
        Most values that a place may have.

    Returns
    -------
    list of Feature
        Places with fewer values are attributes like all others.
    """
    table, features = past.table("customers"), []
    for column in [column for column in _PLACES if column in table]:
        if len(past.value_counts("customers", column)) > top:
            values = tuple(sorted(past.top_values("customers", column, top)))
            meaning = f"{column.capitalize()} as known at as_of: one of the {top} most frequent, else 'other'."
            where = ((column, "in", values),)
            features.append(
                Feature(
                    f"customers__{column}", "customers", column, "place", "", where, meaning=meaning, kind="category"
                )
            )
    return features


@dataclass(frozen=True)
class AreaCounts:
    """Count the areas of postcodes in a piece of a table.

    Parameters
    ----------
    length : int
        How many first characters of a postcode make an area.

    Examples
    --------
    >>> customers = TableColumns.of(pd.DataFrame({"postcode": ["ab1", "AB2", "c1"]}), "customers")
    >>> AreaCounts(2)(customers, np.ones(3, dtype=bool))
    {'AB': 2, 'C1': 1}
    """

    length: int

    @property
    def columns(self) -> list[str]:
        """The column that is read."""
        return [c.POSTCODE]

    def __call__(self, piece: TableColumns, known: np.ndarray) -> dict[str, int]:
        """Count in the rows of a piece that were known."""
        counts: dict[str, int] = {}
        for postcode, n in ValueCounts(c.POSTCODE)(piece, known).items():
            area = _area(postcode, self.length)
            counts[area] = counts.get(area, 0) + n
        return counts


def area_feature(past: Past, length: int, top: int) -> list[Feature]:
    """Plan the areas of postcodes, as their first characters.

    Parameters
    ----------
    past : Past
    length : int
        How many characters make an area; 0 for no such feature.
    top : int
        Most areas.

    Returns
    -------
    list of Feature
        One or none.
    """
    if not length or c.POSTCODE not in past.table("customers"):
        return []
    counts = past.counted("customers", AreaCounts(length))
    areas = tuple(sorted(sorted(counts, key=lambda area: (-counts[area], area))[:top]))
    meaning = f"First {length} characters of the postcode as known at as_of: one of the most frequent, else 'other'."
    where = ((_AREA, "in", areas),)
    return [
        Feature(f"customers__{_AREA}", "customers", c.POSTCODE, "area", "", where, meaning=meaning, kind="category")
    ]


def place_of(rows: AttributeRows, feature: Feature) -> pd.api.extensions.ExtensionArray:
    """Give the place of each row that held; 'other' for one that was not learnt, missing where missing."""
    return _named(rows, feature, rows.table.codes(feature.column).texts)


def area_of(rows: AttributeRows, feature: Feature, length: int) -> pd.api.extensions.ExtensionArray:
    """Give the area of the postcode of each row that held; as :func:`place_of`."""
    return _named(rows, feature, [_area(text, length) for text in rows.table.codes(feature.column).texts])


def _named(rows: AttributeRows, feature: Feature, texts: list[str]) -> pd.api.extensions.ExtensionArray:
    learnt = set(feature.where[0][2])
    return rows.texts_of(feature.column, [text if text in learnt else _OTHER for text in texts])


def _area(postcode: str, length: int) -> str:
    return postcode.strip().upper()[:length]

"""Columns whose cells hold several items, such as the technologies that a business uses."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nbo.errors import InputError
from nbo.features.attribute_rows import AttributeRows
from nbo.features.feature import Feature, feature_name
from nbo.features.past import Past
from nbo.tables import TableColumns

__all__ = ["ItemCounts", "ItemLists", "item_features"]


class ItemLists:
    """The lists of a column, each different one once.

    Parameters
    ----------
    table : TableColumns
    column : str
        Cells are texts such as "crm|erp", or lists, tuples, sets or arrays of items. A text
        without any item, or an empty list, says that there are none; a missing cell says nothing.

    Examples
    --------
    >>> table = TableColumns.of(pd.DataFrame({"technologies": ["crm|erp", None, ""]}), "customers")
    >>> lists = ItemLists(table, "technologies")
    >>> rows = AttributeRows(table, np.array([0, 1, 2]), np.zeros(3, dtype=np.int64))
    >>> lists.has(rows, "crm").tolist(), lists.sizes(rows).tolist()
    ([1.0, nan, 0.0], [2.0, nan, 0.0])
    """

    def __init__(self, table: TableColumns, column: str) -> None:
        cells = table[column]
        if cells.dtype == object:
            self.codes, different = pd.factorize(pd.Series([_items(cell) for cell in cells], dtype=object))
            self.lists: list[frozenset[str]] = list(different)
        else:
            codes = table.codes(column)
            self.codes, self.lists = codes.codes.astype(np.int64), [_items(text) or frozenset() for text in codes.texts]

    def has(self, rows: AttributeRows, item: str) -> np.ndarray:
        """Tell whether the list of each row that held has an item: 1, 0, or NaN where nothing is said."""
        return self._of(rows, [float(item in items) for items in self.lists])

    def sizes(self, rows: AttributeRows) -> np.ndarray:
        """Count the different items of each row that held; NaN where nothing is said."""
        return self._of(rows, [float(len(items)) for items in self.lists])

    def _of(self, rows: AttributeRows, numbers: list[float]) -> np.ndarray:
        return np.append(np.array(numbers, dtype=float), np.nan)[np.append(self.codes, -1)[rows.rows]]


@dataclass(frozen=True)
class ItemCounts:
    """Count the items of a column in a piece of a table, each once a row.

    Parameters
    ----------
    column : str

    Examples
    --------
    >>> table = TableColumns.of(pd.DataFrame({"technologies": ["crm|erp", None, "crm", "web"]}), "customers")
    >>> ItemCounts("technologies")(table, np.array([True, True, True, False]))["crm"]
    2
    """

    column: str

    @property
    def columns(self) -> list[str]:
        """The column that is read."""
        return [self.column]

    def __call__(self, piece: TableColumns, known: np.ndarray) -> dict[str, int]:
        """Count in the rows of a piece that were known."""
        lists, counts = ItemLists(piece, self.column), Counter[str]()
        codes = lists.codes[known]
        for number, n in zip(*np.unique(codes[codes >= 0], return_counts=True), strict=True):
            counts.update(dict.fromkeys(lists.lists[number], int(n)))
        return counts


def item_features(past: Past, column: str, top: int) -> list[Feature]:
    """Plan the number of items of a column of `customers`, and the most frequent items.

    Parameters
    ----------
    past : Past
    column : str
    top : int
        How many items are learnt, from rows known before the spine's latest `as_of`.

    Returns
    -------
    list of Feature

    Raises
    ------
    InputError
        If `top` is no whole number of 0 or more.
    """
    if not isinstance(top, int) or top < 0:
        raise InputError(f"top_items must be a whole number of 0 or more; got {top!r}.")
    counts = past.counted("customers", ItemCounts(column))
    meaning = f"Number of different {column}, as known at as_of."
    size = feature_name("customers", column, "items")
    features = [Feature(size, "customers", column, "items", unit="count", meaning=meaning)]
    for item in sorted(counts, key=lambda item: (-counts[item], item))[:top]:
        meaning, pivot = f"1 if {item} is among the {column} as known at as_of, else 0.", ((column, item),)
        name = feature_name("customers", column, item)
        features.append(Feature(name, "customers", column, "has", pivot=pivot, meaning=meaning, kind="flag"))
    return features


def _items(cell: Any) -> frozenset[str] | None:
    """Take the items of a cell; None where it is missing."""
    if isinstance(cell, list | tuple | set | frozenset | np.ndarray):
        return frozenset(str(item).strip() for item in cell if item is not None)
    if pd.isna(cell):
        return None
    return frozenset(part.strip() for part in str(cell).split("|") if part.strip())

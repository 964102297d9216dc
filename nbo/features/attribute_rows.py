"""The rows of an attribute table that held, one for each question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from nbo.features.feature import Feature
from nbo.features.moments import SINCE_EVER
from nbo.features.windows import days_before
from nbo.tables import CONTRACTS, TableColumns
from nbo.tables.codes import FEW, texts_at

__all__ = ["AttributeRows", "plain_words"]


class AttributeRows:
    """The rows of an attribute table that held, one for each question.

    Parameters
    ----------
    table : TableColumns
    rows : ndarray of int, shape (n,)
        Positions in the table; -1 where no row held.
    as_of : ndarray of int64, shape (n,)
        The moments of the questions, in microseconds of UTC.

    Examples
    --------
    >>> table = TableColumns.of(pd.DataFrame({"city": ["Bern", "Rome"], "age": [30.0, 40.0]}), "customers")
    >>> rows = AttributeRows(table, np.array([1, -1]), np.zeros(2, dtype=np.int64))
    >>> rows.numbers("age").tolist(), rows.texts("city").tolist(), "job" in rows
    ([40.0, nan], ['Rome', nan], False)
    """

    def __init__(self, table: TableColumns, rows: np.ndarray, as_of: np.ndarray) -> None:
        self.table, self.rows, self.as_of = table, rows, as_of

    def __contains__(self, name: object) -> bool:
        return name in self.table

    def __len__(self) -> int:
        return len(self.rows)

    def numbers(self, column: str) -> np.ndarray:
        """Give a column of numbers or flags as floats, NaN where missing; shape (n,)."""
        return np.append(self.table.numbers(column), np.nan)[self.rows]

    def codes(self, column: str) -> np.ndarray:
        """Give a column of categories as the numbers of ``table.codes(column)``, -1 where missing; shape (n,)."""
        return np.append(self.table.codes(column).codes, -1)[self.rows]

    def texts(self, column: str) -> pd.api.extensions.ExtensionArray:
        """Give a column of categories as texts, missing where missing; length n."""
        # Few are taken from the texts themselves: to number the categories first takes longer.
        known = CONTRACTS[self.table.name].column(column)
        if len(self.rows) <= FEW and not (known and known.missing):
            values = self.table[column]
            if values.dtype == "str":
                return values.array.take(self.rows, allow_fill=True)
        return self.texts_of(column, self.table.codes(column).texts)

    def texts_of(self, column: str, texts: Sequence[str | None]) -> pd.api.extensions.ExtensionArray:
        """Give a column of categories in other words: a text, or None, for each number of its codes; length n."""
        return texts_at(texts, self.codes(column))

    def of_codes(self, column: str, numbers: Sequence[float]) -> np.ndarray:
        """Give a number for each number of a column's codes, NaN where missing; shape (n,)."""
        return np.append(np.asarray(numbers, dtype=float), np.nan)[self.codes(column)]

    def days_since(self, column: str) -> np.ndarray:
        """Count the days from a time to the moment of the question; NaN where it is not before it; shape (n,)."""
        return days_before(np.append(self.table.times(column), SINCE_EVER)[self.rows], self.as_of)

    def value(self, feature: Feature) -> Any:
        """Give an attribute as its feature says: texts of a category, else floats."""
        return self.texts(feature.column) if feature.kind == "category" else self.numbers(feature.column)


def plain_words(text: str) -> str:
    """Take a text in small letters, with spaces for underscores and hyphens.

    Parameters
    ----------
    text : str

    Returns
    -------
    str

    Examples
    --------
    >>> plain_words("Decision_Maker ")
    'decision maker'
    """
    return " ".join(text.lower().replace("_", " ").replace("-", " ").split())

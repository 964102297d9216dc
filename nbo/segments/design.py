"""Features of any type as numbers, by an encoding that is fixed when it is fitted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nbo.checks import check_columns, check_numbers, check_rows
from nbo.errors import InputError

__all__ = ["Design"]

# Larger numbers are all alike: trees add up squares and rows, which must not overflow.
_LARGEST = 1e18


@dataclass(frozen=True)
class Design:
    """The columns of a matrix, each a number or a yes or no to one category.

    Numbers and flags are taken as they are; missing stays missing. A feature of texts or
    categories becomes one column for each of its most frequent categories: 1 where it is that one.
    Rare, unknown and missing categories are 0 in all of them.

    Parameters
    ----------
    columns : tuple of (str, str or None)
        Feature, and the category, or None for a number.
    """

    columns: tuple[tuple[str, str | None], ...]

    @classmethod
    def of(cls, X: pd.DataFrame, most: int = 20) -> Design:
        """Fix the encoding.

        Parameters
        ----------
        X : DataFrame of shape (n, any)
        most : int, default=20
            Number of categories kept of a feature, the most frequent ones; of equally frequent
            ones the first in the alphabet.

        Returns
        -------
        Design
            Without features that are missing in all rows.

        Raises
        ------
        InputError
            If a feature is neither of numbers, flags, texts nor categories.
        """
        check_columns(X, X.columns, "X")
        columns: list[tuple[str, str | None]] = []
        for name in X.columns:
            if X[name].isna().all():
                continue
            if pd.api.types.is_numeric_dtype(X[name].dtype) or pd.api.types.is_bool_dtype(X[name].dtype):
                columns.append((name, None))
                continue
            _check_texts(X[name])
            counts = X[name].dropna().astype(str).value_counts().sort_index(kind="stable")
            kept = counts.sort_values(ascending=False, kind="stable").index[:most]
            columns += [(name, category) for category in sorted(kept)]
        return cls(tuple(columns))

    @property
    def features(self) -> list[str]:
        """The features used, in order."""
        return list(dict.fromkeys(name for name, _ in self.columns))

    def matrix(self, X: pd.DataFrame, used: Collection[int] | None = None) -> np.ndarray:
        """Encode features.

        Parameters
        ----------
        X : DataFrame of shape (n, any)
        used : collection of int, optional
            Columns that are looked at; the others are left zero. All by default.

        Returns
        -------
        ndarray of float32, shape (n, max(n_columns, 1))
            NaN where a number is missing. Without any column, one of zeros.

        Raises
        ------
        InputError
            If a feature is missing, or is not of numbers where it was.
        """
        check_columns(X, self.features, "X")
        result = np.zeros((len(X), max(len(self.columns), 1)), dtype=np.float32)
        asked = [(i, *self.columns[i]) for i in (range(len(self.columns)) if used is None else used)]
        texts = {name: _texts(X[name]) for name in {name for _, name, category in asked if category is not None}}
        for position, name, category in asked:
            if category is None:
                result[:, position] = np.clip(_numbers(X[name]), -_LARGEST, _LARGEST)
            else:
                result[:, position] = texts[name] == category
        return result

    def to_dict(self) -> dict[str, Any]:
        """Give JSON values.

        Returns
        -------
        dict
        """
        return {"columns": [list(column) for column in self.columns]}

    @classmethod
    def from_dict(cls, state: dict[str, Any]) -> Design:
        """Rebuild from :meth:`to_dict`.

        Parameters
        ----------
        state : dict

        Returns
        -------
        Design
        """
        return cls(tuple((name, category) for name, category in state["columns"]))


def _texts(values: pd.Series) -> np.ndarray:
    known = values.astype(object)
    return known.astype(str).where(known.notna(), "").astype(object).mask(known.isna(), None).to_numpy()


def _numbers(values: pd.Series) -> np.ndarray:
    return check_numbers(values, f"X.{values.name}", "numbers, as in `fit`")


def _check_texts(values: pd.Series) -> None:
    if isinstance(values.dtype, pd.StringDtype):
        return
    categories = values.cat.categories if isinstance(values.dtype, pd.CategoricalDtype) else values.dropna()
    if pd.api.types.is_datetime64_any_dtype(values.dtype) or pd.api.types.is_timedelta64_dtype(values.dtype):
        raise InputError(f"X.{values.name} must hold numbers, flags or texts; got {values.dtype}. Use days as numbers.")
    wrong = np.array([not isinstance(value, str | int | float | bool | np.generic) for value in categories], dtype=bool)
    check_rows(wrong, np.asarray(categories, dtype=object), f"X.{values.name}", "numbers, flags or texts")

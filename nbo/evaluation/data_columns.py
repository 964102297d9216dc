"""Which columns of features belong to which data type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_rows
from nbo.errors import InputError
from nbo.features import FeatureSet

__all__ = ["DataColumns", "data_columns"]

# What is asked about, not what is known of the customer: every model sees these.
_ASKED = (c.OFFER_ID, c.CHANNEL)


@dataclass(frozen=True)
class DataColumns:
    """The columns of each data type, in the order in which data types are added.

    Parameters
    ----------
    columns : dict of str to list of str
        Data type to its columns.
    asked : list of str
        Columns that every model sees.
    """

    columns: dict[str, list[str]]
    asked: list[str]

    @property
    def data_types(self) -> tuple[str, ...]:
        """All data types, in order."""
        return tuple(self.columns)

    def without(self, data_type: str) -> tuple[str, ...]:
        """Give all data types but one, in order.

        Parameters
        ----------
        data_type : str

        Returns
        -------
        tuple of str
        """
        return tuple(other for other in self.columns if other != data_type)

    def steps(self) -> Iterator[tuple[str, ...]]:
        """Give the data types that are there after each step of adding one.

        Yields
        ------
        tuple of str
        """
        for count in range(1, len(self.columns) + 1):
            yield self.data_types[:count]

    def sets(self) -> list[tuple[str, ...]]:
        """List the sets of data types that models are needed for, each once; the first is empty.

        Returns
        -------
        list of tuple of str
        """
        alone = [(data_type,) for data_type in self.columns]
        without = [self.without(data_type) for data_type in self.columns]
        return list(dict.fromkeys([(), *alone, *without, *self.steps()]))

    def of(self, data_types: tuple[str, ...]) -> list[str]:
        """Give the columns that a model of some data types sees.

        Parameters
        ----------
        data_types : tuple of str

        Returns
        -------
        list of str
        """
        return [*(name for data_type in data_types for name in self.columns[data_type]), *self.asked]


def data_columns(features: Any, X: pd.DataFrame, order: Sequence[str] | None = None) -> DataColumns:
    """Find the columns of each data type.

    Parameters
    ----------
    features : FeatureSet or mapping of str to str
        A fitted set, or column to data type.
    X : DataFrame
    order : sequence of str, optional
        All data types; by default as features name them first.

    Returns
    -------
    DataColumns

    Raises
    ------
    InputError
        If a column is missing, has no data type, or the order is not of all data types.
    TypeError
        If features are neither a set nor a mapping.

    Examples
    --------
    >>> X = pd.DataFrame({"age": [30], "visits": [2], "offer_id": ["card"]})
    >>> found = data_columns({"age": "demographic", "visits": "behavioral"}, X)
    >>> found.columns, found.asked
    ({'demographic': ['age'], 'behavioral': ['visits']}, ['offer_id'])
    """
    named = _named(features)
    check_columns(X, named, "X")
    asked = [name for name in _ASKED if name in X.columns and name not in named]
    nameless = [name for name in X.columns if name not in named and name not in asked]
    if nameless:
        raise InputError(
            f"each column of X must have a data type; features do not name {len(nameless)} of {len(X.columns)}, "
            f"first: {nameless[0]!r}. Name their data types in a mapping, or leave them out of X."
        )
    columns: dict[str, list[str]] = {}
    for name, data_type in named.items():
        columns.setdefault(data_type, []).append(name)
    return DataColumns(_ordered(columns, order), asked)


def _named(features: Any) -> dict[str, str]:
    """Give each column's data type."""
    if isinstance(features, FeatureSet):
        dictionary = features.describe()
        named = dict(zip(dictionary["feature"], dictionary["data_type"], strict=True))
    elif isinstance(features, Mapping):
        named = dict(features)
    else:
        raise TypeError(
            f"features must be a FeatureSet or a mapping of columns to data types; got {type(features).__name__}."
        )
    if not named:
        raise InputError("features must name one column or more; they name none.")
    wrong = pd.Series([not isinstance(data_type, str) or not data_type.strip() for data_type in named.values()])
    check_rows(wrong.to_numpy(), list(named.items()), "features", "columns with a data type, which is a text")
    return named


def _ordered(columns: dict[str, list[str]], order: Sequence[str] | None) -> dict[str, list[str]]:
    if order is None:
        return columns
    if sorted(order) != sorted(columns):
        raise InputError(f"order must hold each of {', '.join(map(repr, columns))} once; got {list(order)!r}.")
    return {data_type: columns[data_type] for data_type in order}

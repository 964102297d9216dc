"""Compare what two frames hold: keys, and rows that share their keys."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns
from nbo.tables import TableColumns
from nbo.tables.codes import as_texts
from nbo.tables.plain_values import microseconds

__all__ = ["Asked", "content_rank", "match_keys"]


@dataclass(frozen=True)
class Asked:
    """What a spine asks for, found once for many tables.

    Parameters
    ----------
    as_of : ndarray of int64, shape (n,)
        Microseconds of UTC.
    owners : ndarray of int, shape (n,)
        Number of each spine row's key; -1 where missing.
    keys : Index or Series
        What each number stands for.
    """

    as_of: np.ndarray
    owners: np.ndarray
    keys: pd.Index | pd.Series

    @classmethod
    def of(cls, spine: pd.DataFrame, key: str) -> Asked:
        """Give numbers to the keys of a spine."""
        return cls(microseconds(spine[c.AS_OF]), *_numbered(spine[key]))

    def found_in(self, table: TableColumns, key: str) -> np.ndarray:
        """Give the number of each row's key in a table; -1 where nobody asks for it."""
        return _found(table, key, self.keys)


def match_keys(table: TableColumns, spine: pd.DataFrame, key: str) -> tuple[np.ndarray, np.ndarray]:
    """Give numbers to the keys that a spine asks for.

    Parameters
    ----------
    table : TableColumns of m rows
    spine : DataFrame of shape (n, ...)
    key : str
        Column of both.

    Returns
    -------
    codes : ndarray of int, shape (m,)
        Number of each row's key; -1 where nobody asks for it.
    owners : ndarray of int, shape (n,)
        Number of each spine row's key; -1 where missing.

    Raises
    ------
    InputError
        If the table lacks the column, or keys are text on one side and numbers on the other.
    """
    owners, asked = _numbered(spine[key])
    return _found(table, key, asked), owners


def _found(table: TableColumns, key: str, asked: pd.Index | pd.Series) -> np.ndarray:
    if key not in table:
        check_columns(table, [key], table.name)
    return table.found_among(key, asked) if len(table) else np.empty(0, dtype=np.int32)


def _numbered(keys: pd.Series) -> tuple[np.ndarray, pd.Index | pd.Series]:
    """Give numbers to keys, -1 where missing, and what each number stands for."""
    if len(keys) == 1 and not pd.isna(keys.iloc[0]):
        return np.zeros(1, dtype=np.int64), keys
    owners, asked = pd.factorize(keys)
    return owners, pd.Index(asked)


def content_rank(table: TableColumns, identity: pd.DataFrame) -> np.ndarray:
    """Rank rows that share all keys by what they hold, so that the order of a file never matters.

    Parameters
    ----------
    table : TableColumns of m rows
    identity : DataFrame of shape (m, ...)
        The keys.

    Returns
    -------
    ndarray of int, shape (m,)
        0 for a row that shares its keys with no other; else its rank among all such rows, which are compared
        column by column in the order of their names.
    """
    twins = np.flatnonzero(identity.duplicated(keep=False))
    rank = np.zeros(len(table), dtype=np.int64)
    if len(twins):
        content = [_ranks(table[name].iloc[twins]) for name in sorted(table.columns, reverse=True)]
        rank[twins[np.lexsort(content)]] = np.arange(len(twins))
    return rank


def _ranks(values: pd.Series) -> np.ndarray:
    """Rank values, missing ones first; numbers compare as numbers, whatever their type, all else as text."""
    comparable = values.astype("float64") if pd.api.types.is_numeric_dtype(values.dtype) else as_texts(values)
    return comparable.rank(method="dense").fillna(0).to_numpy(dtype=float)

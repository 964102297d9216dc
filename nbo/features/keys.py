"""Compare what two frames hold: keys, and rows that share their keys."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbo.checks import check_columns
from nbo.tables import TableColumns
from nbo.tables.codes import as_texts

__all__ = ["content_rank", "match_keys"]


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
    if key not in table:
        check_columns(table, [key], table.name)
    owners, asked = _numbered(spine[key])
    if not len(table):
        return np.empty(0, dtype=np.int32), owners
    return table.found_among(key, asked), owners


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

"""Compare what two frames hold: keys, and rows that share their keys."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbo.checks import check_columns
from nbo.errors import InputError
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
    check_columns(table, [key], table.name)
    codes, own = _numbered(table[key])
    _check_same_kind(pd.Series(own), spine[key], f"{table.name}.{key}")
    owners, asked = pd.factorize(spine[key])
    found = pd.Index(asked).get_indexer(own)
    return np.append(found, -1).astype(np.int32)[codes], owners


def _numbered(keys: pd.Series) -> tuple[np.ndarray, pd.Index]:
    """Give numbers to keys, -1 where missing, and what each number stands for."""
    if isinstance(keys.dtype, pd.CategoricalDtype):
        return keys.cat.codes.to_numpy(), keys.cat.categories
    codes, different = pd.factorize(keys)
    return codes, pd.Index(different)


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


def _check_same_kind(values: pd.Series, asked: pd.Series, what: str) -> None:
    dtypes = [side.cat.categories.dtype if side.dtype == "category" else side.dtype for side in (values, asked)]
    if object in dtypes or not (len(values) and asked.notna().any()):
        return
    kinds = ["numbers" if pd.api.types.is_numeric_dtype(dtype) else "text" for dtype in dtypes]
    if kinds[0] != kinds[1]:
        raise InputError(
            f"{what} must be of the kind that the spine's customers have; it holds {kinds[0]} such as "
            f"{values.iloc[0]!r}, theirs are {kinds[1]} such as {asked.dropna().iloc[0]!r}."
        )

"""Compare what two frames hold: keys, categories and whole rows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbo.checks import check_columns
from nbo.errors import InputError

__all__ = ["as_texts", "by_content", "match_keys"]


def as_texts(values: pd.Series) -> pd.Series:
    """Take categories as texts; a whole number is the same text as integer and as float.

    Parameters
    ----------
    values : Series of length n

    Returns
    -------
    Series of str, length n
        Missing where missing.

    Examples
    --------
    >>> as_texts(pd.Series([1.0, None, 2.5])).tolist()
    ['1', nan, '2.5']
    """
    texts = values.astype("str")
    # Integers turn into floats as soon as one row is missing.
    return texts.str.removesuffix(".0") if pd.api.types.is_float_dtype(values.dtype) else texts


def match_keys(frame: pd.DataFrame, spine: pd.DataFrame, table: str, key: str) -> tuple[np.ndarray, np.ndarray]:
    """Give numbers to the keys that a spine asks for.

    Parameters
    ----------
    frame : DataFrame of shape (m, ...)
        Rows of a table.
    spine : DataFrame of shape (n, ...)
    table : str
        Name for messages.
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
        If the frame lacks the column, or keys are text on one side and numbers on the other.
    """
    check_columns(frame, [key], table)
    _check_same_kind(frame[key], spine[key], f"{table}.{key}")
    owners, asked = pd.factorize(spine[key])
    own, names = pd.factorize(frame[key])
    found = pd.Index(asked).get_indexer(pd.Index(names))
    return np.append(found, -1)[own], owners


def by_content(frame: pd.DataFrame, keys: list[str]) -> np.ndarray:
    """Order rows that share all keys by what they hold, so that the order of a file never matters.

    Parameters
    ----------
    frame : DataFrame of shape (m, ...)
    keys : list of str

    Returns
    -------
    ndarray of int, shape (m,)
        Positions; rows that share no keys come first.
    """
    twins = frame.duplicated(keys, keep=False).to_numpy()
    if not twins.any():
        return np.arange(len(frame))
    content = frame[twins].apply(lambda column: column.astype(str) if column.dtype == object else column)
    rank = np.zeros(len(frame), dtype=np.uint64)
    rank[twins] = pd.util.hash_pandas_object(content, index=False).to_numpy()
    return np.argsort(rank, kind="stable")


def _check_same_kind(values: pd.Series, asked: pd.Series, what: str) -> None:
    dtypes = [side.cat.categories.dtype if side.dtype == "category" else side.dtype for side in (values, asked)]
    if object in dtypes or not (values.notna().any() and asked.notna().any()):
        return
    kinds = ["numbers" if pd.api.types.is_numeric_dtype(dtype) else "text" for dtype in dtypes]
    if kinds[0] != kinds[1]:
        raise InputError(
            f"{what} must be of the kind that the spine's customers have; it holds {kinds[0]} such as "
            f"{values.dropna().iloc[0]!r}, theirs are {kinds[1]} such as {asked.dropna().iloc[0]!r}."
        )

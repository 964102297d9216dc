"""What is put into arms together: a customer, or all customers of a household."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo.checks import check_keys, check_rows
from nbo.errors import InputError

__all__ = ["segments_of", "unit_keys"]


def unit_keys(customer_ids: Any, households: Any = None) -> np.ndarray:
    """Give the key of each customer's unit: the household where there is one, else the customer.

    Parameters
    ----------
    customer_ids : array-like of shape (n,)
        Texts or whole numbers, none missing.
    households : array-like of shape (n,), optional
        Texts or whole numbers; may be missing.

    Returns
    -------
    ndarray of str, shape (n,)

    Raises
    ------
    InputError
        If an id is missing or neither text nor a whole number, or lengths differ.

    Examples
    --------
    >>> unit_keys([7, "ann"], [None, 3.0]).tolist()
    ['7', 'household/3']
    """
    ids = _texts(customer_ids, "customer_ids")
    if households is None:
        return ids.to_numpy(dtype=object)
    own = _texts(households, "households", missing=True)
    if len(own) != len(ids):
        raise InputError(f"households must be one for each of {len(ids)} customers; got {len(own)}.")
    return ("household/" + own).where(own.notna(), ids).to_numpy(dtype=object)


def segments_of(segments: Any, n: int) -> np.ndarray:
    """Take the segment of each customer as text.

    Parameters
    ----------
    segments : array-like of shape (n,)
    n : int
        Customers.

    Returns
    -------
    ndarray of str, shape (n,)

    Raises
    ------
    InputError
        If one is missing, or there is not one for each.

    Examples
    --------
    >>> segments_of(["gold", 3], 2).tolist()
    ['gold', '3']
    """
    taken = _texts(segments, "segments")
    if len(taken) != n:
        raise InputError(f"segments must be one for each of {n} customers; got {len(taken)}.")
    return taken.to_numpy(dtype=object)


def _texts(values: Any, what: str, *, missing: bool = False) -> pd.Series:
    """Take keys as texts: a whole number is the same key as its digits."""
    if np.ndim(values) != 1:
        raise InputError(f"{what} must have one dimension, such as a column; got {np.ndim(values)}.")
    series = pd.Series(values).reset_index(drop=True)
    check_keys(series.dropna() if missing else series, what)
    if pd.api.types.is_float_dtype(series.dtype):
        # Whole numbers with some missing are floats in pandas.
        check_rows((series % 1 != 0).to_numpy() & series.notna().to_numpy(), series, what, "texts or whole numbers")
        series = series.astype("Int64")
    if pd.api.types.is_string_dtype(series.dtype) or pd.api.types.is_integer_dtype(series.dtype):
        return series.astype("str")
    return series.astype(object).map(_text, na_action="ignore").astype("str")


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)

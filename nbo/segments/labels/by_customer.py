"""Labels, each by its customer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo.checks import check_rows
from nbo.errors import InputError
from nbo.states import plain_value

__all__ = ["check_same_ids", "labels_by_customer"]


def labels_by_customer(labels: Any, what: str) -> pd.Series:
    """Take labels as texts, by customer.

    Parameters
    ----------
    labels : Series or array-like of shape (n,)
        The index of a series names the customers, each once; without one their places do. May be missing.
    what : str
        Name for messages.

    Returns
    -------
    Series of str
        Missing where missing. Whole numbers are texts such as "1", also where gaps have made them floats.

    Raises
    ------
    InputError
        If a customer stands twice.
    """
    series = labels if isinstance(labels, pd.Series) else pd.Series(np.asarray(labels, dtype=object))
    twice = series.index.duplicated()
    if twice.any():
        check_rows(twice, series.index, f"the index of {what}", "of customers, each once")
    if pd.api.types.is_float_dtype(series.dtype) and (series.dropna() % 1 == 0).all():
        series = series.astype("Int64")
    return series.astype("str")


def check_same_ids(one: pd.Index, other: pd.Index, names: tuple[str, str]) -> None:
    """Refuse ids of which one side are numbers and the other texts: nobody would be found again.

    Parameters
    ----------
    one, other : Index
        Ids of customers.
    names : (str, str)
        Of the two, for messages.

    Raises
    ------
    InputError
        If their kinds differ, and neither is empty.
    """
    numbers = [pd.api.types.is_numeric_dtype(ids.infer_objects().dtype) for ids in (one, other)]
    if len(one) and len(other) and numbers[0] != numbers[1]:
        first = [plain_value(ids[0]) for ids in (one, other)]
        raise InputError(
            f"{names[0]} and {names[1]} must name customers in the same way; got {first[0]!r} and {first[1]!r}. "
            "Make both numbers, or both texts."
        )

"""Values and rows that must be of the same customers in the same order."""

from __future__ import annotations

from typing import Any

import pandas as pd

from nbo.errors import InputError
from nbo.states import plain_value

__all__ = ["check_same_order"]


def check_same_order(values: Any, index: pd.Index, what: str, of: str = "X") -> None:
    """Refuse a series that names the same customers as the rows in another order: it would be read in the wrong one.

    Parameters
    ----------
    values : object
        Only a series or a frame can be wrong; it is read by place, not by its index. One with the default index
        names nobody, and is taken.
    index : Index
        Of the rows.
    what, of : str
        Names of the values and of the rows, for messages.

    Raises
    ------
    InputError
        If both name the same customers, but in another order.

    Examples
    --------
    >>> check_same_order(pd.Series([1, 2], ["ann", "bob"]), pd.Index(["bob", "ann"]), "labels")
    Traceback (most recent call last):
    nbo.errors.InputError: labels must be in the order of the rows of X; ... Give it reindexed by X.index.
    """
    own = values.index if isinstance(values, pd.Series | pd.DataFrame) else index
    default = isinstance(own, pd.RangeIndex) and own.start == 0 and own.step == 1
    if default or len(own) != len(index) or own.equals(index):
        return
    if own.has_duplicates or index.has_duplicates or not own.isin(index).all():
        return
    first = next(place for place, (one, other) in enumerate(zip(own, index, strict=True)) if one != other)
    raise InputError(
        f"{what} must be in the order of the rows of {of}; at row {first} it is of {plain_value(own[first])!r}, "
        f"{of} of {plain_value(index[first])!r}. Give it reindexed by {of}.index."
    )

"""Columns of the same customers, taken by place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo.checks import check_keys, check_numbers, check_rows
from nbo.errors import InputError

__all__ = ["aligned_groups", "aligned_numbers", "check_order"]


def aligned_numbers(
    values: Any, n: int, what: str, like: str, *, missing: bool = False, least: float = -np.inf
) -> np.ndarray:
    """Take one finite number of each customer.

    Parameters
    ----------
    values : array-like of shape (n,)
    n : int
        How many there must be.
    what, like : str
        Name for messages, and of what has `n` rows.
    missing : bool, default=False
        Whether one may be missing.
    least : float, optional
        The least allowed.

    Returns
    -------
    ndarray of float, shape (n,)

    Raises
    ------
    InputError
        If there are more or fewer, or one is missing, infinite or too small.

    Examples
    --------
    >>> aligned_numbers([1, 2], 3, "spend", "clv")
    Traceback (most recent call last):
    nbo.errors.InputError: spend must have 3 rows, as clv; got 2.
    """
    numbers = check_numbers(values, what)
    if len(numbers) != n:
        raise InputError(f"{what} must have {n} rows, as {like}; got {len(numbers)}.")
    wrong = np.isinf(numbers) | (np.isnan(numbers) & (not missing))
    check_rows(wrong, numbers, what, "finite" if missing else "there and finite")
    check_rows(numbers < least, numbers, what, f"{least:g} or more")
    return numbers


def check_order(values: Any, like: Any, what: str, other: str) -> None:
    """Check that two columns of the same customers do not name them in different orders.

    Parameters
    ----------
    values, like : array-like
        Only a Series names its rows, by its index.
    what, other : str
        Names for messages.

    Raises
    ------
    InputError
        If both have the same labels in different orders.

    Examples
    --------
    >>> check_order(pd.Series([1, 2], index=["ann", "bob"]), pd.Series([3, 4], index=["bob", "ann"]), "segments", "clv")
    Traceback (most recent call last):
    nbo.errors.InputError: segments must be in the order of clv; its index has the same labels in another order. \
Rows go by place: give segments.reindex(clv.index).
    """
    if not (isinstance(values, pd.Series | pd.DataFrame) and isinstance(like, pd.Series | pd.DataFrame)):
        return
    own, theirs = values.index, like.index
    if len(own) == len(theirs) and not own.equals(theirs) and own.isin(theirs).all() and theirs.isin(own).all():
        raise InputError(
            f"{what} must be in the order of {other}; its index has the same labels in another order. Rows go by "
            f"place: give {what}.reindex({other}.index)."
        )


def aligned_groups(values: Any, n: int, what: str, like: str) -> tuple[np.ndarray, pd.Index]:
    """Take one group of each customer.

    Parameters
    ----------
    values : array-like of shape (n,)
        Names of groups.
    n : int
        How many there must be.
    what, like : str
        Name for messages, and of what has `n` rows.

    Returns
    -------
    codes : ndarray of int, shape (n,)
        Place of each customer's group in the names.
    names : Index of shape (k,)
        Of the groups that have customers, in order.

    Raises
    ------
    InputError
        If there are more or fewer, or one is missing.

    Examples
    --------
    >>> codes, names = aligned_groups(["b", "a", "b"], 3, "segments", "clv")
    >>> codes.tolist(), list(names)
    ([1, 0, 1], ['a', 'b'])
    """
    series = pd.Series(values)
    if len(series) != n:
        raise InputError(f"{what} must have {n} rows, as {like}; got {len(series)}.")
    check_keys(series, what)
    if isinstance(series.dtype, pd.CategoricalDtype):
        series = series.cat.remove_unused_categories()
        return series.cat.codes.to_numpy(dtype=np.int64), pd.Index(series.cat.categories)
    codes, names = pd.factorize(series, sort=True)
    return codes, pd.Index(names)

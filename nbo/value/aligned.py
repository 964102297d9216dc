"""Columns of the same customers, taken by place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo.checks import check_keys, check_numbers, check_rows
from nbo.errors import InputError

__all__ = ["aligned_groups", "aligned_numbers"]


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

"""Rows of sales, as sums by period take them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_numbers, check_rows
from nbo.times import check_times

__all__ = ["COUNTS", "group_of", "period_sums", "sales_rows"]

# When a row was known, in microseconds.
COUNTS = "counts"
_UNKNOWN = "unknown"


def sales_rows(frame: Any, what: str, measure: str = c.AMOUNT, by: str | None = None) -> pd.DataFrame:
    """Take a table of sales; returns count as negative sales, what is pending does not count.

    Parameters
    ----------
    frame : DataFrame
        event_time, `measure` and `by`; known_at, kind and status if they are there. Rows that are the same in every
        column count once where there is a transaction_id.
    what : str
        Name of the frame for messages.
    measure : str, default="amount"
        Column of numbers.
    by : str, optional
        Column of groups.

    Returns
    -------
    DataFrame
        event_time, `measure`, `by`, and counts: when each row was known, in microseconds.

    Raises
    ------
    InputError
        If a column is missing, or a time or number is missing or not allowed.
    """
    rows = check_frame(frame, what)
    check_columns(rows, [c.EVENT_TIME, measure, *([by] if by else [])], what)
    if c.TRANSACTION_ID in rows.columns:
        rows = rows.drop_duplicates()
    happened = check_times(rows[c.EVENT_TIME], f"{what}.{c.EVENT_TIME}")
    numbers = check_numbers(rows[measure], f"{what}.{measure}")
    check_rows(~np.isfinite(numbers), numbers, f"{what}.{measure}", "a finite number in every row")
    known = happened
    if c.KNOWN_AT in rows.columns:
        stated = check_times(rows[c.KNOWN_AT], f"{what}.{c.KNOWN_AT}", missing=True)
        known = stated.where((stated > happened).to_numpy(), happened)
    if c.KIND in rows.columns:
        numbers = np.where(rows[c.KIND] == c.RETURN, -numbers, numbers)
    found = {c.EVENT_TIME: happened.to_numpy(), measure: numbers, COUNTS: known.to_numpy().astype(np.int64)}
    if by:
        found[by] = rows[by].to_numpy()
    taken = pd.DataFrame(found)
    return taken[(rows[c.STATUS] != c.PENDING).to_numpy()] if c.STATUS in rows.columns else taken


def group_of(frame: pd.DataFrame, by: str | None) -> pd.Index:
    """Give the group of each row as text.

    Parameters
    ----------
    frame : DataFrame of n rows
    by : str or None
        Column; None is one group of all.

    Returns
    -------
    Index of length n
        "unknown" where missing.
    """
    if by is None:
        return pd.Index(["all"] * len(frame), dtype="str")
    values = frame[by]
    return pd.Index(values.astype("str").where(values.notna(), _UNKNOWN), dtype="str")


def period_sums(period: np.ndarray, group: np.ndarray, amount: Any, n: int, g: int, unit: float = 0.01) -> np.ndarray:
    """Sum amounts by period and group, in whole units, so that nothing is lost.

    Parameters
    ----------
    period, group : ndarray of int, shape (m,)
        In [0, n) and [0, g).
    amount : array-like of shape (m,)
        A missing one counts as 0.
    n, g : int
        Periods and groups.
    unit : float, default=0.01
        The least amount: a cent.

    Returns
    -------
    ndarray of shape (n, g)

    Examples
    --------
    >>> period_sums(np.array([0, 1, 1]), np.array([0, 0, 1]), [0.1, 0.2, 0.3], 2, 2).tolist()
    [[0.1, 0.0], [0.2, 0.3]]
    """
    per_unit = round(1 / unit)
    whole = np.rint(np.nan_to_num(np.asarray(amount, dtype=float)) * per_unit)
    return np.bincount(period * g + group, weights=whole, minlength=n * g)[: n * g].reshape(n, g) / per_unit

"""When label windows begin, and whether they are over."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_one_of, check_rows
from nbo.errors import InputError
from nbo.features.base import Tables, check_spine
from nbo.features.builders.transaction import completed_sales
from nbo.features.history import History
from nbo.features.moments import moments
from nbo.features.windows import known_before, rows_after
from nbo.tables import CustomerTables, Spine, TableColumns
from nbo.tables.stored_tables import opened
from nbo.times import check_duration, check_time

__all__ = ["Incomplete", "check_gap", "end_of_data", "known_until", "sales_ahead", "windows_over"]

Incomplete = Literal["drop", "raise"]

_EVENT_TABLES = ("transactions", "cases", "referrals", "events", "social", "surveys", "decisions", "outcomes")


def known_until(table: TableColumns, end: Any) -> np.ndarray:
    """Mark the rows known before a stated end of the data; without one all rows count.

    Parameters
    ----------
    table : TableColumns of m rows
    end : Timestamp, str or None

    Returns
    -------
    ndarray of bool, shape (m,)

    Raises
    ------
    InputError
        If the end is no time.
    """
    return np.ones(len(table), dtype=bool) if end is None else known_before(table, check_time(end))


def check_gap(gap: Any) -> pd.Timedelta:
    """Take the time from `as_of` to the start of the label window.

    Parameters
    ----------
    gap : str or timedelta
        0 or more.

    Returns
    -------
    Timedelta

    Raises
    ------
    InputError
        If it is not a length of time, or below zero.

    Examples
    --------
    >>> check_gap("0D"), check_gap("1W")
    (Timedelta('0 days 00:00:00'), Timedelta('7 days 00:00:00'))
    """
    try:
        nothing = pd.Timedelta(gap) == pd.Timedelta(0)
    except (ValueError, TypeError):
        nothing = False
    return pd.Timedelta(0) if nothing else check_duration(gap, "gap")


def end_of_data(tables: CustomerTables, until: Any = None) -> pd.Timestamp:
    """Give the end of the data: a stated one, or the latest moment of any event.

    Parameters
    ----------
    tables : CustomerTables
    until : Timestamp or str, optional
        The end, if stated.

    Returns
    -------
    Timestamp

    Raises
    ------
    InputError
        If it is stated and no time, or not stated and there are no events.
    """
    if until is not None:
        return check_time(until, "until")
    ends = []
    for name in _EVENT_TABLES:
        if tables.has(name) and len(tables.columns(name)):
            happened, known = moments(tables.columns(name))
            ends.append(max(happened.max(), known.max()))
    if not ends:
        raise InputError("the tables have no events, so the end of the data is not known; state it.")
    return pd.Timestamp(max(ends), unit="us")


def sales_ahead(
    tables: Tables, spine: Spine, horizon: str, gap: str, incomplete: Incomplete, until: Any
) -> tuple[History, np.ndarray]:
    """Find the completed sales in each label window, and mark the windows that are over.

    Parameters
    ----------
    tables : CustomerTables, StoredTables, str or Path
    spine : Spine of n rows
    horizon, gap, incomplete, until
        As for :func:`nbo.labels.churned`.

    Returns
    -------
    sales : History of n rows
    over : ndarray of bool, shape (n,)

    Raises
    ------
    InputError
        If there are no transactions, an argument is not allowed, or windows are not over and `incomplete` is "raise".
    """
    stored = opened(tables)
    if not stored.has("transactions"):
        raise InputError(f"labels need the table transactions; there are: {', '.join(stored.names) or 'none'}.")
    check_spine(spine)
    ahead = check_duration(horizon, "horizon")
    pause = check_gap(gap)
    end = end_of_data(stored, until)
    kept = windows_over(spine.frame[c.AS_OF], pause + ahead, end, incomplete)
    table = stored.columns("transactions")
    history = rows_after(table, spine.frame, pause, ahead)
    return history.where((completed_sales(table) & known_until(table, until))[history.rows]), kept


def windows_over(as_of: pd.Series, ahead: pd.Timedelta, end: pd.Timestamp, incomplete: Incomplete) -> np.ndarray:
    """Mark the rows whose window is over at the end of the data.

    Parameters
    ----------
    as_of : Series of n rows
    ahead : Timedelta
        From `as_of` to the end of the window.
    end : Timestamp
        Of the data.
    incomplete : {"drop", "raise"}

    Returns
    -------
    ndarray of bool, shape (n,)

    Raises
    ------
    InputError
        If some are not over and `incomplete` is "raise".
    """
    check_one_of(incomplete, ("drop", "raise"), "incomplete")
    over = (as_of + ahead <= end).to_numpy()
    if incomplete == "raise":
        allowed = f"at or before {end - ahead}, for their window to be over at the end of the data, {end}"
        check_rows(~over, as_of, "as_of", allowed, "incomplete='drop' leaves such rows out.")
    return over

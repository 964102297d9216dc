"""When label windows begin, and whether they are over."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo.errors import InputError
from nbo.features.moments import moments
from nbo.features.windows import known_before
from nbo.tables import CustomerTables, TableColumns
from nbo.times import check_duration, check_time

__all__ = ["check_gap", "end_of_data", "known_until"]

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

"""When the rows of a table happened and became known, as whole microseconds of UTC."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_rows
from nbo.tables import CONTRACTS
from nbo.times import check_times

__all__ = ["NEVER", "SINCE_EVER", "length", "microseconds", "moments"]

# NaT is stored as this number, so a missing `valid_from` lies before every moment by itself.
SINCE_EVER: Final = int(np.iinfo(np.int64).min)
NEVER: Final = int(np.iinfo(np.int64).max)


def microseconds(times: pd.Series, what: str = "times") -> np.ndarray:
    """Take times as whole microseconds since 1970 in UTC.

    Parameters
    ----------
    times : Series of length n
        Datetimes or texts of ISO 8601; rows may be missing.
    what : str
        Name for messages.

    Returns
    -------
    ndarray of int64, shape (n,)
        `SINCE_EVER` where missing.

    Raises
    ------
    InputError
        If a row is not a time.
    """
    return check_times(times, what, missing=True).to_numpy("datetime64[us]").astype(np.int64)


def length(duration: pd.Timedelta) -> int:
    """Take a length of time as whole microseconds."""
    return duration // pd.Timedelta(1, unit="us")


def moments(frame: pd.DataFrame, table: str, time: str = "") -> tuple[np.ndarray, np.ndarray]:
    """Say when each row happened and when it was known.

    Parameters
    ----------
    frame : DataFrame of shape (m, ...)
    table : str
        Name of the table; its contract says which column is the row's own time.
    time : str, optional
        Another column to take as when the row happened, such as closed_at.

    Returns
    -------
    happened : ndarray of int64, shape (m,)
        `SINCE_EVER` for attributes without a start; `NEVER` where the column `time` is missing.
    known : ndarray of int64, shape (m,)
        `known_at`, or the row's own time where that is missing.

    Raises
    ------
    InputError
        If an event lacks its time, or a value is not a time.
    """
    own = _own_times(frame, table)
    known = own
    if c.KNOWN_AT in frame:
        stated = microseconds(frame[c.KNOWN_AT], f"{table}.{c.KNOWN_AT}")
        known = np.where(stated == SINCE_EVER, own, stated)
    if not time:
        return own, known
    happened = microseconds(frame[time], f"{table}.{time}")
    return np.where(happened == SINCE_EVER, NEVER, happened), known


def _own_times(frame: pd.DataFrame, table: str) -> np.ndarray:
    name = str(CONTRACTS[table].time)
    historized = name == c.VALID_FROM
    if historized and name not in frame:
        return np.full(len(frame), SINCE_EVER)
    check_columns(frame, [name], table)
    times = microseconds(frame[name], f"{table}.{name}")
    if not historized:
        way_out = "tables.validate() lists all problems of the tables."
        check_rows(times == SINCE_EVER, frame[name], f"{table}.{name}", "there in every row", way_out)
    return times

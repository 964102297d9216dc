"""Moments and lengths of time, taken once on entry: UTC, without a zone.

A moment with a zone is converted to UTC; one without is UTC already.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from nbo.checks import check_rows
from nbo.errors import InputError

__all__ = ["check_duration", "check_time", "check_times", "parsed_times", "time_texts"]


def check_time(value: Any, what: str = "as_of") -> pd.Timestamp:
    """Take one moment as UTC without a zone.

    Parameters
    ----------
    value : str, datetime or Timestamp
        A moment; one with a zone is converted to UTC, one without is UTC already.
    what : str, default="as_of"
        Name for messages.

    Returns
    -------
    Timestamp

    Raises
    ------
    InputError
        If it is not a moment.

    Examples
    --------
    >>> check_time("2026-06-30 02:00+02:00")
    Timestamp('2026-06-30 00:00:00')
    """
    if isinstance(value, bool | int | float) or value is None:
        raise InputError(f"{what} must be a time such as '2026-06-30'; got {value!r}.")
    try:
        moment = pd.Timestamp(value)
    except (ValueError, TypeError) as error:
        raise InputError(f"{what} must be a time such as '2026-06-30'; got {value!r}.") from error
    if moment is pd.NaT:
        raise InputError(f"{what} must be a time such as '2026-06-30'; got {value!r}.")
    return moment if moment.tzinfo is None else moment.tz_convert("UTC").tz_localize(None)


def check_times(values: pd.Series, what: str, *, missing: bool = False) -> pd.Series:
    """Take a column of moments as UTC without a zone.

    Parameters
    ----------
    values : Series
        datetimes with or without a zone, or texts that all are ISO 8601 times.
    what : str
        Name for messages.
    missing : bool, default=False
        Whether a row may be missing.

    Returns
    -------
    Series of datetime64[us]

    Raises
    ------
    InputError
        If a row is not a time, or missing where that is not allowed.

    Examples
    --------
    >>> check_times(pd.Series(["2026-06-30", "2026-07-01T00:00Z"]), "decided_at").dt.day.tolist()
    [30, 1]
    """
    times = parsed_times(values)
    if not pd.api.types.is_datetime64_any_dtype(values.dtype):
        check_rows((times.isna() & values.notna()).to_numpy(), values, what, "times such as '2026-06-30'")
    if not missing:
        check_rows(times.isna().to_numpy(), times, what, "times, none missing")
    return times


def parsed_times(values: pd.Series) -> pd.Series:
    """Parse times to UTC without a zone, with NaT where a value is not a time.

    Numbers are no times: nobody knows from when they count, and in what.

    Parameters
    ----------
    values : Series

    Returns
    -------
    Series of datetime64[us]

    Examples
    --------
    >>> parsed_times(pd.Series(["2026-06-30T02:00+02:00", "soon"])).tolist()
    [Timestamp('2026-06-30 00:00:00'), NaT]
    """
    times = values
    if pd.api.types.is_numeric_dtype(values.dtype):
        return pd.Series(pd.NaT, index=values.index, dtype="datetime64[us]")
    if not pd.api.types.is_datetime64_any_dtype(values.dtype):
        times = pd.to_datetime(time_texts(values), errors="coerce", utc=True, format="ISO8601")
    elif isinstance(values.dtype, pd.ArrowDtype):
        times = pd.Series(values.array.to_numpy(dtype=object), index=values.index).pipe(pd.to_datetime, utc=True)
    if getattr(times.dtype, "tz", None) is not None:
        times = times.dt.tz_convert("UTC").dt.tz_localize(None)
    return times.astype("datetime64[us]")


def time_texts(values: pd.Series) -> pd.Series:
    """Give times as ISO 8601 texts; what is neither text nor a time becomes one that cannot be read.

    Parameters
    ----------
    values : Series

    Returns
    -------
    Series of str

    Examples
    --------
    >>> time_texts(pd.Series([pd.Timestamp("2026-06-30").to_pydatetime(), 7], dtype=object)).tolist()
    ['2026-06-30T00:00:00', 'not a time']
    """
    if pd.api.types.is_string_dtype(values.dtype) and values.dtype != object:
        return values
    return values.astype(object).map(_iso, na_action="ignore").astype("str")


def _iso(value: object) -> str:
    if isinstance(value, str):
        return value.strip()
    return str(value.isoformat()) if hasattr(value, "isoformat") else "not a time"


def check_duration(value: Any, what: str) -> pd.Timedelta:
    """Take a length of time.

    Parameters
    ----------
    value : str, timedelta or Timedelta
        Such as "30D", "12h" or "2W".
    what : str
        Name for messages.

    Returns
    -------
    Timedelta
        Above zero.

    Raises
    ------
    InputError
        If it is not a length of time above zero.

    Examples
    --------
    >>> check_duration("2W", "horizon")
    Timedelta('14 days 00:00:00')
    """
    try:
        length = pd.Timedelta(value) if not isinstance(value, int | float) else pd.NaT
    except (ValueError, TypeError):
        length = pd.NaT
    if length is pd.NaT or length <= pd.Timedelta(0):
        raise InputError(f"{what} must be a length of time above zero such as '30D', '12h' or '2W'; got {value!r}.")
    return length  # type: ignore[return-value]

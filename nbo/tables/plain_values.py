"""Columns as plain arrays: numbers as floats, times as whole microseconds."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbo.checks import check_rows
from nbo.times import check_times

__all__ = ["MISSING_TIME", "finite_numbers", "microseconds"]

# NaT is stored as this number, so a missing time lies before every moment by itself.
MISSING_TIME = int(np.iinfo(np.int64).min)
_BLOCK = 1 << 15
_WAY_OUT = "tables.validate() lists all problems of the tables."


def finite_numbers(values: pd.Series, what: str) -> np.ndarray:
    """Take a column as floats.

    Parameters
    ----------
    values : Series of length n
        Numbers, flags or texts that are numbers; rows may be missing.
    what : str
        Name for messages.

    Returns
    -------
    ndarray of float, shape (n,)
        NaN where missing.

    Raises
    ------
    InputError
        If a row is not a number, or is infinite.
    """
    if values.dtype == np.float64:
        numbers = values.to_numpy()
        # A part that fits the cache at a time.
        parts = (numbers[begin : begin + _BLOCK] for begin in range(0, len(numbers), _BLOCK))
        if not any(np.isinf(part).any() for part in parts):
            return numbers
    elif isinstance(values.dtype, np.dtype) and values.dtype.kind in "biu":
        return values.to_numpy().astype(float)
    elif pd.api.types.is_complex_dtype(values.dtype) or pd.api.types.is_datetime64_any_dtype(values.dtype):
        numbers = np.full(len(values), np.nan)
    else:
        numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    wrong = np.isinf(numbers) | (np.isnan(numbers) & values.notna().to_numpy())
    check_rows(wrong, values, what, "finite numbers", _WAY_OUT)
    return numbers


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
        `MISSING_TIME` where missing.

    Raises
    ------
    InputError
        If a row is not a time.
    """
    if times.dtype == np.dtype("datetime64[us]"):
        return times.to_numpy().view(np.int64)
    return check_times(times, what, missing=True).to_numpy("datetime64[us]").astype(np.int64)

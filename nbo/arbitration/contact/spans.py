"""Lengths of rolling windows, as rules take them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbo.features.window import ALL
from nbo.times import check_duration

__all__ = ["check_span", "first_after", "in_window"]


def check_span(span: str, what: str) -> pd.Timedelta | None:
    """Take the length of a rolling window.

    Parameters
    ----------
    span : str
        Such as "7D", or "all".
    what : str
        Name for messages.

    Returns
    -------
    Timedelta or None
        None for "all".

    Raises
    ------
    InputError
        If it is no length above zero.
    """
    return None if span == ALL else check_duration(span, what)


def in_window(times: np.ndarray, as_of: np.ndarray, span: pd.Timedelta | None) -> np.ndarray:
    """Tell what lies in the window ``[as_of - span, as_of)``.

    Parameters
    ----------
    times : ndarray of datetime64[us]
        Before `as_of`, or NaT.
    as_of : ndarray of datetime64[us], broadcasts to the shape of `times`
    span : Timedelta or None

    Returns
    -------
    ndarray of bool
    """
    return ~np.isnat(times) if span is None else times >= as_of - span.to_timedelta64()


def first_after(times: np.ndarray, span: pd.Timedelta | None) -> np.ndarray:
    """Tell when events leave the window: the first moment at which they do not lie in it any more.

    Parameters
    ----------
    times : ndarray of datetime64[us]
    span : Timedelta or None

    Returns
    -------
    ndarray of datetime64[us]
        One microsecond behind the length of the window; NaT for None, for they never do.

    Examples
    --------
    >>> first_after(np.array(["2026-06-01"], dtype="datetime64[us]"), pd.Timedelta("7D")).astype(str).tolist()
    ['2026-06-08T00:00:00.000001']
    """
    if span is None:
        return np.full(times.shape, np.datetime64("NaT", "us"))
    # Windows count whole microseconds.
    return np.asarray(times + (span // pd.Timedelta(1, unit="us") + 1) * np.timedelta64(1, "us"))

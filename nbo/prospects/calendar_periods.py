"""Weeks, months and quarters, one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nbo.checks import check_one_of
from nbo.errors import InputError
from nbo.times import check_time

__all__ = ["CalendarPeriods"]

_MONTHS = {"M": 1, "Q": 3}
_SEASONS = {"W": 52, "M": 12, "Q": 4}
# 5 January 1970 was a Monday.
_MONDAY = 4


@dataclass(frozen=True)
class CalendarPeriods:
    """Periods of the calendar, each with a number: the next one has the next number.

    Parameters
    ----------
    freq : {"W", "M", "Q"}
        Weeks from Monday on, months or quarters, all from midnight UTC on.

    Examples
    --------
    >>> months = CalendarPeriods("M")
    >>> months.start(months.number(pd.Series(["2026-03-31", "2026-04-01"]).astype("datetime64[us]")))
    DatetimeIndex(['2026-03-01', '2026-04-01'], dtype='datetime64[us]', freq=None)
    """

    freq: str

    def __post_init__(self) -> None:
        check_one_of(self.freq, list(_SEASONS), "freq")

    @property
    def season(self) -> int:
        """Periods of a year."""
        return _SEASONS[self.freq]

    def number(self, times: Any) -> np.ndarray:
        """Give the number of the period that each time lies in.

        Parameters
        ----------
        times : array-like of datetime64, shape (n,)
            None missing.

        Returns
        -------
        ndarray of int64, shape (n,)
        """
        given = np.asarray(times, dtype="datetime64[us]")
        if self.freq == "W":
            return (given.astype("datetime64[D]").astype(np.int64) - _MONDAY) // 7
        return given.astype("datetime64[M]").astype(np.int64) // _MONTHS[self.freq]

    def start(self, numbers: Any) -> pd.DatetimeIndex:
        """Give the start of each period.

        Parameters
        ----------
        numbers : array-like of int, shape (n,)

        Returns
        -------
        DatetimeIndex of length n
            In datetime64[us].
        """
        given = np.asarray(numbers, dtype=np.int64)
        if self.freq == "W":
            return pd.DatetimeIndex((given * 7 + _MONDAY).astype("datetime64[D]").astype("datetime64[us]"))
        return pd.DatetimeIndex((given * _MONTHS[self.freq]).astype("datetime64[M]").astype("datetime64[us]"))

    def first_of(self, as_of: Any) -> int:
        """Take a moment that starts a period.

        Parameters
        ----------
        as_of : Timestamp or str

        Returns
        -------
        int
            Number of the period that it starts.

        Raises
        ------
        InputError
            If it is within a period; names the starts before and after it.
        """
        moment = check_time(as_of)
        number = int(self.number([moment.to_datetime64()])[0])
        before, after = self.start([number, number + 1])
        if before != moment:
            raise InputError(
                f"as_of must start a period of freq {self.freq!r}; {moment} is within one. "
                f"Take {before.date()} or {after.date()}."
            )
        return number

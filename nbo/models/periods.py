"""Time ahead, cut into periods."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nbo.errors import InputError
from nbo.numbers import check_number
from nbo.times import check_duration

__all__ = ["Periods"]


@dataclass(frozen=True)
class Periods:
    """Time ahead, cut into periods of the same length.

    Parameters
    ----------
    length : int
        Microseconds of one period.
    n : int
        How many.

    Examples
    --------
    >>> periods = Periods.of("30D", None, pd.Timedelta("80D"))
    >>> periods.n, periods.reach
    (3, Timedelta('90 days 00:00:00'))
    """

    length: int
    n: int

    @classmethod
    def of(cls, period: Any, n_periods: int | None, horizon: pd.Timedelta) -> Periods:
        """Make them from what a caller gave.

        Parameters
        ----------
        period : str or timedelta
            Length of a period.
        n_periods : int or None
            How many; None are as many as reach the horizon.
        horizon : Timedelta
            What they must reach.

        Returns
        -------
        Periods

        Raises
        ------
        InputError
            If an argument is not allowed, or the horizon lies beyond the last period.
        """
        length = check_duration(period, "period")
        if n_periods is None:
            return cls(_microseconds(length), int(-(-horizon // length)))
        n = int(check_number(n_periods, "n_periods", "a whole number, at least 1", lambda n: n >= 1, whole=True))
        if n * length < horizon:
            raise InputError(f"horizon must be within {n} periods of {length}; got {horizon}. Give more periods.")
        return cls(_microseconds(length), n)

    @property
    def reach(self) -> pd.Timedelta:
        """Length of all periods together."""
        return self.ends[-1]

    @property
    def ends(self) -> pd.TimedeltaIndex:
        """When each period ends."""
        return pd.TimedeltaIndex(np.arange(1, self.n + 1) * np.timedelta64(self.length, "us"))

    def position(self, length: Any, what: str) -> float:
        """Give a length of time in periods.

        Parameters
        ----------
        length : str or timedelta
        what : str
            The argument, for messages.

        Returns
        -------
        float
            In (0, n].

        Raises
        ------
        InputError
            If it is no length of time, or lies beyond the last period.
        """
        given = check_duration(length, what)
        if given > self.reach:
            raise InputError(
                f"{what} must be at most {self.reach}, which the model was fitted for; got {given}. "
                "Fit it with more periods."
            )
        return _microseconds(given) / self.length


def _microseconds(length: pd.Timedelta) -> int:
    return int(length // pd.Timedelta(1, unit="us"))

"""Durations as one row for each period that somebody was watched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nbo.checks import check_rows
from nbo.errors import InputError
from nbo.models.periods import Periods
from nbo.models.targets import take_labels

__all__ = ["PersonPeriods", "check_reach", "person_periods", "take_times_to_event"]


@dataclass(frozen=True)
class PersonPeriods:
    """One row for each period in which somebody was watched.

    Parameters
    ----------
    row : ndarray of int, shape (m,)
        Who: the row of the durations.
    period : ndarray of int, shape (m,)
        Which period; the first one is 0.
    event : ndarray of float, shape (m,)
        1 where it happened in this period, else 0.
    exposure : ndarray of float, shape (m,)
        Share of the period that was watched, in (0, 1]; 1 where it happened.
    """

    row: np.ndarray
    period: np.ndarray
    event: np.ndarray
    exposure: np.ndarray


def person_periods(duration: np.ndarray, event: np.ndarray, periods: Periods) -> PersonPeriods:
    """Cut durations into periods.

    What happens after the last period counts as not seen. Who is censored within a period was
    watched for a part of it: with that part as the weight, a hazard that is level within the
    period is estimated without bias but for terms of its square.

    Parameters
    ----------
    duration : ndarray of int64, shape (n,)
        Microseconds, 0 or more.
    event : ndarray of bool, shape (n,)
        Whether it ended with the event; else it is censored.
    periods : Periods

    Returns
    -------
    PersonPeriods
        In the order of the durations; who was not watched at all has no row.

    Examples
    --------
    >>> long = person_periods(np.array([45, 15]), np.array([True, False]), Periods(30, 3))
    >>> long.row.tolist(), long.period.tolist(), long.event.tolist(), long.exposure.tolist()
    ([0, 0, 1], [0, 1, 0], [0.0, 1.0, 0.0], [1.0, 1.0, 0.5])
    """
    within = np.minimum(duration, periods.n * periods.length)
    happened = event & (duration < periods.n * periods.length)
    n_whole, rest = np.divmod(within, periods.length)
    count = n_whole + (happened | (rest > 0))
    row = np.repeat(np.arange(len(duration)), count)
    last = np.cumsum(count)[count > 0] - 1
    period = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    ended, exposure = np.zeros(len(row)), np.ones(len(row))
    ended[last] = happened[count > 0]
    partly = ~happened & (rest > 0)
    exposure[(np.cumsum(count) - 1)[partly]] = rest[partly] / periods.length
    return PersonPeriods(row, period, ended, exposure)


def check_reach(long: PersonPeriods, duration: np.ndarray, event: np.ndarray, periods: Periods) -> None:
    """Refuse periods of which nobody tells anything.

    Where all whose end was seen had the event before, nobody is left in them and nothing needs to be told.

    Parameters
    ----------
    long : PersonPeriods
        With at least one row.
    duration, event, periods
        As for :func:`person_periods`.

    Raises
    ------
    InputError
        If somebody was still there when the watching ended, and nobody was watched in the last period.
    """
    reached = int(long.period.max()) + 1
    # If the longest was seen to end with the event, all who were watched as long had it.
    someone_left = bool((~event & (duration == duration.max())).any())
    if reached < periods.n and someone_left:
        length, longest = pd.Timedelta(periods.length, unit="us"), pd.Timedelta(int(duration.max()), unit="us")
        raise InputError(
            f"duration must reach into the last of the {periods.n} periods of {length}, else nothing is known of it; "
            f"the longest is {longest}. Ask for a horizon within {reached * length}, or for shorter periods."
        )


def take_times_to_event(duration: Any, event: Any, n_rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Take durations as microseconds, and whether each ended with the event.

    Parameters
    ----------
    duration : array-like of timedelta, shape (n,)
        0 or more.
    event : array-like of shape (n,)
        1 (or True) for the event, 0 for censored.
    n_rows : int
        Rows of X.

    Returns
    -------
    duration : ndarray of int64, shape (n,)
    event : ndarray of bool, shape (n,)

    Raises
    ------
    InputError
        If one of them is not given, is missing in a row, has another number of rows, or is no
        length of time or below 0.

    Examples
    --------
    >>> take_times_to_event(pd.to_timedelta([1, 2], unit="us"), [True, False], 2)
    (array([1, 2]), array([ True, False]))
    """
    for given, name in ((duration, "duration"), (event, "event")):
        if given is None:
            raise InputError(f"{name} must be given too: times to churn are a duration and whether it ended in churn.")
    series = pd.Series(duration if isinstance(duration, pd.Series | pd.Index) else np.asarray(duration))
    if not pd.api.types.is_timedelta64_dtype(series.dtype):
        raise InputError(
            f"duration must hold lengths of time; got {series.dtype}. pd.to_timedelta(days, unit='D') makes them."
        )
    if len(series) != n_rows:
        raise InputError(f"duration must have {n_rows} rows, as X; got {len(series)}.")
    check_rows(series.isna().to_numpy(), series, "duration", "there in every row")
    check_rows((series < pd.Timedelta(0)).to_numpy(), series, "duration", "0 or more")
    labels, _ = take_labels(event, n_rows)
    return series.to_numpy().astype("timedelta64[us]").astype(np.int64), labels > 0

"""How far forecasts from past origins missed, and how wide that makes an interval."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from nbo.prospects.calendar_periods import CalendarPeriods
from nbo.prospects.sales_origin import Outlook

__all__ = ["error_table", "stretch"]

# With fewer misses than this, nothing is said about how wide an interval ought to have been.
_FEWEST = 5
_COLUMNS = ["origin", "step", "start", "actual", "forecast", "naive", "half_width", "low", "high"]


def error_table(past: Sequence[Outlook], totals: pd.Series, periods: CalendarPeriods, level: float) -> pd.DataFrame:
    """Put what was forecast from past origins beside what came.

    Parameters
    ----------
    past : sequence of Outlook
        The oldest first.
    totals : Series
        Sales of each period that is over, by its number.
    periods : CalendarPeriods
    level : float
        Of the intervals.

    Returns
    -------
    DataFrame
        A row for each origin and step of which the period is over: origin, step, start, actual, forecast, naive,
        half_width (before it is stretched), and low and high as they would have been then: stretched by what had
        been missed so far.
    """
    found: list[tuple] = []
    for outlook in past:
        half, forecast = outlook.half_width(level), outlook.total_cents / 100
        now = periods.start([outlook.origin])[0]
        # A period that starts before an origin is over there, for origins start periods.
        known = pd.DataFrame(found, columns=_COLUMNS)
        factor = stretch(known[known["start"] < now], level, outlook.steps)
        for step in range(outlook.steps):
            number = outlook.origin + step
            if number not in totals.index:
                continue
            low, high = (max(forecast[step] + sign * factor[step] * half[step], 0.0) for sign in (-1, 1))
            came = float(totals[number])
            line = (now, step + 1, periods.start([number])[0], came, forecast[step], outlook.naive[step], half[step])
            found.append((*line, low, high))
    return pd.DataFrame(found, columns=_COLUMNS)


def stretch(errors: pd.DataFrame, level: float, steps: int) -> np.ndarray:
    """Give by how much intervals must be stretched to have held the past as often as stated.

    Parameters
    ----------
    errors : DataFrame
        step, actual, forecast and half_width.
    level : float
    steps : int
        Steps ahead.

    Returns
    -------
    ndarray of shape (steps,)
        Of each step the order statistic of rank ceil((n + 1) level) of the misses over the half widths. Where n is
        too small for that rank, that of all steps together, or their greatest; 1 where they are fewer than five.

    Examples
    --------
    >>> errors = pd.DataFrame({"actual": [9.0, 12.0, 10.0, 7.0, 10.0], "forecast": 10.0, "half_width": 2.0, "step": 1})
    >>> stretch(errors, 0.6, 2)      # of the misses 0, 0, 0.5, 1 and 1.5, the fourth
    array([1., 1.])
    """
    usable = errors[errors["half_width"] > 0]
    missed = ((usable["actual"] - usable["forecast"]).abs() / usable["half_width"]).to_numpy(dtype=float)
    if len(missed) < _FEWEST:
        return np.ones(steps)
    own = [missed[(usable["step"] == step + 1).to_numpy()] for step in range(steps)]
    return np.array([_quantile(each if _rank(len(each), level) <= len(each) else missed, level) for each in own])


def _rank(n: int, level: float) -> int:
    return int(np.ceil(round((n + 1) * level, 9)))


def _quantile(missed: np.ndarray, level: float) -> float:
    return float(np.sort(missed)[min(_rank(len(missed), level), len(missed)) - 1])

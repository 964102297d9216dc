"""Hours of the week, and moments on the clock of a time zone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from nbo.checks import check_one_of
from nbo.errors import InputError

__all__ = ["DAYS", "first_without", "hours_of", "minutes_of", "slot_mask", "week_mask", "within"]

#: Days as rules name them.
DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAY: Final = 1440
_WEEK: Final = 7 * _DAY
_MINUTE: Final = np.timedelta64(1, "m")
# A Monday.
_MONDAY: Final = np.datetime64("1969-12-29T00:00", "us")
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_SLOT = re.compile(rf"({_CLOCK.pattern})-({_CLOCK.pattern})")


def minutes_of(text: str, what: str) -> int:
    """Take a time of day such as "20:00" as minutes from midnight.

    Raises
    ------
    InputError
        If it is none.
    """
    found = _CLOCK.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise InputError(f"{what} must be a time of day such as '20:00'; got {text!r}.")
    return int(found[1]) * 60 + int(found[2])


def hours_of(slot: str) -> tuple[int, int] | None:
    """Take a slot such as "09:00-12:00" as minutes from midnight; the end may lie on the next day.

    Returns
    -------
    (int, int) or None
        None for a slot that is a name.

    Examples
    --------
    >>> hours_of("22:00-01:00"), hours_of("lunch")
    ((1320, 1500), None)
    """
    found = _SLOT.fullmatch(slot.replace(" ", ""))
    if found is None:
        return None
    start, end = minutes_of(found[1], "slot"), minutes_of(found[4], "slot")
    return start, end if end > start else end + _DAY


def week_mask(start: str, end: str, weekdays: Sequence[str] | None) -> np.ndarray:
    """Mark the minutes of a week that lie between two times of day.

    Parameters
    ----------
    start, end : str
        Such as "20:00" and "08:00"; an end at or before the start lies on the next day.
    weekdays : sequence of str, optional
        Days on which the hours start, such as "Sat"; by default all.

    Returns
    -------
    ndarray of bool, shape (10080,)
        From Monday, 00:00.

    Raises
    ------
    InputError
        If a time of day or a day is none.
    """
    first, last = minutes_of(start, "start"), minutes_of(end, "end")
    days = [check_one_of(day, DAYS, "a day of weekdays") for day in (DAYS if weekdays is None else weekdays)]
    mask = np.zeros(_WEEK, dtype=bool)
    for day in days:
        begin = DAYS.index(day) * _DAY + first
        mask[np.arange(begin, begin + (last - first if last > first else last - first + _DAY)) % _WEEK] = True
    return mask


def slot_mask(quiet: np.ndarray, slot: tuple[int, int]) -> np.ndarray:
    """Mark the minutes of a week at which the next slot that is not over touches marked minutes.

    Parameters
    ----------
    quiet : ndarray of bool, shape (10080,)
    slot : (int, int)
        As :func:`hours_of` gives it.

    Returns
    -------
    ndarray of bool, shape (10080,)
    """
    start, end = slot
    touched = np.array([quiet[np.arange(day * _DAY + start, day * _DAY + end) % _WEEK].any() for day in range(7)])
    next_day = (np.arange(_WEEK) - end) // _DAY + 1
    return np.asarray(touched[next_day % 7])


def within(mask: np.ndarray, as_of: np.ndarray, zones: pd.Series) -> np.ndarray:
    """Tell whether moments lie in marked minutes of the week, on the clocks of their zones.

    Parameters
    ----------
    mask : ndarray of bool, shape (10080,)
    as_of : ndarray of datetime64[us], shape (n,)
        UTC.
    zones : Series of str, length n
        IANA names; UTC where missing.

    Returns
    -------
    ndarray of bool, shape (n,)

    Raises
    ------
    InputError
        If a name is none of a zone.
    """
    return np.asarray(mask[_minute(_local(as_of, zones))])


def first_without(mask: np.ndarray, as_of: np.ndarray, zones: pd.Series) -> np.ndarray:
    """Find the first moments, from others on, that lie in no marked minute of the week.

    Parameters
    ----------
    mask, as_of, zones
        As in :func:`within`.

    Returns
    -------
    ndarray of datetime64[us], shape (n,)
        UTC; NaT if the whole week is marked.
    """
    if mask.all():
        return np.full(as_of.shape, np.datetime64("NaT", "us"))
    free = np.flatnonzero(~mask)
    ahead = np.append(free, free[0] + _WEEK)[np.searchsorted(free, np.arange(_WEEK))] - np.arange(_WEEK)
    moment = as_of.copy()
    # Each turn goes on to a free minute, or to where the clock is put forward or back before it.
    todo = np.flatnonzero(within(mask, moment, zones))
    while len(todo):
        here, places = moment[todo], zones.iloc[todo]
        local = _local(here, places)
        there = here + (local.astype("datetime64[m]") - local) + ahead[_minute(local)] * _MINUTE
        moment[todo] = _or_change(here, there, places)
        todo = todo[within(mask, moment[todo], places)]
    return moment


def _or_change(here: np.ndarray, there: np.ndarray, zones: pd.Series) -> np.ndarray:
    """Give the first moment of another offset of the clock after `here`, or `there` where that comes first."""
    offset = _local(here, zones) - here
    low, high = here.copy(), there.copy()
    changed = np.flatnonzero(_local(there, zones) - there != offset)
    while len(changed):
        middle = low[changed] + (high[changed] - low[changed]) // 2
        same = _local(middle, zones.iloc[changed]) - middle == offset[changed]
        low[changed], high[changed] = np.where(same, middle, low[changed]), np.where(same, high[changed], middle)
        changed = changed[high[changed] - low[changed] > np.timedelta64(1, "us")]
    return high


def _minute(local: np.ndarray) -> np.ndarray:
    return np.asarray((local - _MONDAY) // _MINUTE % _WEEK)


def _local(as_of: np.ndarray, zones: pd.Series) -> np.ndarray:
    """Give moments as the clocks of their zones show them."""
    local = as_of.copy()
    for zone, rows in _rows_by_zone(zones):
        moments = pd.DatetimeIndex(as_of[rows]).tz_localize("UTC").tz_convert(zone)
        local[rows] = moments.tz_localize(None).to_numpy()
    return local


def _rows_by_zone(zones: pd.Series) -> list[tuple[str, np.ndarray]]:
    """Give each zone with its rows; UTC has nothing to change."""
    codes, names = pd.factorize(zones)
    found = []
    for code, name in enumerate(names):
        try:
            pd.Timestamp(0, tz=name)
        except (KeyError, ValueError, TypeError, OSError) as error:
            raise InputError(f"time zones must be IANA names such as 'Europe/Berlin'; got {name!r}.") from error
        found.append((str(name), np.flatnonzero(codes == code)))
    return [(name, rows) for name, rows in found if name != "UTC"]

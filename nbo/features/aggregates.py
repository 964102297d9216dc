"""What is computed on slices of events: one function per aggregate, one line each in `AGGREGATES`.

None of these knows about time; :mod:`nbo.features.windows` found the slices.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd

from nbo.checks import check_rows
from nbo.features.slices import reduce_slices, slice_pairs
from nbo.features.windows import History
from nbo.times import check_duration

__all__ = ["AGGREGATES", "Values", "finite_numbers"]

# Amounts below this are summed as 64-bit integers: a million of them in one slice still fit.
_LARGEST = 2.0**43 / 100


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
    if pd.api.types.is_complex_dtype(values.dtype) or pd.api.types.is_datetime64_any_dtype(values.dtype):
        numbers = np.full(len(values), np.nan)
    else:
        numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    wrong = np.isinf(numbers) | (np.isnan(numbers) & values.notna().to_numpy())
    check_rows(wrong, values, what, "finite numbers", "tables.validate() lists all problems of the tables.")
    return numbers


class Values:
    """One column of a history, in the order of its slices, with what its aggregates share.

    Sums are exact to the hundredth: a value that is a whole number of hundredths (any amount
    of money) is summed as an integer, so no rounding is left over. Other values are summed
    slice by slice. Whether a value is one or the other depends on it alone, and ties in time
    are summed in the order of their values; so neither other customers, nor later rows, nor
    the order of a file change a sum by even a bit.

    Parameters
    ----------
    history : History
    values : ndarray of float, shape (m,)
        NaN where missing; for distinct counts, codes with -1 where missing.
    """

    def __init__(self, history: History, values: np.ndarray) -> None:
        self._moment = history.moment
        self.values = values

    @cached_property
    def present(self) -> np.ndarray:
        """Running count of values that are not missing, from 0; shape (m + 1,)."""
        return _running(~np.isnan(self.values))

    @cached_property
    def _cents(self) -> np.ndarray:
        """Hundredths as floats, NaN where the value is no whole number of them."""
        cents = np.rint(np.where(np.abs(self.values) < _LARGEST, self.values, np.nan) * 100)
        return np.where(cents / 100 == self.values, cents, np.nan)

    @cached_property
    def cents(self) -> np.ndarray:
        """Running sum of hundredths, from 0; int64, shape (m + 1,)."""
        return _running(np.nan_to_num(self._cents).astype(np.int64))

    @cached_property
    def rest(self) -> np.ndarray | None:
        """Values that are no whole hundredths, 0 elsewhere; None if there are none."""
        odd = np.isnan(self._cents) & ~np.isnan(self.values)
        if not odd.any():
            return None
        rest = np.where(odd, self.values, 0.0)
        return rest[np.lexsort((rest, self._moment))]

    @cached_property
    def previous(self) -> np.ndarray:
        """Position of the last earlier row with the same value, -1 if none; shape (m,)."""
        order = np.argsort(self.values, kind="stable")
        same = self.values[order[1:]] == self.values[order[:-1]]
        previous = np.full(len(self.values), -1)
        previous[order[1:]] = np.where(same, order[:-1], -1)
        return previous


def _running(values: np.ndarray) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(values, dtype=np.int64)])


def count(history: History, values: Values | None, window: str) -> np.ndarray:
    """Count rows."""
    return history.end - history.start(window)


def exists(history: History, values: Values | None, window: str) -> np.ndarray:
    """Tell whether there is a row, as 1 or 0."""
    return (history.end > history.start(window)).astype(np.int64)


def total(history: History, values: Values, window: str) -> np.ndarray:
    """Sum what is not missing; 0 without rows."""
    low, high = history.start(window), history.end
    cents = (values.cents[high] - values.cents[low]) / 100
    return cents if values.rest is None else cents + reduce_slices(np.add, values.rest, low, high, 0.0)


def mean(history: History, values: Values, window: str) -> np.ndarray:
    """Average what is not missing; NaN without any."""
    n = values.present[history.end] - values.present[history.start(window)]
    return np.where(n > 0, total(history, values, window) / np.maximum(n, 1), np.nan)


def largest(history: History, values: Values, window: str) -> np.ndarray:
    """Find the largest value; NaN without any."""
    return reduce_slices(np.fmax, values.values, history.start(window), history.end, np.nan)


def smallest(history: History, values: Values, window: str) -> np.ndarray:
    """Find the smallest value; NaN without any."""
    return reduce_slices(np.fmin, values.values, history.start(window), history.end, np.nan)


def last(history: History, values: Values, window: str) -> np.ndarray:
    """Take the latest value that is not missing, the largest of those at one moment; NaN without any."""
    position = np.where(np.isnan(values.values), -1, np.arange(len(values.values)))
    newest = reduce_slices(np.maximum, position, history.start(window), history.end, -1).astype(np.int64)
    some = newest >= 0
    oldest = np.zeros(len(newest), dtype=np.int64)
    oldest[some] = np.searchsorted(history.moment, history.moment[newest[some]])
    return reduce_slices(np.fmax, values.values, oldest, np.where(some, newest + 1, 0), np.nan)


def distinct(history: History, values: Values, window: str) -> np.ndarray:
    """Count different values."""
    low = history.start(window)
    found = np.zeros(len(low), dtype=np.int64)
    for owner, position in slice_pairs(low, history.end):
        new = (values.previous[position] < low[owner]) & (values.values[position] >= 0)
        found += np.bincount(owner[new], minlength=len(low))
    return found


def recency(history: History, values: Values | None, window: str) -> np.ndarray:
    """Count the days from the last row to `as_of`; NaN without rows."""
    return _days(history, history.end - 1, window)


def tenure(history: History, values: Values | None, window: str) -> np.ndarray:
    """Count the days from the first row to `as_of`; NaN without rows."""
    return _days(history, history.start(window), window)


def mean_gap(history: History, values: Values | None, window: str) -> np.ndarray:
    """Average the days between one row and the next; NaN below two rows."""
    gaps = count(history, values, window) - 1
    span = tenure(history, values, window) - recency(history, values, window)
    return np.where(gaps > 0, span / np.maximum(gaps, 1), np.nan)


def decayed(history: History, values: Values | None, window: str) -> np.ndarray:
    """Count all rows, each weighing half as much for every `window` (the half-life) of its age."""
    found = np.zeros(len(history.end))
    half_life = check_duration(window, "half_life") / pd.Timedelta("1D")
    for owner, position in slice_pairs(history.first, history.end):
        weight = np.exp2(-history.days_ago(position, owner) / half_life)
        found += np.bincount(owner, weights=weight, minlength=len(found))
    return found


def _days(history: History, position: np.ndarray, window: str) -> np.ndarray:
    days = np.full(len(history.end), np.nan)
    some = np.flatnonzero(history.end > history.start(window))
    days[some] = history.days_ago(position[some], some)
    return days


Aggregate = Callable[[History, Values, str], np.ndarray]
AGGREGATES: Final[dict[str, Aggregate]] = {
    "count": count,
    "any": exists,
    "sum": total,
    "mean": mean,
    "max": largest,
    "min": smallest,
    "last": last,
    "distinct": distinct,
    "recency_days": recency,
    "tenure_days": tenure,
    "mean_gap_days": mean_gap,
    "decayed_count": decayed,
}

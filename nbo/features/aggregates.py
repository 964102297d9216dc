"""What is computed on slices of events: one function per aggregate, one line each in `AGGREGATES`.

None of these knows about time; :mod:`nbo.features.windows` found the slices.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import Any, Final

import numpy as np
import pandas as pd

from nbo.features.groups import Groups
from nbo.features.history import History
from nbo.features.mixes import distinct, earliest, entropy, latest, top, top_share
from nbo.features.slices import reduce_slices, sum_slices
from nbo.features.window import ALL
from nbo.tables import TableColumns
from nbo.times import check_duration

__all__ = ["AGGREGATES", "Aggregate", "half_life_days", "of_nothing"]

Aggregate = Callable[[History, str, list[str]], list[Any]]
_DAY = 86_400_000_000


def _each_window(aggregate: Callable[[History, str, str], Any]) -> Aggregate:
    """Compute one window after the other."""

    @wraps(aggregate)
    def every(history: History, column: str, windows: list[str]) -> list[Any]:
        return [aggregate(history, column, window) for window in windows]

    return every


@_each_window
def _count(history: History, column: str, window: str) -> np.ndarray:
    low, high = history.bounds(window)
    return high - low


@_each_window
def _any(history: History, column: str, window: str) -> np.ndarray:
    low, high = history.bounds(window)
    return (high > low).astype(np.int64)


def _present(history: History, column: str, window: str) -> np.ndarray:
    """Count the values that are not missing."""
    low, high = history.bounds(window)
    present = history.numbers(column).present
    return high - low if present is None else present[high] - present[low]


def _total(history: History, column: str, window: str) -> np.ndarray:
    low, high = history.bounds(window)
    numbers = history.numbers(column)
    cents = (numbers.cents[high] - numbers.cents[low]) / 100
    return cents if numbers.rest is None else cents + reduce_slices(np.add, numbers.rest, low, high, 0.0)


def _average(history: History, column: str, window: str) -> np.ndarray:
    n = _present(history, column, window)
    return np.where(n > 0, _total(history, column, window) / np.maximum(n, 1), np.nan)


def _extreme(ufunc: np.ufunc, history: History, column: str, window: str) -> np.ndarray:
    return reduce_slices(ufunc, history.numbers(column).padded, *history.bounds(window), np.nan)


@_each_window
def _std(history: History, column: str, window: str) -> np.ndarray:
    """Sample standard deviation, in two passes; exactly 0 for equal values."""
    n, mean = _present(history, column, window), _average(history, column, window)
    values = history.numbers(column).tidy

    def squares(owner: np.ndarray, position: np.ndarray) -> np.ndarray:
        return np.nan_to_num(values[position] - mean[owner]) ** 2

    spread = np.sqrt(sum_slices(*history.bounds(window), squares) / np.maximum(n - 1, 1))
    flat = _extreme(np.fmax, history, column, window) == _extreme(np.fmin, history, column, window)
    return np.where(n > 1, np.where(flat, 0.0, spread), np.nan)


def _at_one_end(history: History, column: str, window: str, newest: bool) -> np.ndarray:
    """Take the latest (earliest) value that is not missing, of one moment the largest (smallest)."""
    low, high = history.bounds(window)
    values = history.numbers(column).values
    nowhere = -1 if newest else len(values)
    position = np.where(np.isnan(values), nowhere, np.arange(len(values)))
    found = reduce_slices(np.maximum if newest else np.minimum, position, low, high, nowhere).astype(np.int64)
    some = found != nowhere
    moment = np.cumsum(history.moment_starts())
    edge = np.searchsorted(moment, moment[found[some]], side="left" if newest else "right")
    begin, stop = np.zeros((2, len(found)), dtype=np.int64)
    begin[some], stop[some] = (edge, found[some] + 1) if newest else (found[some], edge)
    return reduce_slices(np.fmax if newest else np.fmin, values, begin, stop, np.nan)


@_each_window
def _recency(history: History, column: str, window: str) -> np.ndarray:
    low, high = history.bounds(window)
    return _days(history, high - 1, high > low)


@_each_window
def _tenure(history: History, column: str, window: str) -> np.ndarray:
    low, high = history.bounds(window)
    return _days(history, low, high > low)


def _days(history: History, position: np.ndarray, there: np.ndarray) -> np.ndarray:
    days = np.full(len(there), np.nan)
    some = np.flatnonzero(there)
    days[some] = history.days_ago(position[some], some)
    return days


def _mean_gap(history: History, window: str) -> np.ndarray:
    """Mean time from one row to the next, in microseconds; NaN below two rows."""
    low, high = history.bounds(window)
    found = np.full(len(low), np.nan)
    some = np.flatnonzero(high - low > 1)
    first, last = low[some], high[some] - 1
    found[some] = (history.times[last] - history.times[first]) / (last - first)
    return found


@_each_window
def _mean_gap_days(history: History, column: str, window: str) -> np.ndarray:
    return _mean_gap(history, window) / _DAY


@_each_window
def _std_gap_days(history: History, column: str, window: str) -> np.ndarray:
    low, high = history.bounds(window)
    mean, times = _mean_gap(history, window), history.times

    def squares(owner: np.ndarray, position: np.ndarray) -> np.ndarray:
        return (times[position] - times[position - 1] - mean[owner]) ** 2

    n = high - low
    spread = sum_slices(np.minimum(low + 1, high), high, squares) / np.maximum(n - 2, 1)
    return np.where(n > 2, np.sqrt(spread) / _DAY, np.nan)


@cache
def half_life_days(half_life: str) -> float:
    """Read a half-life as a number of days.

    Parameters
    ----------
    half_life : str
        Such as "14D".

    Returns
    -------
    float
    """
    return check_duration(half_life, "half_life") / pd.Timedelta("1D")


def _decayed(history: History, half_life: str, values: np.ndarray | None) -> np.ndarray:
    """Add up all rows, each weighing half as much for every half-life of its age."""
    days = half_life_days(half_life)

    def weight(owner: np.ndarray, position: np.ndarray) -> np.ndarray:
        weights = np.exp2(-history.days_ago(position, owner) / days)
        return weights if values is None else weights * values[position]

    return sum_slices(*history.bounds(ALL), weight)


@_each_window
def _decayed_count(history: History, column: str, window: str) -> np.ndarray:
    return _decayed(history, window, None)


@_each_window
def _decayed_sum(history: History, column: str, window: str) -> np.ndarray:
    return _decayed(history, window, np.nan_to_num(history.numbers(column).tidy))


@_each_window
def _decayed_mean(history: History, column: str, window: str) -> np.ndarray:
    """Mean of the values that are not missing, each weighing half as much for every half-life of its age."""
    values = history.numbers(column).tidy
    total, weights = _decayed(history, window, np.nan_to_num(values)), _decayed(history, window, ~np.isnan(values))
    return np.divide(total, weights, out=np.full(len(total), np.nan), where=weights > 0)


AGGREGATES: Final[dict[str, Aggregate]] = {
    "count": _count,
    "any": _any,
    "sum": _each_window(_total),
    "mean": _each_window(_average),
    "max": _each_window(lambda history, column, window: _extreme(np.fmax, history, column, window)),
    "min": _each_window(lambda history, column, window: _extreme(np.fmin, history, column, window)),
    "std": _std,
    "first": _each_window(lambda history, column, window: _at_one_end(history, column, window, newest=False)),
    "last": _each_window(lambda history, column, window: _at_one_end(history, column, window, newest=True)),
    "distinct": distinct,
    "entropy": _each_window(entropy),
    "top_share": _each_window(top_share),
    "top": _each_window(top),
    "latest": _each_window(latest),
    "earliest": _each_window(earliest),
    "recency_days": _recency,
    "tenure_days": _tenure,
    "mean_gap_days": _mean_gap_days,
    "std_gap_days": _std_gap_days,
    "decayed_count": _decayed_count,
    "decayed_sum": _decayed_sum,
    "decayed_mean": _decayed_mean,
    "mean_rows": _each_window(lambda history, column, window: Groups.of(history, column, window).mean_rows),
    "single_share": _each_window(lambda history, column, window: Groups.of(history, column, window).single_share),
    "mean_seconds": _each_window(lambda history, column, window: Groups.of(history, column, window).mean_seconds),
    "max_seconds": _each_window(lambda history, column, window: Groups.of(history, column, window).max_seconds),
}


def of_nothing(aggregate: str) -> Any:
    """Say what an aggregate is for one spine row that sees no rows at all.

    Parameters
    ----------
    aggregate : str
        One of `AGGREGATES`.

    Returns
    -------
    array of 1 value
    """
    return _of_nothing(aggregate).copy()


@cache
def _of_nothing(aggregate: str) -> Any:
    nothing = TableColumns.of(pd.DataFrame({"": pd.Series(dtype=float)}), "events")
    none, nowhere = np.empty(0, dtype=np.int64), np.zeros(1, dtype=np.int64)
    window = "1D" if aggregate.startswith("decayed") else ALL
    return AGGREGATES[aggregate](History(nothing, none, none, nowhere, nowhere, nowhere), "", [window])[0]

"""Sums of segments, period by period, to the cent."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo.checks import check_columns, check_frame, check_keys, check_rows
from nbo.errors import InputError
from nbo.times import check_times
from nbo.value.aligned import aligned_groups, aligned_numbers
from nbo.value.cents import sums, whole_cents

__all__ = ["SegmentSeries"]


class SegmentSeries:
    """Sums of segments, period by period, in cents.

    Parameters
    ----------
    values : DataFrame
        ``segment``, ``period`` and ``value``.
    every : str or None
        Step of periods that are times, such as "MS"; by default it is found.

    Attributes
    ----------
    segments : Index of shape (k,)
    periods : Index of shape (p,)
        All from the first to the last one.
    cents : ndarray of int64, shape (p, k)
        0 where a segment has no row.
    later : callable
        Gives the next h periods.

    Raises
    ------
    InputError
        If a column is missing, a value is no finite number, or periods are not equally spaced times or whole numbers.

    Examples
    --------
    >>> rows = pd.DataFrame({"segment": ["a", "b", "a"], "period": [1, 1, 3], "value": [2.5, 1.0, 4.0]})
    >>> SegmentSeries(rows, None).cents.tolist()
    [[250, 100], [0, 0], [400, 0]]
    """

    def __init__(self, values: Any, every: str | None) -> None:
        rows = check_frame(values, "values")
        check_columns(rows, ["segment", "period", "value"], "values")
        if not len(rows):
            raise InputError("values must have at least one row; got none.")
        codes, self.segments = aligned_groups(rows["segment"], len(rows), "values.segment", "values")
        cents = whole_cents(aligned_numbers(rows["value"], len(rows), "values.value", "values"), "values.value")
        self.periods = self._all_periods(rows["period"], every)
        place = self.periods.get_indexer(pd.Index(self._taken(rows["period"])))
        check_rows(place < 0, rows["period"], "values.period", "equally spaced", "State the step: every='MS'.")
        k = len(self.segments)
        self.cents = sums(place * k + codes, cents, len(self.periods) * k).reshape(-1, k)

    def later(self, h: int) -> pd.Index:
        """Give the next periods.

        Parameters
        ----------
        h : int

        Returns
        -------
        Index of shape (h,)
        """
        last = self.periods[-1]
        if isinstance(self.periods, pd.DatetimeIndex):
            return pd.date_range(last, periods=h + 1, freq=self.periods.freq, unit="us")[1:]
        return pd.Index(np.arange(last + 1, last + h + 1))

    def _taken(self, periods: pd.Series) -> pd.Series:
        if pd.api.types.is_integer_dtype(periods.dtype):
            check_keys(periods, "values.period")
            return periods
        return check_times(periods, "values.period")

    def _all_periods(self, given: pd.Series, every: str | None) -> pd.Index:
        found = pd.Index(self._taken(given)).unique().sort_values()
        if not isinstance(found, pd.DatetimeIndex):
            between = int(found[-1]) - int(found[0]) + 1
            # Months as 202512, 202601 are whole numbers, and not equally spaced.
            if between > 2 * len(found):
                raise InputError(
                    f"values.period must be equally spaced; of the {between:,} whole numbers from {found[0]} to "
                    f"{found[-1]} only {len(found):,} have a row. Give times, such as '2026-01-01' for a month."
                )
            return pd.Index(np.arange(found[0], found[-1] + 1))
        step = every if every is not None else _step(found)
        if step is None:
            raise InputError("periods must be equally spaced times, three or more, or every must tell their step.")
        try:
            return pd.date_range(found[0], found[-1], freq=step, unit="us")
        except ValueError as error:
            raise InputError(f"every must be a step such as 'MS', 'W' or '7D'; got {every!r}.") from error


def _step(times: pd.DatetimeIndex) -> Any:
    """Find the step of times; firsts of months are so many months apart, not so many days."""
    if len(times) < 3:
        return None
    if (times == times.to_period("M").to_timestamp()).all():
        months = np.diff(12 * times.year + times.month)
        if (months == months[0]).all():
            return pd.DateOffset(months=int(months[0]))
    gaps = np.diff(times)
    return pd.Timedelta(gaps[0]) if (gaps == gaps[0]).all() else None

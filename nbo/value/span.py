"""From when to when, known until when, and in which periods."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from nbo.errors import InputError
from nbo.times import check_time

__all__ = ["Span"]

_CALENDAR: Final = {"month": "MS", "quarter": "QS", "year": "YS"}


@dataclass(frozen=True, eq=False)
class Span:
    """From when to when, known until when, and in which periods.

    Parameters
    ----------
    start, end, as_of : Timestamp
        Rows of ``start <= time < end`` count that happened and were known before `as_of`.
    starts : ndarray of datetime64[us], shape (p,)
        First moment of each period; the first one is `start`.
    """

    start: pd.Timestamp
    end: pd.Timestamp
    as_of: pd.Timestamp
    starts: np.ndarray

    @classmethod
    def of(cls, start: Any, end: Any, as_of: Any = None, by: str | None = None) -> Span:
        """Take what a caller gave.

        Parameters
        ----------
        start, end : Timestamp or str
            UTC; the end is not included.
        as_of : Timestamp or str, optional
            `end` by default.
        by : {"month", "quarter", "year"} or str, optional
            Or a frequency of pandas, such as "7D", which counts from `start`.

        Returns
        -------
        Span

        Raises
        ------
        InputError
            If a time is none, the start is not before the end, or the frequency is unknown.

        Examples
        --------
        >>> Span.of("2026-01-15", "2026-03-02", by="month").starts.astype("datetime64[D]").tolist()
        [datetime.date(2026, 1, 15), datetime.date(2026, 2, 1), datetime.date(2026, 3, 1)]
        """
        first, last = check_time(start, "start"), check_time(end, "end")
        if not first < last:
            raise InputError(f"start must be before end; got {start!r} and {end!r}.")
        return cls(first, last, last if as_of is None else check_time(as_of), _starts(first, last, by))

    def holds(self, times: np.ndarray) -> np.ndarray:
        """Mark the times within the span; whether they were known is another matter.

        Parameters
        ----------
        times : ndarray of int64, shape (m,)
            Microseconds of UTC.

        Returns
        -------
        ndarray of bool, shape (m,)
        """
        end = min(self.end, self.as_of)
        return (times >= _microsecond(self.start)) & (times < _microsecond(end))

    def periods(self, times: np.ndarray) -> np.ndarray:
        """Find the period of each time within the span.

        Parameters
        ----------
        times : ndarray of int64, shape (m,)

        Returns
        -------
        ndarray of int, shape (m,)
        """
        return np.searchsorted(self.starts.astype(np.int64), times, side="right") - 1

    def ends(self) -> np.ndarray:
        """End of each period, not included; ndarray of datetime64[us], shape (p,)."""
        return np.append(self.starts[1:], np.datetime64(self.end, "us"))


def _starts(start: pd.Timestamp, end: pd.Timestamp, by: str | None) -> np.ndarray:
    first = np.array([start], dtype="datetime64[us]")
    if by is None:
        return first
    try:
        step = pd.tseries.frequencies.to_offset(_CALENDAR.get(by, by))
        if step.n < 1:
            raise ValueError
        fixed = isinstance(step, pd.offsets.Tick | pd.offsets.Day)
        grid = pd.date_range(start if fixed else start.normalize(), end, freq=step)
    except (ValueError, TypeError) as error:
        raise InputError(f"by must be 'month', 'quarter', 'year' or a frequency such as '7D'; got {by!r}.") from error
    later = grid[(grid > start) & (grid < end)].to_numpy(dtype="datetime64[us]")
    return np.concatenate([first, later])


def _microsecond(moment: pd.Timestamp) -> int:
    return int(np.datetime64(moment, "us").astype(np.int64))

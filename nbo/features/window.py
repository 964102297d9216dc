"""Windows of time before a moment, from their texts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import pandas as pd

from nbo.errors import InputError
from nbo.times import check_duration

__all__ = ["ALL", "Window"]

ALL: Final = "all"
_DAY = 86_400_000_000
_BEFORE = "_before_"
_MONTHS = re.compile(r"([1-9]\d*)(full)?mo")
_ALLOWED = "a length of time such as '30D', months such as '3mo' or '3fullmo', 'all', or two such as '30D_before_30D'"


@dataclass(frozen=True)
class Window:
    """A window of time before a moment.

    Parameters
    ----------
    width : str
        How far it reaches back from its end: a length such as "30D"; "3mo", to the same day and
        clock three months before (the last day where that month is shorter); "3fullmo", three
        whole calendar months up to the first of the month; or "all". In UTC.
    lag : str, optional
        How far its end lies back from the moment, in the same words; not "all".

    Examples
    --------
    >>> as_of = np.array(["2026-03-31T12:00"], dtype="datetime64[us]").astype(np.int64)
    >>> start, end = Window.of("1mo").span(as_of)
    >>> start.astype("datetime64[us]").astype(str).tolist(), end == as_of
    (['2026-02-28T12:00:00.000000'], array([ True]))
    >>> start, end = Window.of("1fullmo_before_1fullmo").span(as_of)
    >>> [str(x.astype("datetime64[us]")[0])[:10] for x in (start, end)]
    ['2026-01-01', '2026-02-01']
    """

    width: str
    lag: str = ""

    @staticmethod
    @lru_cache
    def of(text: str) -> Window:
        """Read a text such as "30D", "3mo", "all" or "30D_before_30D".

        Raises
        ------
        InputError
            If it is no window.
        """
        parts = text.split(_BEFORE) if isinstance(text, str) else []
        if len(parts) not in (1, 2) or (len(parts) == 2 and parts[1] == ALL):
            raise InputError(f"a window must be {_ALLOWED}; got {text!r}.")
        for part in parts:
            if part != ALL and not _MONTHS.fullmatch(part):
                _length(part, text)
        return Window(*parts)

    @property
    def text(self) -> str:
        """The text that it is read from."""
        return self.width + (f"{_BEFORE}{self.lag}" if self.lag else "")

    @property
    def lengths(self) -> tuple[str | int, ...]:
        """Width and lag in microseconds, where they are no months; windows of the same rows are equal in it."""
        parts = [self.width, self.lag] if self.lag else [self.width]
        return tuple(part if part == ALL or _MONTHS.fullmatch(part) else _length(part, part) for part in parts)

    @property
    def words(self) -> str:
        """Such as "in the 30D before as_of"."""
        if self.width == ALL and not self.lag:
            return "before as_of"
        length = "all time" if self.width == ALL else f"the {self.width}"
        return f"in {length} before the last {self.lag}" if self.lag else f"in {length} before as_of"

    @property
    def days(self) -> float:
        """About how many days it is long; infinite for all history."""
        return _days(self.width)

    @property
    def reach(self) -> float:
        """About how many days it reaches back."""
        return self.days + (_days(self.lag) if self.lag else 0.0)

    def span(self, as_of: np.ndarray) -> tuple[np.ndarray | None, np.ndarray]:
        """Find where the windows of moments start and end.

        Parameters
        ----------
        as_of : ndarray of int64, shape (n,)
            Microseconds of UTC.

        Returns
        -------
        start : ndarray of int64, shape (n,), or None
            None where the window has no start.
        end : ndarray of int64, shape (n,)
            The window is ``[start, end)``.
        """
        end = _back(as_of, self.lag) if self.lag else as_of
        full = _MONTHS.fullmatch(self.width)
        if full and full[2]:
            end = _month(end).astype("datetime64[us]").astype(np.int64)
        return (None if self.width == ALL else _back(end, self.width)), end


@lru_cache(maxsize=1024)
def _length(text: str, window: str) -> int:
    try:
        return check_duration(text, "window") // pd.Timedelta(1, unit="us")
    except InputError as error:
        raise InputError(f"a window must be {_ALLOWED}; got {window!r}.") from error


def _days(text: str) -> float:
    months = _MONTHS.fullmatch(text)
    if months:
        return int(months[1]) * 365.2425 / 12
    return np.inf if text == ALL else _length(text, text) / _DAY


def _month(moments: np.ndarray) -> np.ndarray:
    return moments.astype("datetime64[us]").astype("datetime64[M]")


def _back(moments: np.ndarray, text: str) -> np.ndarray:
    """Go back from moments by a length, by months, or to the start of a month and then by months."""
    months = _MONTHS.fullmatch(text)
    if not months:
        return moments - _length(text, text)
    here = _month(moments)
    there = here - int(months[1])
    start = there.astype("datetime64[us]").astype(np.int64)
    if months[2]:
        return start
    into = moments - here.astype("datetime64[us]").astype(np.int64)
    days = ((there + 1).astype("datetime64[D]") - there.astype("datetime64[D]")).astype(np.int64)
    return start + np.minimum(into // _DAY, days - 1) * _DAY + into % _DAY

"""The world's time: whole seconds from its start, and counts of moments in windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nbo.checks import check_rows
from nbo.errors import InputError
from nbo.times import check_time, check_times

__all__ = ["DAY", "NEVER", "YEAR", "Clock", "KeyedMoments"]

DAY = 86_400
YEAR = 365.25 * DAY

# A second that no world reaches. It stands for "not in this world's time" in all moments.
NEVER = 2**40


@dataclass(frozen=True)
class Clock:
    """Turns seconds from the world's start into times and back.

    Parameters
    ----------
    start : Timestamp
        Second 0, UTC without a zone.
    days : int
        Length of the world.
    """

    start: pd.Timestamp
    days: int

    @property
    def end(self) -> int:
        """The second at which the world ends, not included."""
        return self.days * DAY

    def times(self, seconds: np.ndarray) -> np.ndarray:
        """Give times for seconds.

        Parameters
        ----------
        seconds : ndarray of int, shape (n,)
            Seconds from the start, or `NEVER`.

        Returns
        -------
        ndarray of datetime64[us], shape (n,)
            UTC; NaT for `NEVER`.
        """
        never = seconds >= NEVER
        times = np.datetime64(self.start, "us") + np.where(never, 0, seconds).astype("timedelta64[s]")
        times[never] = np.datetime64("NaT")
        return times

    def seconds(self, as_of: Any, n: int) -> np.ndarray:
        """Give the seconds of one moment, or of one per row, that lie within the world.

        Parameters
        ----------
        as_of : str, Timestamp, or array-like of shape (n,)
            Moments from the world's start to its end, both included.
        n : int
            Number of rows.

        Returns
        -------
        ndarray of int, shape (n,)
            Rounded up, so that `second < result` says the same as `time < as_of`.

        Raises
        ------
        InputError
            If a moment is no time or lies outside the world, or their number is not `n`.
        """
        one = np.ndim(as_of) == 0
        times = pd.Series([check_time(as_of)] if one else as_of).reset_index(drop=True)
        times = check_times(times, "as_of")
        if not one and len(times) != n:
            raise InputError(f"as_of must be one moment or one per row; got {len(times)} for {n} rows.")
        last = self.start + pd.Timedelta(days=self.days)
        outside = ((times < self.start) | (times > last)).to_numpy()
        check_rows(outside, times, "as_of", f"within the world, from {self.start} to {last}")
        passed = (times - self.start).to_numpy().astype("timedelta64[us]").astype(np.int64)
        return np.broadcast_to(-(-passed // 1_000_000), n)


class KeyedMoments:
    """Counts, for a key, the moments that fall into a window.

    Parameters
    ----------
    keys : ndarray of int, shape (n,)
        Such as customer numbers; 0 or more.
    seconds : ndarray of int, shape (n,)
        Moments within the world.
    clock : Clock
    """

    def __init__(self, keys: np.ndarray, seconds: np.ndarray, clock: Clock) -> None:
        self._span = clock.end + 1
        self._sorted = np.sort(keys.astype(np.int64) * self._span + seconds)

    def count(self, keys: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
        """Count moments with ``low <= second < high``.

        Parameters
        ----------
        keys, low, high : ndarray of int
            Shapes that broadcast.

        Returns
        -------
        ndarray of int
        """
        base = keys.astype(np.int64) * self._span
        first = np.searchsorted(self._sorted, base + np.clip(low, 0, self._span))
        return np.searchsorted(self._sorted, base + np.clip(high, 0, self._span)) - first

"""Splits by time: train on the past, look at what came later."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from nbo.errors import InputError
from nbo.times import check_duration, check_times

__all__ = ["TimeSplit", "latest_rows"]


class TimeSplit:
    """Split rows by time into training rows and the slice that came after.

    The label of a row at `as_of` is known at `as_of` + gap + horizon. A training row's label is
    known when the test slice begins; rows whose label window reaches into it are left out.

    Parameters
    ----------
    n_splits : int, default=1
        Number of test slices, the latest last.
    test_share : float, default=0.2
        Share of all rows in each test slice, in (0, 1). Rows of one time stay together, so a
        slice may be larger.
    horizon : str or timedelta, optional
        Length of the label window.
    gap : str or timedelta, optional
        From `as_of` to the begin of the label window.

    Examples
    --------
    >>> times = pd.Series(pd.date_range("2026-01-01", periods=10, freq="D"))
    >>> ((train, test),) = TimeSplit(horizon="3D").split(times)
    >>> train.tolist(), test.tolist()
    ([0, 1, 2, 3, 4, 5], [8, 9])
    """

    def __init__(
        self,
        n_splits: int = 1,
        test_share: float = 0.2,
        horizon: Any = None,
        gap: Any = None,
    ) -> None:
        self.n_splits = n_splits
        self.test_share = test_share
        self.horizon = horizon
        self.gap = gap

    def split(self, times: Any) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Give the rows of each split.

        ``cross_validate(model, X, y, cv=list(TimeSplit(3).split(times)))`` takes them as they are.

        Parameters
        ----------
        times : array-like of shape (n,)
            The `as_of` of each row, UTC, in any order.

        Yields
        ------
        train, test : ndarray of int
            Row numbers, in the order of the rows.

        Raises
        ------
        InputError
            If the times are missing or too few to leave rows on both sides.
        """
        stamps = take_times(times)
        if not 0 < self.test_share < 1 or self.n_splits < 1 or self.n_splits * self.test_share >= 1:
            raise InputError(
                f"n_splits must be at least 1 and n_splits x test_share below 1; "
                f"got {self.n_splits} and {self.test_share}."
            )
        reach = self._reach()
        ends = [None, *(_cut(stamps, self.test_share * i) for i in range(1, self.n_splits))]
        for i in reversed(range(self.n_splits)):
            start = _cut(stamps, self.test_share * (i + 1))
            end = ends[i]
            test = (stamps >= start) & (stamps < end) if end is not None else stamps >= start
            train = stamps + reach <= start if reach else stamps < start
            if not train.any() or not test.any():
                raise InputError(
                    f"{len(np.unique(stamps))} different times in {len(stamps)} rows leave no rows on one side of "
                    f"{pd.Timestamp(start)}. Give rows at more times, a shorter horizon or fewer splits."
                )
            yield np.flatnonzero(train), np.flatnonzero(test)

    def _reach(self) -> np.timedelta64:
        parts = [check_duration(v, name) for name, v in (("horizon", self.horizon), ("gap", self.gap)) if v is not None]
        return sum(parts, pd.Timedelta(0)).to_timedelta64()


def latest_rows(times: np.ndarray, share: float) -> np.ndarray:
    """Mark the latest rows.

    Parameters
    ----------
    times : ndarray of datetime64, shape (n,)
    share : float
        Share of the rows, in (0, 1); rows of one time stay together, so it may be more.

    Returns
    -------
    ndarray of bool, shape (n,)

    Examples
    --------
    >>> latest_rows(np.array(["2026-01-03", "2026-01-01", "2026-01-02"], dtype="M8[us]"), 0.3)
    array([ True, False, False])
    """
    return times >= _cut(times, share)


def take_times(times: Any) -> np.ndarray:
    """Take moments as an array.

    Parameters
    ----------
    times : array-like of shape (n,)

    Returns
    -------
    ndarray of datetime64[us], shape (n,)

    Raises
    ------
    InputError
        If one is missing or is not a time.
    """
    series = pd.Series(times if isinstance(times, pd.Series | pd.Index) else np.asarray(times))
    return check_times(series, "time").to_numpy()


def _cut(times: np.ndarray, share: float) -> np.datetime64:
    ordered = np.sort(times)
    return ordered[max(0, min(len(ordered) - 1, len(ordered) - round(len(ordered) * share)))]

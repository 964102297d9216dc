"""A column of numbers in the order of the slices, and the running totals that its aggregates share."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from weakref import WeakMethod

import numpy as np

__all__ = ["Numbers", "running"]

# Amounts below this are summed as 64-bit integers: a million of them in one slice still fit.
_LARGEST = 2.0**43
_BLOCK = 1 << 15


class Numbers:
    """A column of numbers in the order of the slices, and the running totals that its aggregates share.

    Sums are exact to the hundredth: a value that is a whole number of hundredths (any amount
    of money) is summed as an integer, so no rounding is left over. Other values are summed
    slice by slice. Whether a value is one or the other depends on it alone, and ties in time
    are summed in the order of their values; so neither other customers, nor later rows, nor
    the order of a file change a sum by even a bit.

    Parameters
    ----------
    padded : ndarray of float, shape (m + 1,)
        NaN where missing, and at the end.
    moment_starts : callable
        Marks the rows before which a new moment, or a new slice, starts.
    """

    def __init__(self, padded: np.ndarray, moment_starts: Callable[[], np.ndarray]) -> None:
        self.padded, self.values = padded, padded[:-1]
        # The history holds these numbers: held in turn, it would outlive its last use.
        self._moment_starts = WeakMethod(moment_starts)

    @cached_property
    def missing(self) -> np.ndarray | None:
        """Mark the values that are missing; None if none is."""
        missing = np.isnan(self.values)
        return missing if missing.any() else None

    @cached_property
    def present(self) -> np.ndarray | None:
        """Running count of values that are not missing, from 0; None if none is missing."""
        return None if self.missing is None else running(~self.missing)

    @property
    def cents(self) -> np.ndarray:
        """Running sum of the values that are whole hundredths, in hundredths, from 0; int64, shape (m + 1,)."""
        return self._split[0]

    @property
    def odd(self) -> np.ndarray | None:
        """Values that are no whole hundredths, 0 elsewhere; None if there are none."""
        return self._split[1]

    @cached_property
    def _split(self) -> tuple[np.ndarray, np.ndarray | None]:
        """Split the values in whole hundredths and others, a part that fits the cache at a time."""
        cents = np.zeros(len(self.padded), dtype=np.int64)
        odd: np.ndarray | None = None
        for begin in range(0, len(self.values), _BLOCK):
            part = self.values[begin : begin + _BLOCK]
            with np.errstate(over="ignore"):
                hundredths = np.rint(part * 100)
            whole = (hundredths / 100 == part) & (np.abs(hundredths) < _LARGEST)
            if not whole.all():
                hundredths = np.where(whole, hundredths, 0.0)
                if not np.isnan(part[~whole]).all():
                    odd = np.zeros(len(self.values)) if odd is None else odd
                    odd[begin : begin + _BLOCK] = np.where(whole | np.isnan(part), 0.0, part)
            cents[begin + 1 : begin + 1 + len(part)] = hundredths
        return np.cumsum(cents, out=cents), odd

    @cached_property
    def rest(self) -> np.ndarray | None:
        """The odd values, those of one moment in their own order; None if there are none."""
        return None if self.odd is None else self.odd[self.order]

    @cached_property
    def tidy(self) -> np.ndarray:
        """All values, those of one moment in their own order; shape (m,)."""
        return self.values[self.order]

    @cached_property
    def order(self) -> np.ndarray:
        """Positions in an order that ties in time do not leave open: by moment, then by value; shape (m,)."""
        starts = self._moment_starts()()  # type: ignore[misc]
        tied = ~starts
        tied[:-1] |= ~starts[1:]
        some = np.flatnonzero(tied)
        order = np.arange(len(starts))
        order[some] = some[np.lexsort((self.values[some], np.cumsum(starts[some])))]
        return order


def running(values: np.ndarray) -> np.ndarray:
    """Give the running total of whole numbers, from 0.

    Parameters
    ----------
    values : ndarray of int or bool, shape (m,)

    Returns
    -------
    ndarray of int64, shape (m + 1,)

    Examples
    --------
    >>> running(np.array([True, False, True]))
    array([0, 1, 1, 2])
    """
    total = np.zeros(len(values) + 1, dtype=np.int64)
    np.cumsum(values, out=total[1:])
    return total

"""Two means and their standard error after every unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

__all__ = ["RunningDifference"]

# Largest share of a standard error by which one unit may move a difference that is told. With 1, intervals that should
# always hold missed in a quarter of simulated experiments with very skewed money; with 1/2 as rarely as they should.
_PULL = 0.5


@dataclass(frozen=True)
class RunningDifference:
    """The difference of two means so far, at some looks.

    Parameters
    ----------
    n, base_n : ndarray of int, shape (t,)
        Units of both groups.
    mean, base_mean : ndarray of shape (t,)
        NaN where there is no unit.
    error : ndarray of shape (t,)
        Standard error of the difference, where the variance of a group is at least that of all units together.
    told : ndarray of bool, shape (t,)
        Whether each group has two units, and none of all could move the difference by half a standard error or
        more, from within the smaller group.
    """

    n: np.ndarray
    base_n: np.ndarray
    mean: np.ndarray
    base_mean: np.ndarray
    error: np.ndarray
    told: np.ndarray

    @property
    def difference(self) -> np.ndarray:
        """Mean minus baseline mean."""
        return self.mean - self.base_mean

    @classmethod
    def of(cls, values: np.ndarray, inside: np.ndarray, looks: np.ndarray) -> Self:
        """Follow two groups.

        Parameters
        ----------
        values : ndarray of shape (m,)
            In the order in which they came.
        inside : ndarray of bool, shape (m,)
            Whether a unit is of the arm, not of the baseline.
        looks : ndarray of int, shape (t,)
            Positions of the last unit that counts.

        Returns
        -------
        RunningDifference
        """
        # Sums of squares lose few digits where values are not far from 0.
        shift = values.mean() if len(values) else 0.0
        centered = values - shift
        n, mean, variance = _moments(centered, inside, looks)
        base_n, base_mean, base_variance = _moments(centered, ~inside, looks)
        _, middle, whole = _moments(centered, np.ones(len(values), dtype=bool), looks)
        with np.errstate(invalid="ignore", divide="ignore"):
            error = np.sqrt(np.fmax(variance, whole) / n + np.fmax(base_variance, whole) / base_n)
        most, least = np.maximum.accumulate(centered)[looks], np.minimum.accumulate(centered)[looks]
        farthest = np.maximum(most - middle, middle - least)
        fewest = np.minimum(n, base_n)
        # Where all are equal, rounding must not pass for variance.
        told = (fewest > 1) & (most > least) & (farthest < _PULL * np.nan_to_num(error, posinf=0.0) * fewest)
        return cls(n, base_n, mean + shift, base_mean + shift, error, told)


def _moments(values: np.ndarray, of: np.ndarray, looks: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give number, mean and variance of some of the values so far; NaN where they are too few."""
    n = of.cumsum()[looks]
    total = np.where(of, values, 0.0).cumsum()[looks]
    squares = np.where(of, values**2, 0.0).cumsum()[looks]
    mean = total / np.where(n > 0, n, np.nan)
    variance = np.maximum(squares - total * mean, 0.0) / np.where(n > 1, n - 1, np.nan)
    return n, mean, variance

"""Chance that a test statistic crosses its boundaries, look by look."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from scipy import special

from nbo.checks import check_numbers
from nbo.errors import InputError

__all__ = ["CLOSEST", "Walk", "check_looks", "crossing_probabilities"]

# Beyond that many standard deviations there is nothing to integrate.
_FAR = 9.0
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(8)
# Looks that follow one another more closely would need ever finer grids.
CLOSEST: Final = 1e-3


class Walk:
    """The sum of what was seen, among the paths that have not crossed, by numerical integration [1]_.

    At information t, the sum is normal with the mean ``drift * t`` and the variance t; what is added from look to
    look is independent. The statistic of a look is the sum over the root of t.

    Parameters
    ----------
    drift : float, default=0.0
        Mean of the statistic at information 1.

    References
    ----------
    .. [1] Armitage, P., McPherson, C. K. and Rowe, B. C. (1969). Repeated significance tests on accumulating data.
       Journal of the Royal Statistical Society A 132, 235-244.

    Examples
    --------
    >>> walk = Walk()
    >>> round(walk.above(1.96, 0.5), 4)
    0.025
    >>> walk.go_on(-1.96, 1.96, 0.5, 1.0)
    >>> round(walk.above(1.96, 1.0), 4)
    0.0166
    """

    def __init__(self, drift: float = 0.0) -> None:
        self.drift = drift
        self.information = 0.0
        self._sums, self._masses = np.zeros(1), np.ones(1)

    def above(self, bound: float, information: float) -> float:
        """Give the chance to be above a bound at the next look, and not to have crossed before.

        Parameters
        ----------
        bound : float
            Of the statistic.
        information : float
            At that look, above that of the last one.

        Returns
        -------
        float
            In [0, 1].
        """
        return self._beyond(bound, information, 1.0)

    def below(self, bound: float, information: float) -> float:
        """Give the chance to be below a bound at the next look, as :meth:`above`.

        Parameters
        ----------
        bound : float
            Of the statistic.
        information : float
            At that look.

        Returns
        -------
        float
            In [0, 1].
        """
        return self._beyond(bound, information, -1.0)

    def go_on(self, low: float, high: float, information: float, following: float) -> None:
        """Keep the paths between two bounds at the next look.

        Parameters
        ----------
        low, high : float
            Of the statistic; may be infinite.
        information : float
            At that look.
        following : float
            Information at the look after it: the closer, the finer is the grid.
        """
        step, root = information - self.information, information**0.5
        middle = self.drift * information
        ends = max(low * root, middle - _FAR * root), min(high * root, middle + _FAR * root)
        width = 1.5 * min(step, following - information) ** 0.5
        panels = max(int(np.ceil((ends[1] - ends[0]) / width)), 8)
        edges = np.linspace(ends[0], max(ends), panels + 1)
        half = np.diff(edges)[:, np.newaxis] / 2
        sums = (edges[:-1, np.newaxis] + half * (1 + _NODES)).ravel()
        z = (sums[:, np.newaxis] - self._sums - self.drift * step) / step**0.5
        density = np.exp(-(z**2) / 2) @ self._masses / (2 * np.pi * step) ** 0.5
        self._sums, self._masses = sums, (half * _WEIGHTS).ravel() * density
        self.information = information

    def _beyond(self, bound: float, information: float, sign: float) -> float:
        step = information - self.information
        if np.isinf(bound):
            return 0.0 if sign * bound > 0 else float(self._masses.sum())
        z = (bound * information**0.5 - self._sums - self.drift * step) / step**0.5
        return float(special.ndtr(-sign * z) @ self._masses)


def crossing_probabilities(
    upper: Any, information: Any, drift: float = 0.0, lower: Any = None
) -> tuple[np.ndarray, np.ndarray]:
    """Give the chance of each look to be the first at which a boundary is crossed.

    Parameters
    ----------
    upper : array-like of shape (m,)
        Boundaries of the statistic at the looks; infinite where there is none.
    information : array-like of shape (m,)
        At the looks, such as customers, rising; only its ratios count.
    drift : float, default=0.0
        Mean of the statistic at the last look.
    lower : array-like of shape (m,), optional
        Boundaries from below; by default there are none.

    Returns
    -------
    above : ndarray of shape (m,)
        In [0, 1].
    below : ndarray of shape (m,)
        Likewise; what is left of 1 never crosses.

    Raises
    ------
    InputError
        If lengths differ, information does not rise by 0.1 % at least, or a lower boundary is above the upper one.

    Examples
    --------
    Looking five times at 5 % finds something in 14 of 100 tests where nothing is.

    >>> above, below = crossing_probabilities([1.96] * 5, [1, 2, 3, 4, 5], lower=[-1.96] * 5)
    >>> round(float((above + below).sum()), 3)
    0.142
    """
    high, times = check_numbers(upper, "upper"), check_looks(information, "information")
    low = np.full(len(high), -np.inf) if lower is None else check_numbers(lower, "lower")
    if not len(high) == len(low) == len(times):
        raise InputError(f"boundaries and information must be of the same looks; got {len(high)} and {len(times)}.")
    if (low > high).any():
        raise InputError("lower must not be above upper.")
    times = times / times[-1]
    walk, above, below = Walk(drift), np.zeros(len(high)), np.zeros(len(high))
    for k, now in enumerate(times):
        above[k], below[k] = walk.above(high[k], now), walk.below(low[k], now)
        if k + 1 < len(times):
            walk.go_on(low[k], high[k], now, times[k + 1])
    return above, below


def check_looks(values: Any, what: str) -> np.ndarray:
    """Take numbers of the looks, such as information, that rise from look to look.

    Parameters
    ----------
    values : array-like of shape (m,)
    what : str
        Name for messages.

    Returns
    -------
    ndarray of shape (m,)

    Raises
    ------
    InputError
        If there is none, one is not finite or above 0, or one is not above the one before by 0.1 % at least.

    Examples
    --------
    >>> check_looks([100, 200], "information").tolist()
    [100.0, 200.0]
    """
    numbers = check_numbers(values, what)
    rises = len(numbers) > 0 and (np.diff(numbers, prepend=0.0) >= CLOSEST * numbers).all() and numbers[0] > 0
    if not rises or not np.isfinite(numbers).all():
        raise InputError(f"{what} must be above 0, finite, and rise by {CLOSEST:.1%} at least; got {numbers.tolist()}.")
    return numbers

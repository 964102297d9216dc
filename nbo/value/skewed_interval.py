"""The interval of a mean whose parts are skewed."""

from __future__ import annotations

import numpy as np
from scipy import special

from nbo.numbers import check_number

__all__ = ["skewed_interval"]


def skewed_interval(estimate: float, influence: np.ndarray, level: float = 0.95) -> tuple[float, float]:
    r"""Bound an estimate that is a mean over customers but for what vanishes, after Hall [1]_.

    With the influence :math:`\psi_i` of each customer, their standard deviation s and skewness :math:`\gamma`,
    :math:`t = (\hat\theta - \theta) \sqrt n / s` is turned into

    .. math:: g(t) = t + \frac{\gamma t^2}{3 \sqrt n} + \frac{\gamma^2 t^3}{27 n} + \frac{\gamma}{6 \sqrt n},

    which is closer to normal than t: a few large customers make an estimate skewed.

    Parameters
    ----------
    estimate : float
    influence : ndarray of shape (n,)
        By how much the estimate moves, times n, where one customer more is as the i-th.
    level : float, default=0.95
        How often the interval shall hold the true value, in (0, 1).

    Returns
    -------
    low, high : float
        NaN for fewer than two customers.

    Raises
    ------
    InputError
        If the level is not in (0, 1).

    References
    ----------
    .. [1] Hall, P. (1992). On the removal of skewness by transformation. Journal of the Royal
       Statistical Society B 54(1), 221-228.

    Examples
    --------
    >>> parts = np.array([1.0, 2.0, 2.0, 3.0, 12.0])
    >>> low, high = skewed_interval(parts.mean(), parts - parts.mean())
    >>> round(low, 2), round(high, 2)
    (0.93, 11.61)
    """
    check_number(level, "level", "in (0, 1)", lambda share: 0 < share < 1)
    n = len(influence)
    if n < 2 or not np.isfinite(estimate):
        return np.nan, np.nan
    centered = influence - influence.mean()
    spread = np.sqrt((centered @ centered) / (n - 1))
    # Parts that differ by rounding only are equal.
    if spread <= 1e-12 * np.abs(influence).max(initial=0.0):
        return estimate, estimate
    skewness = float((centered * centered) @ centered / n / spread**3)
    z = special.ndtri((1 + level) / 2)
    ends = [estimate - spread / np.sqrt(n) * _inverse(end, skewness, n) for end in (z, -z)]
    return float(ends[0]), float(ends[1])


def _inverse(y: float, skewness: float, n: int) -> float:
    if abs(skewness) < 1e-9:
        return y
    root = np.cbrt(1 + skewness * (y / np.sqrt(n) - skewness / (6 * n)))
    return float(np.sqrt(n) * 3 / skewness * (root - 1))

"""How much more often a group gets something than the others."""

from __future__ import annotations

import numpy as np
from scipy import special

from nbo.experiments.relative_interval import relative_interval

__all__ = ["rate_ratio", "two_sided"]


def rate_ratio(
    rates: np.ndarray, member: np.ndarray, largest: float = 1.0, level: float = 0.95
) -> tuple[float, float, float, float]:
    r"""Compare the mean rate of a group with that of the others.

    With the mean rates :math:`\bar y_1, \bar y_0` of groups of :math:`n_1, n_0` customers and the variance
    :math:`s^2` within the groups, pooled, the ratio is tested against c by

    .. math:: z(c) = (\bar y_1 - c \, \bar y_0) \big/ s \sqrt{1 / n_1 + c^2 / n_0},

    and the interval holds all c that are not refused, after Fieller [1]_.

    Parameters
    ----------
    rates : ndarray of shape (n,)
        Chance of each customer, in [0, 1].
    member : ndarray of bool, shape (n,)
        Who is in the group.
    largest : float, default=1.0
        A ratio from 1 / `largest` to `largest` is no matter, 1 or more.
    level : float, default=0.95
        In (0, 1).

    Returns
    -------
    tuple of (float, float, float, float)
        The ratio, the bounds of its interval, and the p-value of a ratio that is no matter: twice that of the
        nearer side. NaN where a group has fewer than two customers.

    References
    ----------
    .. [1] Fieller, E. C. (1954). Some problems in interval estimation. Journal of the Royal Statistical
       Society B 16, 175-185.

    Examples
    --------
    >>> rates, member = np.array([1.0, 0, 1, 1, 0, 0, 1, 0]), np.arange(8) < 4
    >>> [round(number, 3) for number in rate_ratio(rates, member)]
    [3.0, 0.0, inf, 0.157]
    """
    n, rest = int(member.sum()), int((~member).sum())
    if min(n, rest) < 2:
        return (np.nan,) * 4
    mean, base = rates[member].mean(), rates[~member].mean()
    squares = ((rates[member] - mean) ** 2).sum() + ((rates[~member] - base) ** 2).sum()
    # Rounding leaves traces where all chances are the same.
    variance = squares / (n + rest - 2) if squares > 1e-20 * (n + rest) else 0.0
    ratio = mean / base if base else (np.inf if mean else np.nan)
    low, high = relative_interval(mean, variance / n, base, variance / rest, float(special.ndtri((1 + level) / 2)))
    p_value = two_sided(
        mean - largest * base,
        np.sqrt(variance * (1 / n + largest**2 / rest)),
        base - largest * mean,
        np.sqrt(variance * (1 / rest + largest**2 / n)),
    )
    return float(ratio), float(max(1 + low, 0.0)), float(1 + high), p_value


def two_sided(above: float, above_error: float, below: float, below_error: float) -> float:
    """Give the p-value of a number that is no matter within two limits.

    Parameters
    ----------
    above, above_error : float
        By how much it lies above the upper limit, and the standard error.
    below, below_error : float
        Likewise below the lower limit.

    Returns
    -------
    float
        Twice the smaller p-value of the two sides, at most 1; without errors 0 or 1.

    Examples
    --------
    >>> round(two_sided(1.96, 1.0, -1.96, 1.0), 3)
    0.05
    """
    sides = ((above, above_error), (below, below_error))
    p_values = [special.ndtr(-by / error) if error > 0 else float(by <= 1e-12) for by, error in sides]
    return float(min(1.0, 2 * min(p_values)))

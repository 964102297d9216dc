"""By how much the rates of two groups of units differ."""

from __future__ import annotations

import numpy as np
from scipy import optimize, special

from nbo.experiments.effect import Effect
from nbo.experiments.relative_interval import relative_interval
from nbo.newcombe import newcombe_interval
from nbo.numbers import check_number

__all__ = ["rate_difference"]

# Standard errors at which a level cannot be told from 0, or from 1.
_NEAR, _FAR = 1e-9, 8.0


def rate_difference(accepted: int, n: int, base_accepted: int, base_n: int, level: float = 0.95) -> Effect:
    """State the difference of two rates with Newcombe's interval, and the test that goes with it.

    The p-value is 1 minus the level at which the interval ends at 0, so that test and interval never
    contradict one another. Below 1e-15 it is not told apart.

    Parameters
    ----------
    accepted, n : int
        How many units accepted, of how many.
    base_accepted, base_n : int
        Likewise of the baseline.
    level : float, default=0.95
        How often the interval shall hold the true difference, in (0, 1).

    Returns
    -------
    Effect
        The relative interval is Fieller's with the variances of both rates. Intervals and the p-value are
        NaN for fewer than two units in a group.

    Raises
    ------
    InputError
        If the level is not in (0, 1).

    Examples
    --------
    >>> effect = rate_difference(56, 70, 48, 80)
    >>> round(effect.difference, 4), round(effect.low, 4), round(effect.high, 4), round(effect.p_value, 4)
    (0.2, 0.0524, 0.3339, 0.0081)
    """
    check_number(level, "level", "in (0, 1)", lambda share: 0 < share < 1)
    rate, base_rate = (won / of if of else np.nan for won, of in ((accepted, n), (base_accepted, base_n)))
    difference = rate - base_rate
    if min(n, base_n) < 2:
        return Effect(n, base_n, rate, base_rate, difference, *(np.nan,) * 6)
    counts = (accepted, n, base_accepted, base_n)
    low, high = (float(bound) for bound in newcombe_interval(*counts, level))
    variance, base_variance = rate * (1 - rate) / (n - 1), base_rate * (1 - base_rate) / (base_n - 1)
    relative = relative_interval(rate, variance, base_rate, base_variance, float(special.ndtri((1 + level) / 2)))
    error, p_value = float(np.sqrt(variance + base_variance)), _p_value(counts, difference)
    return Effect(n, base_n, rate, base_rate, difference, error, low, high, *relative, p_value)


def _p_value(counts: tuple[int, int, int, int], difference: float) -> float:
    """Find the level at which the interval ends at 0."""
    if difference == 0:
        return 1.0

    def nearest_end(errors: float) -> float:
        low, high = newcombe_interval(*counts, float(1 - 2 * special.ndtr(-errors)))
        return float(low if difference > 0 else -high)

    end = _FAR if nearest_end(_FAR) > 0 else optimize.brentq(nearest_end, _NEAR, _FAR, xtol=1e-12)
    return float(2 * special.ndtr(-end))

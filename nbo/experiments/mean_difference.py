"""By how much the means of two groups of units differ."""

from __future__ import annotations

import numpy as np
from scipy import special

from nbo.experiments.effect import Effect
from nbo.experiments.relative_interval import relative_interval
from nbo.numbers import check_number

__all__ = ["mean_difference"]


def mean_difference(values: np.ndarray, base: np.ndarray, level: float = 0.95) -> Effect:
    r"""State the difference of two means with Welch's interval [1]_ and test.

    The variances :math:`v_1 = s_1^2 / n_1` and :math:`v_0` may differ. The interval is
    :math:`d \pm t \sqrt{v_1 + v_0}` with the quantile t of Student's distribution of

    .. math:: \nu = \frac{(v_1 + v_0)^2}{v_1^2 / (n_1 - 1) + v_0^2 / (n_0 - 1)}

    degrees of freedom, and that of the relative difference is Fieller's with the same t.

    Parameters
    ----------
    values : ndarray of shape (n_1,)
        One number for each unit of the arm; units must be independent.
    base : ndarray of shape (n_0,)
        Likewise of the baseline.
    level : float, default=0.95
        How often the interval shall hold the true difference, in (0, 1).

    Returns
    -------
    Effect
        Interval and p-value are NaN for fewer than two units in a group, and where no value differs
        from the others of its group.

    Raises
    ------
    InputError
        If the level is not in (0, 1).

    References
    ----------
    .. [1] Welch, B. L. (1947). The generalization of "Student's" problem when several different
       population variances are involved. Biometrika 34, 28-35.

    Examples
    --------
    >>> effect = mean_difference(np.array([3.0, 5.0, 4.0, 6.0]), np.array([1.0, 2.0, 3.0]))
    >>> effect.difference, round(effect.low, 3), round(effect.high, 3)
    (2.5, 0.268, 4.732)
    """
    check_number(level, "level", "in (0, 1)", lambda share: 0 < share < 1)
    n, base_n = len(values), len(base)
    mean, base_mean = (float(group.mean()) if len(group) else np.nan for group in (values, base))
    difference = mean - base_mean
    nothing = Effect(n, base_n, mean, base_mean, difference, *(np.nan,) * 6)
    if min(n, base_n) < 2:
        return nothing
    variance, base_variance = values.var(ddof=1) / n, base.var(ddof=1) / base_n
    total = variance + base_variance
    if not total > 0:
        return nothing
    freedom = total**2 / (variance**2 / (n - 1) + base_variance**2 / (base_n - 1))
    quantile = float(special.stdtrit(freedom, (1 + level) / 2))
    error = float(np.sqrt(total))
    half = quantile * error
    relative = relative_interval(mean, variance, base_mean, base_variance, quantile)
    p_value = float(2 * special.stdtr(freedom, -abs(difference) / error))
    interval = (difference - half, difference + half)
    return Effect(n, base_n, mean, base_mean, difference, error, *interval, *relative, p_value)

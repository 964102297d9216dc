"""Whether customers with more of a number get something more often."""

from __future__ import annotations

import numpy as np
from scipy import special

from nbo.arbitration.simulation.rate_ratio import two_sided

__all__ = ["concentration_index"]


def concentration_index(
    rates: np.ndarray, amounts: np.ndarray, largest: float = 0.0, level: float = 0.95
) -> tuple[float, float, float, float]:
    r"""Measure whether customers with more of a number get something more often.

    It is twice the area between the diagonal and the curve of the share of all that is given, against the share of
    the customers, those with the smallest number first [1]_. With :math:`F_i` the rank of customer i in [0, 1],

    .. math:: G = 2 \, \overline{y F} \big/ \bar y - 1.

    The Gini coefficient is the same with customers in the order of what they get. The interval is that of the
    normal with the variance of the influence of each customer.

    Parameters
    ----------
    rates : ndarray of shape (n,)
        Chance of each customer, in [0, 1].
    amounts : ndarray of shape (n,)
        The number; none missing.
    largest : float, default=0.0
        An index from minus to plus this is no matter, 0 or more.
    level : float, default=0.95
        In (0, 1).

    Returns
    -------
    tuple of (float, float, float, float)
        The index in (-1, 1), above 0 where those with more get more; the bounds of its interval; and the p-value
        of an index that is no matter. NaN where nobody gets anything, or for fewer than two customers.

    References
    ----------
    .. [1] Kakwani, N., Wagstaff, A. and van Doorslaer, E. (1997). Socioeconomic inequalities in health:
       measurement, computation, and statistical inference. Journal of Econometrics 77, 87-103.

    Examples
    --------
    >>> round(concentration_index(np.array([0.0, 0, 1, 1]), np.array([20, 30, 40, 50]))[0], 3)
    0.5
    """
    n, mean = len(rates), rates.mean() if len(rates) else 0.0
    if n < 2 or mean <= 0:
        return (np.nan,) * 4
    rank, above = _places(rates, amounts)
    product = (rates * rank).mean()
    index = 2 * product / mean - 1
    influence = 2 / mean * (rates * rank + above - 2 * product)
    influence -= 2 * product / mean**2 * (rates - mean)
    error = float(np.sqrt(influence.var(ddof=1) / n))
    reach = float(special.ndtri((1 + level) / 2)) * error
    # Rounding leaves traces where all chances are the same.
    error = error if error > 1e-12 else 0.0
    p_value = two_sided(index - largest, error, -index - largest, error)
    return float(index), float(index - reach), float(index + reach), p_value


def _places(rates: np.ndarray, amounts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give each customer's rank in [0, 1], and the mean over all customers of the rates of those with more.

    Customers of the same number stand at the middle of their places, and half of them have more.
    """
    _, group, size = np.unique(amounts, return_inverse=True, return_counts=True)
    sums, n = np.bincount(group, weights=rates), len(rates)
    above = sums.sum() - sums.cumsum() + sums / 2
    return (size.cumsum() - size / 2)[group] / n, above[group] / n

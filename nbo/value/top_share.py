"""The share of a total that the largest have, with its interval."""

from __future__ import annotations

import numpy as np

from nbo.value.skewed_interval import skewed_interval

__all__ = ["gini_index", "top_share"]


def top_share(values: np.ndarray, share: float, level: float = 0.95) -> tuple[float, float, float]:
    r"""Give the share of the total that a share of the customers has, those with the most first.

    It is one minus an ordinate of the Lorenz curve. With the mean :math:`\mu`, the share T of the total and the value
    :math:`\xi` of the last customer among the top, the influence of a customer with x is

    .. math:: \frac{(x - \xi)_+ - E (X - \xi)_+ - T (x - \mu)}{\mu},

    which gives the variance of Beach and Davidson [1]_. The interval corrects for skewness.

    Parameters
    ----------
    values : ndarray of shape (n,)
        From the largest to the smallest; their sum is above 0.
    share : float
        Of the customers, in [0, 1]. Between two customers the curve is straight.
    level : float, default=0.95

    Returns
    -------
    share, low, high : float
        Of the total. `low` is at least the share of the customers; `high` at most 1 where no value is below 0.

    References
    ----------
    .. [1] Beach, C. M. and Davidson, R. (1983). Distribution-free statistical inference with Lorenz curves and
       income shares. Review of Economic Studies 50(4), 723-735.

    Examples
    --------
    >>> share, low, high = top_share(np.array([6.0, 2.0, 1.0, 1.0, 0.0]), 0.4)
    >>> share, round(low, 2), round(high, 2)
    (0.8, 0.55, 1.0)
    """
    n, mean = len(values), values.mean()
    last = values[min(max(int(np.ceil(share * n - 1e-9)), 1), n) - 1]
    above = np.maximum(values - last, 0)
    top = (above.mean() + share * last) / mean
    low, high = skewed_interval(top, (above - top * values) / mean, level)
    limit = np.inf if values[-1] < 0 else 1.0
    return float(top), float(np.clip(low, share, limit)), float(np.clip(high, share, limit))


def gini_index(values: np.ndarray, level: float = 0.95) -> tuple[float, float, float]:
    r"""Give Gini's index: 0 where all have the same, near 1 where one has all.

    With the share F(x) of customers who have less, half of those who have the same, it is
    :math:`2 E[X F(X)] / \mu - 1`, and the influence of a customer is that of both means.

    Parameters
    ----------
    values : ndarray of shape (n,)
        From the largest to the smallest; their sum is above 0.
    level : float, default=0.95

    Returns
    -------
    index, low, high : float

    Examples
    --------
    >>> gini_index(np.array([3.0, 2.0, 1.0]))[0] == (3 * 5 / 6 + 2 * 3 / 6 + 1 * 1 / 6) / 3 - 1
    True
    """
    n, mean = len(values), values.mean()
    # Ranks from the middle of each customer's place; among equals any order gives the same sums.
    below = (n - np.arange(n) - 0.5) / n
    ranked = (values * below).mean()
    index = 2 * ranked / mean - 1
    at_least = np.cumsum(values) / n
    influence = 2 * (values * below + at_least) / mean - 2 * ranked * values / mean**2
    low, high = skewed_interval(index, influence, level)
    return float(index), low, high

"""How much more often a subgroup accepts than everybody, with an interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nbo.wilson import wilson_interval

__all__ = ["Lift", "measure_lift"]


@dataclass(frozen=True)
class Lift:
    """The acceptance of a subgroup next to that of the others.

    Parameters
    ----------
    rate, rate_outside : float
        Weighted acceptance rates inside and outside, NaN without answers.
    lift : float
        Rate inside over the rate of everybody; NaN without an acceptance or without answers inside.
    low, high : float
        95 % interval of the lift, 0 or more; 0 and infinity where nothing is known.
    n : float
        Number of equal answers inside that would tell as much.
    """

    rate: float
    rate_outside: float
    lift: float
    low: float
    high: float
    n: float


def measure_lift(inside: np.ndarray, reward: np.ndarray, weight: np.ndarray, level: float = 0.95) -> Lift:
    r"""Measure the lift of a subgroup on answers to one offer.

    The lift is the subgroup's share s of the acceptances over its share :math:`\pi` of the
    answers, both weighted. The interval is Wilson's [1]_ of s, divided by :math:`\pi`, for as many
    acceptances as give s / :math:`\pi` its estimated variance: that of a ratio of weighted sums.

    Parameters
    ----------
    inside : ndarray of bool, shape (n,)
    reward : ndarray of shape (n,)
        In [0, 1].
    weight : ndarray of shape (n,)
        One over the probability with which the offer was drawn.
    level : float, default=0.95
        How often the interval shall hold the true lift, in (0, 1).

    Returns
    -------
    Lift

    References
    ----------
    .. [1] Wilson, E. B. (1927). Probable inference, the law of succession, and statistical
       inference. Journal of the American Statistical Association 22(158), 209-212.

    Examples
    --------
    >>> inside = np.repeat([True, False], [25, 75])
    >>> reward = np.repeat([1.0, 0.0, 1.0, 0.0], [5, 20, 5, 70])
    >>> lift = measure_lift(inside, reward, np.ones(100))
    >>> lift.rate, lift.lift        # 5 / 25, and 1/2 of the acceptances by 1/4 of the customers
    (0.2, 2.0)
    """
    won = weight * reward
    rates = [_over(won[part].sum(), weight[part].sum()) for part in (inside, ~inside)]
    n = _over(weight[inside].sum() ** 2, (weight[inside] ** 2).sum())
    n = 0.0 if np.isnan(n) else n
    if not won.sum() or not inside.any():
        return Lift(rates[0], rates[1], np.nan, 0.0, np.inf, n)
    share, size = _over(won[inside].sum(), won.sum()), _over(weight[inside].sum(), weight.sum())
    won_alike = _acceptances(inside, reward, weight, share, size)
    low, high = (float(end) for end in wilson_interval(np.array(share * won_alike), np.array(won_alike), level))
    return Lift(rates[0], rates[1], share / size, low / size, high / size, n)


def _acceptances(inside: np.ndarray, reward: np.ndarray, weight: np.ndarray, share: float, size: float) -> float:
    """Count the acceptances that, all alike, would give the lift the variance that it has."""
    won = weight * reward
    plain = won.sum() ** 2 / (won**2).sum()
    if not 0 < share < 1 or size == 1:
        return float(plain)
    # Each answer's part in the error of log(share / size), to first order.
    error = won * (inside - share) / (share * won.sum()) - weight * (inside - size) / (size * weight.sum())
    return float((1 - share) / (share * (error**2).sum()))


def _over(part: float, whole: float) -> float:
    return float(part / whole) if whole > 0 else np.nan

"""Empirical Bernstein intervals: they hold at any number of decisions, for what they cost in width."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nbo.errors import InputError
from nbo.evaluation.customer_error import customer_sums
from nbo.evaluation.intervals import interval_kind
from nbo.evaluation.log import Log
from nbo.evaluation.terms import Terms

if TYPE_CHECKING:
    from nbo.evaluation.asked import Asked

__all__ = ["bernstein_interval", "check_max_weight", "check_reward_range"]


@interval_kind("bernstein")
def bernstein_interval(log: Log, terms: Terms, asked: Asked) -> tuple[float, float]:
    r"""Bound the value by variance and range [1]_, with no assumption on how rewards are distributed.

    For rewards in [a, b], weights of at most c and :math:`\delta = (1 - level) / 2`, the value is
    with probability 1 - delta at least a plus

    .. math:: \bar z - \sqrt{\frac{2 v \ln(2 / \delta)}{m}} - \frac{7 R \ln(2 / \delta)}{3 (m - 1)},
              \qquad z_i = \min(w_i, c)\,(r_i - a),

    where v is the variance of z over m customers and R its range, c (b - a); and likewise at most
    the same with plus. Where the largest weight is known, it is c. Else c is the cap of "clipped", if
    it was given, or the cube root of the number of customers. A cap takes something away, so
    the lower bound stays one; and as weights have the mean 1, b minus the lower bound with
    b - r in place of r - a is an upper one, if a wider one.

    Parameters
    ----------
    log : Log
    terms : Terms
        Of a mean of weighted rewards.
    asked : Asked

    Returns
    -------
    tuple of (float, float)
        The lower and the upper bound; NaN for fewer than two customers.

    Raises
    ------
    InputError
        If the estimator is no mean of weighted rewards, or rewards are outside of their range.

    References
    ----------
    .. [1] Maurer, A. and Pontil, M. (2009). Empirical Bernstein bounds and sample variance
       penalization. COLT.

    Examples
    --------
    >>> from nbo.evaluation.asked import Asked
    >>> from nbo.evaluation.ips import ips
    >>> log = Log(np.tile([1.0, 0.0], 500), np.full(1000, 0.5), np.full(1000, 0.5), np.zeros(1000))
    >>> [round(bound, 2) for bound in bernstein_interval(log, ips(log), Asked())]
    [0.35, 0.65]
    """
    if terms.cap is None:
        raise InputError("interval='bernstein' is for the estimators 'clipped', 'ips': means of weighted rewards.")
    least, most = check_reward_range(log.reward, asked.reward_range)
    rows = customer_sums(np.ones(len(log.reward)), log.customer)
    if len(rows) < 2:
        return np.nan, np.nan
    known = check_max_weight(log, asked.max_weight)
    largest = np.inf if known is None else float(known.max())
    # The first of these that is a bound at all; one that the weights reach takes nothing away.
    cap = next(one for one in (terms.cap, largest, len(rows) ** (1 / 3)) if np.isfinite(one))
    used, span = np.minimum(log.weights, cap), cap * (most - least)
    tail = (1 - asked.level) / 2
    mean, slack = _mean_and_slack(customer_sums(used * (log.reward - least), log.customer), rows, span, tail)
    low, high = least + mean - slack, least + mean + slack
    if cap < largest:
        mean, slack = _mean_and_slack(customer_sums(used * (most - log.reward), log.customer), rows, span, tail)
        high = most - mean + slack
    # The value itself may be outside of what rewards can be, or have larger weights; a wider interval still holds.
    return float(min(max(low, least), terms.value)), float(max(min(high, most), terms.value))


def check_max_weight(log: Log, given: float | None) -> np.ndarray | None:
    """Take the largest weight that each decision could have had: as given, or by the log.

    Parameters
    ----------
    log : Log
    given : float, optional

    Returns
    -------
    ndarray of shape (n,) or None
        None where it is not known.

    Raises
    ------
    InputError
        If a weight is larger.
    """
    if given is None:
        return log.largest
    # Weights are quotients, which may be off by the last digit.
    if log.weights.max() > given * (1 + 1e-9):
        raise InputError(f"max_weight must be at least the largest weight, {log.weights.max():g}; got {given!r}.")
    return np.full(len(log.weights), float(given))


def check_reward_range(reward: np.ndarray, given: tuple[float, float] | None) -> tuple[float, float]:
    """Take the range that rewards can have: as given, or [0, 1] where all are in it.

    Parameters
    ----------
    reward : ndarray of shape (n,)
    given : (float, float), optional

    Returns
    -------
    least, most : float

    Raises
    ------
    InputError
        If it is no range, or a reward is outside.
    """
    if given is None and ((reward < 0) | (reward > 1)).any():
        raise InputError(
            f"rewards go from {reward.min():g} to {reward.max():g}: give reward_range=(least, largest), what they can "
            "be at all. It must be known without looking at them."
        )
    least, most = (0.0, 1.0) if given is None else given
    if not least < most or not np.isfinite([least, most]).all():
        raise InputError(f"reward_range must be two finite numbers, the smaller one first; got {given!r}.")
    if reward.min() < least or reward.max() > most:
        raise InputError(
            f"rewards must be in reward_range, {given!r}; they go from {reward.min():g} to {reward.max():g}."
        )
    return float(least), float(most)


def _mean_and_slack(sums: np.ndarray, rows: np.ndarray, span: float, tail: float) -> tuple[float, float]:
    """State a mean over rows and how far off it is at most, by independent customers of unequal size."""
    m = len(sums)
    scale = m / rows.sum()
    parts, log_term = scale * sums, np.log(2 / tail)
    widest = scale * rows.max() * span
    slack = np.sqrt(2 * parts.var(ddof=1) * log_term / m) + 7 * widest * log_term / (3 * (m - 1))
    return float(parts.mean()), float(slack)

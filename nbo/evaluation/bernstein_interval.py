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

__all__ = ["bernstein_interval", "check_reward_range"]


@interval_kind("bernstein")
def bernstein_interval(log: Log, terms: Terms, asked: Asked) -> tuple[float, float]:
    r"""Bound the value by variance and range [1]_, with no assumption on how rewards are distributed.

    For rewards in [a, b], weights capped at c and :math:`\delta = (1 - level) / 2`, with
    probability 1 - delta the value is at least a plus

    .. math:: \bar z - \sqrt{\frac{2 v \ln(2 / \delta)}{m}} - \frac{7 R \ln(2 / \delta)}{3 (m - 1)},
              \qquad z_i = \min(w_i, c)\,(r_i - a),

    where v is the variance of z over m customers and R its range, c (b - a). The cap takes something away, so
    this stays a lower bound; and as weights have the mean 1, b minus the lower bound for
    b - r in place of r - a is an upper one. The cap is that of "clipped", if it was given, else the
    cube root of the number of customers.

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
    cap = terms.cap if np.isfinite(terms.cap) else len(rows) ** (1 / 3)
    used = np.minimum(log.weights, cap)
    tail = (1 - asked.level) / 2
    low, high = (
        _least_mean(customer_sums(used * part, log.customer), rows, cap * (most - least), tail)
        for part in (log.reward - least, most - log.reward)
    )
    # The value itself may be outside, as its weights have no cap; a wider interval still holds.
    return float(min(max(least + low, least), terms.value)), float(max(min(most - high, most), terms.value))


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


def _least_mean(sums: np.ndarray, rows: np.ndarray, span: float, tail: float) -> float:
    """Bound the mean over rows from below, by independent customers of unequal size."""
    m = len(sums)
    scale = m / rows.sum()
    parts, log_term = scale * sums, np.log(2 / tail)
    widest = scale * rows.max() * span
    slack = np.sqrt(2 * parts.var(ddof=1) * log_term / m) + 7 * widest * log_term / (3 * (m - 1))
    return float(parts.mean() - slack)

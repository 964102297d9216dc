"""What a churn model earns when the best threshold is used: the expected maximum profit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from nbo.checks import check_probabilities
from nbo.errors import InputError
from nbo.models.ranked_totals import ranked_totals
from nbo.models.targets import take_labels, take_weights
from nbo.numbers import check_number

__all__ = ["ExpectedProfit", "check_costs", "empc"]


@dataclass(frozen=True)
class ExpectedProfit:
    """The expected maximum profit of a ranking, and how many to target for it.

    Parameters
    ----------
    score : float
        Money per customer, 0 or more.
    share : float
        Share of customers to target, in [0, 1].
    threshold : float
        Target those whose predicted probability is at least this; infinity targets nobody.

    Examples
    --------
    >>> ExpectedProfit(8.5, 0.25, 0.4).share
    0.25
    """

    score: float
    share: float
    threshold: float


def empc(
    y: Any,
    p: Any,
    alpha: float = 6.0,
    beta: float = 14.0,
    clv: float = 200.0,
    incentive: float = 10.0,
    contact: float = 1.0,
    sample_weight: Any = None,
) -> ExpectedProfit:
    r"""Measure what a retention campaign earns with the best threshold, expected maximum profit for churn.

    Those most likely to leave get an offer. Each contact costs `contact`; a would-be churner takes
    the `incentive` with the probability :math:`\gamma` and stays, which is worth `clv`; who
    would have stayed anyway takes it too. With :math:`\delta` = incentive / clv and :math:`\phi`
    = contact / clv the profit per customer is

    .. math:: clv \left( (\gamma (1 - \delta) - \phi) \pi_1 F_1(t) - (\delta + \phi) \pi_0 F_0(t) \right)

    where :math:`F_1, F_0` are the shares of churners and of others at or above the threshold t
    and :math:`\pi_1, \pi_0` their rates. How many accept is not known beforehand: :math:`\gamma`
    is Beta distributed, and the best threshold is taken for each :math:`\gamma` [1]_. The best
    ones are corners of the convex hull of the ROC curve, so the integral is a sum over them.

    Parameters
    ----------
    y : array-like of shape (n,)
        Labels of two classes; the second one is churn.
    p : array-like of shape (n,)
        Predicted probabilities of churn, in [0, 1]. Only their order counts.
    alpha, beta : float, default=6 and 14
        Of the Beta distribution of the share of churners who accept the incentive; its mean is
        alpha / (alpha + beta), 0.3 by default.
    clv : float, default=200
        What a churner who is kept is worth, in money, above 0.
    incentive : float, default=10
        Cost of the incentive where it is taken, in money, in [0, clv).
    contact : float, default=1
        Cost of a contact, in money, 0 or more.
    sample_weight : array-like of shape (n,), optional
        Weight of each row.

    Returns
    -------
    ExpectedProfit
        The money per customer, the share to target (averaged over gamma) and the threshold whose
        share is the nearest. NaN where there is only one label.

    Raises
    ------
    InputError
        If the labels are not of two classes, a probability is missing or outside [0, 1], or a
        cost is not allowed.

    References
    ----------
    .. [1] Verbraken, T., Verbeke, W. and Baesens, B. (2013). A novel profit maximizing metric for
       measuring classification performance of customer churn prediction models. IEEE
       Transactions on Knowledge and Data Engineering 25(5), 961-973.

    Examples
    --------
    A perfect ranking targets the churners alone: half of the customers, whom 0.3 * 190 - 1 are earned with.

    >>> found = empc([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9])
    >>> round(found.score, 4), round(found.share, 4), found.threshold
    (28.0, 0.5, 0.8)
    """
    predicted = check_probabilities(p, "p")
    target, _ = take_labels(y, len(predicted))
    check_costs(clv, incentive, contact)
    for value, name in ((alpha, "alpha"), (beta, "beta")):
        check_number(value, name, "above 0", lambda shape: 0 < shape < np.inf)
    weight = take_weights(sample_weight, len(predicted))
    threshold, ones, zeros = ranked_totals(target, predicted, weight)
    if not ones[-1] or not zeros[-1]:
        return ExpectedProfit(np.nan, np.nan, np.nan)
    total = ones[-1] + zeros[-1]
    corner = _hull(zeros, ones)
    churners, others = ones[corner] / total, zeros[corner] / total
    gamma = _indifference(churners, others, clv, incentive, contact)
    # Between two bounds the corner is best: the moments of gamma there, of order 0 and 1.
    chance = np.diff(stats.beta.cdf(gamma, alpha, beta))
    mean = np.diff(stats.beta.cdf(gamma, alpha + 1, beta)) * alpha / (alpha + beta)
    kept, cost = (clv - incentive) * churners, contact * churners + (incentive + contact) * others
    share = float(chance @ (churners + others))
    nearest = np.abs((ones + zeros) / total - share).argmin()
    return ExpectedProfit(float(mean @ kept - chance @ cost), share, float(threshold[nearest]))


def check_costs(clv: Any, incentive: Any, contact: Any) -> None:
    """Refuse costs of a campaign that make no sense.

    Parameters
    ----------
    clv, incentive, contact : float
        As for :func:`empc`.

    Raises
    ------
    InputError
        If one is not allowed.
    """
    check_number(clv, "clv", "above 0", lambda money: 0 < money < np.inf)
    check_number(contact, "contact", "0 or more", lambda money: 0 <= money < np.inf)
    check_number(incentive, "incentive", "0 or more", lambda money: 0 <= money < np.inf)
    if incentive >= clv:
        raise InputError(f"incentive must be below clv, which it is to save; got {incentive!r} and {clv!r}.")


def _hull(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Find the points of a rising curve that its upper convex hull stands on."""
    points, kept = list(zip(x.tolist(), y.tolist(), strict=True)), [0]
    for i in range(1, len(points)):
        while len(kept) >= 2 and _below(points[kept[-2]], points[kept[-1]], points[i]):
            kept.pop()
        kept.append(i)
    return np.array(kept)


def _below(left: tuple[float, float], middle: tuple[float, float], right: tuple[float, float]) -> bool:
    """Tell whether a point is on or below the line from the one left of it to the one right of it."""
    rise, run = middle[1] - left[1], middle[0] - left[0]
    return rise * (right[0] - middle[0]) <= (right[1] - middle[1]) * run


def _indifference(churners: np.ndarray, others: np.ndarray, clv: float, incentive: float, contact: float) -> np.ndarray:
    """Give the gamma from which each corner is better than the one before, from 0 to 1."""
    more = np.diff(churners)
    cost = contact * more + (incentive + contact) * np.diff(others)
    # Without any more churners a corner is never better.
    bound = np.divide(cost, (clv - incentive) * more, out=np.ones(len(more)), where=more > 0)
    return np.concatenate([[0.0], np.minimum(bound, 1.0), [1.0]])

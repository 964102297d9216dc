"""What a retention campaign earns, by how many are targeted."""

from __future__ import annotations

from typing import Any

import pandas as pd

from nbo.checks import check_probabilities
from nbo.models.empc import check_costs
from nbo.models.ranked_totals import ranked_totals
from nbo.models.targets import take_labels, take_weights
from nbo.numbers import check_number

__all__ = ["profit_curve"]


def profit_curve(
    y: Any,
    p: Any,
    acceptance: float = 0.3,
    clv: float = 200.0,
    incentive: float = 10.0,
    contact: float = 1.0,
    sample_weight: Any = None,
) -> pd.DataFrame:
    """Give the profit of targeting the likeliest churners, for every threshold.

    The campaign is that of :func:`empc`, with one known share of churners who accept.

    Parameters
    ----------
    y : array-like of shape (n,)
        Labels of two classes; the second one is churn.
    p : array-like of shape (n,)
        Predicted probabilities of churn, in [0, 1].
    acceptance : float, default=0.3
        Share of contacted churners who take the incentive and stay, in [0, 1].
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
    DataFrame
        ``share``: of customers targeted, rising from 0 to 1; ``threshold``: lowest probability
        among them, infinity where there is none; ``profit``: money per customer, targeted or not.

    Raises
    ------
    InputError
        If the labels are not of two classes, a probability is missing or outside [0, 1], or a
        cost is not allowed.

    Examples
    --------
    Each churner contacted brings 0.3 * 190 - 1, each other customer costs 10 + 1.

    >>> profit_curve([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9])["profit"].tolist()
    [0.0, 14.0, 28.0, 25.25, 22.5]
    """
    predicted = check_probabilities(p, "p")
    target, _ = take_labels(y, len(predicted))
    check_number(acceptance, "acceptance", "in [0, 1]", lambda share: 0 <= share <= 1)
    check_costs(clv, incentive, contact)
    threshold, ones, zeros = ranked_totals(target, predicted, take_weights(sample_weight, len(predicted)))
    total = ones[-1] + zeros[-1]
    profit = (acceptance * (clv - incentive) - contact) * ones - (incentive + contact) * zeros
    return pd.DataFrame({"share": (ones + zeros) / total, "threshold": threshold, "profit": profit / total})

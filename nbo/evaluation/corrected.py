"""A model's value, corrected by the weighted residuals of the log."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nbo.evaluation.log import Log
from nbo.evaluation.predicted_rewards import PredictedRewards
from nbo.evaluation.terms import Terms

__all__ = ["corrected", "least_error"]


def corrected(log: Log, rewards: PredictedRewards, used: np.ndarray, parameter: float | None = None) -> Terms:
    r"""Average expected rewards plus weighted residuals.

    .. math:: \hat V = \frac{1}{n} \sum_i \Big[\sum_a \pi(a | x_i) \hat q(x_i, a)
              + u_i \big(r_i - \hat q(x_i, a_i)\big)\Big]

    with weights u between 0 (the model alone) and the importance weights (doubly robust).

    Parameters
    ----------
    log : Log
    rewards : PredictedRewards
    used : ndarray of shape (n,)
        The weights u.
    parameter : float, optional
        Of an estimator that has one. Its error holds the estimated bias,
        :math:`\frac{1}{n} \sum_i (w_i - u_i)(r_i - \hat q(x_i, a_i))` for importance weights w.

    Returns
    -------
    Terms
        Their overlap is that of the importance weights, whatever weights are used.
    """
    residual = log.reward - rewards.taken
    parts = (rewards.expected + used * residual)[:, np.newaxis]
    return Terms(
        parts,
        np.ones_like(parts),
        log.weights,
        log.customer,
        # A fitted model is uncertain, too: a reward counts once more through the predictions of others.
        pull=rewards.pull(used) * residual,
        bias=0.0 if parameter is None else float(((log.weights - used) * residual).mean()),
        parameter=parameter,
        warnings=rewards.warnings,
    )


def least_error(candidates: Sequence[Terms]) -> Terms:
    """Choose the least estimated mean squared error.

    It is the squared standard error plus the squared estimate of the bias [1]_. A
    square is on average too large by the variance of what is squared, which guards
    against trusting the model too soon.

    Parameters
    ----------
    candidates : sequence of Terms
        With their biases, the least biased first; of equals the first is taken.

    Returns
    -------
    Terms

    References
    ----------
    .. [1] Su, Y., Dimakopoulou, M., Krishnamurthy, A. and Dudik, M. (2020). Doubly robust
       off-policy evaluation with shrinkage. ICML.
    """

    def error(terms: Terms) -> float:
        stated = terms.error
        # One customer has no standard error; then the least bias is all there is to go by.
        return abs(terms.bias) if np.isnan(stated) else stated

    return min(candidates, key=error)

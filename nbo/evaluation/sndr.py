"""Doubly robust estimation with self-normalized weights."""

from __future__ import annotations

import numpy as np

from nbo.evaluation.estimators import model_estimator
from nbo.evaluation.log import Log
from nbo.evaluation.predicted_rewards import PredictedRewards
from nbo.evaluation.terms import Terms

__all__ = ["sndr"]


@model_estimator("sndr")
def sndr(log: Log, rewards: PredictedRewards) -> Terms:
    r"""Correct the model by residuals that are divided by the sum of their weights.

    .. math:: \hat V = \frac{1}{n} \sum_i \sum_a \pi(a | x_i) \hat q(x_i, a)
              + \frac{\sum_i w_i \big(r_i - \hat q(x_i, a_i)\big)}{\sum_i w_i}

    varies less than :func:`dr` where the weights do and the residuals are far from 0, for a bias that
    goes with 1/n [1]_.

    Parameters
    ----------
    log : Log
    rewards : PredictedRewards

    Returns
    -------
    Terms
        Of value NaN without any overlap.

    References
    ----------
    .. [1] Kallus, N. and Uehara, M. (2019). Intrinsically efficient, stable, and bounded
       off-policy evaluation for reinforcement learning. NeurIPS 32.

    Examples
    --------
    >>> log = Log(np.array([1.0, 0.0]), np.array([0.5, 0.5]), np.array([1.0, 0.0]), np.zeros(2))
    >>> rewards = PredictedRewards(np.array([0.7, 0.9]), np.array([0.7, 0.2]), np.zeros_like)
    >>> round(sndr(log, rewards).value, 6)
    1.1
    """
    weights, residual = log.weights, log.reward - rewards.taken
    total = weights.sum()
    used = weights * len(weights) / total if total > 0 else weights
    return Terms(
        np.column_stack([rewards.expected, weights * residual]),
        np.column_stack([np.ones(len(weights)), weights]),
        weights,
        log.customer,
        pull=rewards.pull(used) * residual,
        warnings=rewards.warnings,
    )

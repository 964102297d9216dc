"""Doubly robust estimation: a model of rewards, corrected by the weights."""

from __future__ import annotations

from nbo.evaluation.corrected import corrected
from nbo.evaluation.estimators import model_estimator
from nbo.evaluation.log import Log
from nbo.evaluation.predicted_rewards import PredictedRewards
from nbo.evaluation.terms import Terms

__all__ = ["dr"]


@model_estimator("dr")
def dr(log: Log, rewards: PredictedRewards) -> Terms:
    r"""Add the weighted residuals of a model to what it predicts for the target policy.

    .. math:: \hat V = \frac{1}{n} \sum_i \Big[\sum_a \pi(a | x_i) \hat q(x_i, a)
              + w_i \big(r_i - \hat q(x_i, a_i)\big)\Big], \qquad w_i = \frac{\pi(a_i | x_i)}{p_i}

    is unbiased if the action probabilities are right, whatever the model, and if the model is
    right, whatever the probabilities [1]_. It varies less than :func:`ips` by what the
    model explains. The model must not have seen the rows that it predicts.

    Parameters
    ----------
    log : Log
    rewards : PredictedRewards

    Returns
    -------
    Terms

    References
    ----------
    .. [1] Dudik, M., Langford, J. and Li, L. (2011). Doubly robust policy evaluation and
       learning. ICML.

    Examples
    --------
    >>> import numpy as np
    >>> log = Log(np.array([1.0, 0.0]), np.array([0.5, 0.5]), np.array([1.0, 0.0]), np.zeros(2))
    >>> rewards = PredictedRewards(np.array([0.7, 0.9]), np.array([0.7, 0.2]), np.zeros_like)
    >>> round(dr(log, rewards).value, 6)
    1.1
    """
    return corrected(log, rewards, log.weights)

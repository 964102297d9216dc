"""The direct method: believe a model of rewards."""

from __future__ import annotations

import numpy as np

from nbo.evaluation.corrected import corrected
from nbo.evaluation.estimators import model_estimator
from nbo.evaluation.log import Log
from nbo.evaluation.predicted_rewards import PredictedRewards
from nbo.evaluation.terms import Terms

__all__ = ["dm"]


@model_estimator("dm")
def dm(log: Log, rewards: PredictedRewards) -> Terms:
    r"""Average the rewards that a model predicts for the target policy.

    .. math:: \hat V = \frac{1}{n} \sum_i \sum_a \pi(a | x_i) \hat q(x_i, a)

    needs no action probabilities and varies little, but is as wrong as the model, and the
    interval does not know [1]_. It does know how far the default model may be off by chance; predictions
    that are handed in are taken as they are.

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
    >>> log = Log(np.array([1.0, 0.0]), np.array([0.5, 0.5]), np.array([1.0, 0.0]), np.zeros(2))
    >>> rewards = PredictedRewards(np.array([0.7, 0.9]), np.array([0.7, 0.2]), np.zeros_like)
    >>> dm(log, rewards).value
    0.8
    """
    return corrected(log, rewards, np.zeros(len(log.reward)))

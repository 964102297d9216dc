"""A model's value, corrected by the weighted residuals of the log."""

from __future__ import annotations

import dataclasses

import numpy as np

from nbo.evaluation.customer_error import mean_error
from nbo.evaluation.estimate import Estimate
from nbo.evaluation.log import Log
from nbo.evaluation.overlap import with_overlap
from nbo.evaluation.predicted_rewards import PredictedRewards

__all__ = ["corrected", "least_error"]


def corrected(
    name: str, log: Log, rewards: PredictedRewards, used: np.ndarray, level: float, parameter: float | None = None
) -> Estimate:
    r"""Average expected rewards plus weighted residuals.

    .. math:: \hat V = \frac{1}{n} \sum_i \Big[\sum_a \pi(a | x_i) \hat q(x_i, a)
              + u_i \big(r_i - \hat q(x_i, a_i)\big)\Big]

    with weights u between 0 (the model alone) and the importance weights (doubly robust).

    Parameters
    ----------
    name : str
        Of the estimator.
    log : Log
    rewards : PredictedRewards
    used : ndarray of shape (n,)
        The weights u.
    level : float
        Of the confidence interval, in (0, 1).
    parameter : float, optional
        Of an estimator that has one. Its standard error holds the estimated bias, too.

    Returns
    -------
    Estimate
        Its overlap is that of the importance weights, whatever weights are used.
    """
    value, error = _value_and_error(log, rewards, used)
    if parameter is not None:
        error = float(np.hypot(error, _bias(log, rewards, used)))
    warnings = (*log.warnings, *rewards.warnings)
    estimate = with_overlap(name, log.weights, value, error, level, warnings)
    return dataclasses.replace(estimate, parameter=parameter)


def least_error(log: Log, rewards: PredictedRewards, candidates: dict[float, np.ndarray]) -> float:
    r"""Choose among weights by the least estimated mean squared error.

    It is the squared standard error plus the squared estimate of the bias,
    :math:`\frac{1}{n} \sum_i (w_i - u_i)(r_i - \hat q(x_i, a_i))` for importance weights w [1]_. A
    square is on average too large by the variance of what is squared, which guards
    against trusting the model too soon.

    Parameters
    ----------
    log : Log
    rewards : PredictedRewards
    candidates : dict of float to ndarray of shape (n,)
        Weights u by parameter, the least biased first; of equals the first is taken.

    Returns
    -------
    float
        A parameter.

    References
    ----------
    .. [1] Su, Y., Dimakopoulou, M., Krishnamurthy, A. and Dudik, M. (2020). Doubly robust
       off-policy evaluation with shrinkage. ICML.
    """

    def squared_error(parameter: float) -> float:
        used = candidates[parameter]
        error = _value_and_error(log, rewards, used)[1]
        return float(_bias(log, rewards, used) ** 2 + np.nan_to_num(error) ** 2)

    return min(candidates, key=squared_error)


def _value_and_error(log: Log, rewards: PredictedRewards, used: np.ndarray) -> tuple[float, float]:
    residual = log.reward - rewards.taken
    parts = rewards.expected + used * residual
    # A fitted model is uncertain, too: a reward counts once more through the predictions of others.
    return float(parts.mean()), mean_error(parts + rewards.pull(used) * residual, log.customer)


def _bias(log: Log, rewards: PredictedRewards, used: np.ndarray) -> float:
    return float(((log.weights - used) * (log.reward - rewards.taken)).mean())

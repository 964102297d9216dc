"""Doubly robust estimation that leaves large weights to the model."""

from __future__ import annotations

import numpy as np

from nbo.evaluation.corrected import corrected, least_error
from nbo.evaluation.estimators import model_estimator
from nbo.evaluation.log import Log
from nbo.evaluation.predicted_rewards import PredictedRewards
from nbo.evaluation.terms import Terms
from nbo.numbers import check_number

__all__ = ["switch"]

_SHARES = (1.0, 0.999, 0.995, 0.99, 0.98, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.25)


@model_estimator("switch", tuned=True)
def switch(log: Log, rewards: PredictedRewards, parameter: float | None = None) -> Terms:
    r"""Correct the model only where the weight is at most a threshold.

    .. math:: \hat V = \frac{1}{n} \sum_i \Big[\sum_a \pi(a | x_i) \hat q(x_i, a)
              + w_i 1(w_i \le \tau) \big(r_i - \hat q(x_i, a_i)\big)\Big]

    is :func:`dm` for a threshold of 0 and :func:`dr` from the largest weight on [1]_. Between
    them it trades a bias for less variance. The error holds the estimated bias, too:
    it is the root of the estimated mean squared error.

    Parameters
    ----------
    log : Log
    rewards : PredictedRewards
    parameter : float, optional
        The threshold, 0 or more; by default the one of least estimated squared error among
        quantiles of the weights and 0.

    Returns
    -------
    Terms

    Raises
    ------
    InputError
        If the parameter is negative or no number.

    References
    ----------
    .. [1] Wang, Y.-X., Agarwal, A. and Dudik, M. (2017). Optimal and adaptive off-policy
       evaluation in contextual bandits. ICML.

    Examples
    --------
    >>> log = Log(np.array([1.0, 0.0]), np.array([0.5, 0.5]), np.array([1.0, 0.5]), np.zeros(2))
    >>> rewards = PredictedRewards(np.array([0.7, 0.9]), np.array([0.7, 0.2]), np.zeros_like)
    >>> round(switch(log, rewards, 1.0).value, 6)
    0.7
    """
    weights = log.weights
    if parameter is None:
        thresholds = [*np.quantile(weights, _SHARES, method="inverted_cdf").tolist(), 0.0]
        return least_error([corrected(log, rewards, _used(weights, one), one) for one in thresholds])
    check_number(parameter, "parameter", "a threshold of 0 or more", lambda threshold: threshold >= 0)
    return corrected(log, rewards, _used(weights, parameter), float(parameter))


def _used(weights: np.ndarray, threshold: float) -> np.ndarray:
    return np.where(weights <= threshold, weights, 0.0)

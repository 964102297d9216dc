"""Doubly robust estimation with optimistic shrinkage."""

from __future__ import annotations

import numpy as np

from nbo.evaluation.corrected import corrected, least_error
from nbo.evaluation.estimators import model_estimator
from nbo.evaluation.log import Log
from nbo.evaluation.predicted_rewards import PredictedRewards
from nbo.evaluation.terms import Terms
from nbo.numbers import check_number

__all__ = ["dros"]

# Times the square of the largest weight: from hardly any shrinkage to hardly any weight.
_SCALES = (1e6, *np.geomspace(100, 1e-6, 17).tolist())


@model_estimator("dros", tuned=True)
def dros(log: Log, rewards: PredictedRewards, parameter: float | None = None) -> Terms:
    r"""Correct the model by shrunk weights.

    .. math:: \hat V = \frac{1}{n} \sum_i \Big[\sum_a \pi(a | x_i) \hat q(x_i, a)
              + \frac{\lambda w_i}{w_i^2 + \lambda} \big(r_i - \hat q(x_i, a_i)\big)\Big]

    is :func:`dm` for lambda = 0 and goes to :func:`dr` as lambda grows [1]_. Between them it
    trades a bias for less variance. The error holds the estimated bias, too: it is the
    root of the estimated mean squared error.

    Parameters
    ----------
    log : Log
    rewards : PredictedRewards
    parameter : float, optional
        Lambda, 0 or more; infinity is allowed. By default the one of least estimated squared
        error among multiples of the square of the largest weight and 0.

    Returns
    -------
    Terms

    Raises
    ------
    InputError
        If the parameter is negative or no number.

    References
    ----------
    .. [1] Su, Y., Dimakopoulou, M., Krishnamurthy, A. and Dudik, M. (2020). Doubly robust
       off-policy evaluation with shrinkage. ICML.

    Examples
    --------
    >>> log = Log(np.array([1.0, 0.0]), np.array([0.5, 0.5]), np.array([1.0, 0.0]), np.zeros(2))
    >>> rewards = PredictedRewards(np.array([0.7, 0.9]), np.array([0.7, 0.2]), np.zeros_like)
    >>> round(dros(log, rewards, 4.0).value, 6)
    0.95
    """
    weights = log.weights
    if parameter is None:
        strengths = [*(scale * float(weights.max()) ** 2 for scale in _SCALES), 0.0]
        return least_error([corrected(log, rewards, _used(weights, one), one) for one in strengths])
    check_number(parameter, "parameter", "a lambda of 0 or more", lambda strength: strength >= 0)
    return corrected(log, rewards, _used(weights, parameter), float(parameter))


def _used(weights: np.ndarray, strength: float) -> np.ndarray:
    # Written so that an infinite lambda gives the weights themselves.
    with np.errstate(over="ignore"):
        return weights / (1 + weights**2 / strength) if strength > 0 else np.zeros_like(weights)

"""Inverse propensity scoring."""

from __future__ import annotations

import numpy as np

from nbo.evaluation.estimators import estimator
from nbo.evaluation.log import Log
from nbo.evaluation.terms import Terms

__all__ = ["ips"]


@estimator("ips")
def ips(log: Log) -> Terms:
    r"""Average the rewards with the weights target over action probability.

    .. math:: \hat V = \frac{1}{n} \sum_i \frac{\pi(a_i | x_i)}{p_i} r_i

    is unbiased [1]_ if the action probabilities are those that were drawn from, and the log
    could have taken every action that the target policy takes.

    Parameters
    ----------
    log : Log

    Returns
    -------
    Terms

    References
    ----------
    .. [1] Horvitz, D. G. and Thompson, D. J. (1952). A generalization of sampling without
       replacement from a finite universe. Journal of the American Statistical Association
       47, 663-685.

    Examples
    --------
    >>> log = Log(np.array([1.0, 0.0]), np.array([0.5, 0.5]), np.array([1.0, 0.0]), np.zeros(2))
    >>> ips(log).value
    1.0
    """
    parts = (log.weights * log.reward)[:, np.newaxis]
    return Terms(parts, np.ones_like(parts), log.weights, log.customer, cap=np.inf)

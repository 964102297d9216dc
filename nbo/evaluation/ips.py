"""Inverse propensity scoring."""

from __future__ import annotations

from nbo.evaluation.customer_error import mean_error
from nbo.evaluation.estimate import Estimate
from nbo.evaluation.estimators import estimator
from nbo.evaluation.log import Log
from nbo.evaluation.overlap import with_overlap

__all__ = ["ips"]


@estimator("ips")
def ips(log: Log, level: float) -> Estimate:
    r"""Average the rewards with the weights target over action probability.

    .. math:: \hat V = \frac{1}{n} \sum_i \frac{\pi(a_i | x_i)}{p_i} r_i

    is unbiased [1]_ if the action probabilities are those that were drawn from, and the log
    could have taken every action that the target policy takes. The standard error is that of
    a mean, clustered by customer.

    Parameters
    ----------
    log : Log
    level : float
        Of the confidence interval, in (0, 1).

    Returns
    -------
    Estimate

    References
    ----------
    .. [1] Horvitz, D. G. and Thompson, D. J. (1952). A generalization of sampling without
       replacement from a finite universe. Journal of the American Statistical Association
       47, 663-685.

    Examples
    --------
    >>> import numpy as np
    >>> log = Log(np.array([1.0, 0.0]), np.array([0.5, 0.5]), np.array([1.0, 0.0]), np.zeros(2))
    >>> ips(log, 0.95).value
    1.0
    """
    parts = log.weights * log.reward
    return with_overlap("ips", log.weights, parts.mean(), mean_error(parts, log.customer), level, log.warnings)

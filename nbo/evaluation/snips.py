"""Self-normalized inverse propensity scoring."""

from __future__ import annotations

import numpy as np

from nbo.evaluation.estimators import estimator
from nbo.evaluation.log import Log
from nbo.evaluation.terms import Terms

__all__ = ["snips"]


@estimator("snips")
def snips(log: Log) -> Terms:
    r"""Divide the weighted rewards by the sum of the weights, not by their expected sum.

    .. math:: \hat V = \frac{\sum_i w_i r_i}{\sum_i w_i}

    stays in the range of the rewards and mostly varies less than :func:`ips`, for a bias that
    goes with 1/n [1]_. The standard error is that of a ratio by the delta method.

    Parameters
    ----------
    log : Log

    Returns
    -------
    Terms

    References
    ----------
    .. [1] Swaminathan, A. and Joachims, T. (2015). The self-normalized estimator for
       counterfactual learning. NeurIPS 28.

    Examples
    --------
    >>> log = Log(np.array([1.0, 0.0]), np.array([0.5, 0.5]), np.array([1.0, 0.0]), np.zeros(2))
    >>> snips(log).value
    1.0
    """
    weights = log.weights[:, np.newaxis]
    return Terms(weights * log.reward[:, np.newaxis], weights, log.weights, log.customer)

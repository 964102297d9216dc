"""Replay: keep the logged decisions that the target policy would have made."""

from __future__ import annotations

import numpy as np

from nbo.evaluation.estimators import estimator
from nbo.evaluation.log import Log
from nbo.evaluation.terms import Terms

__all__ = ["replay"]


@estimator("replay")
def replay(log: Log) -> Terms:
    """Average the rewards of a sample that looks as if the target policy had made the log.

    A decision is kept with the chance weight over largest weight. On a uniformly random log and
    for a policy that is certain of its action, these are all decisions where both agree: the
    replay of Li et al. [1]_. On other logs it is rejection sampling, which stays right where
    plain matching is not.

    Parameters
    ----------
    log : Log

    Returns
    -------
    Terms
        Of value NaN without any decision kept.

    References
    ----------
    .. [1] Li, L., Chu, W., Langford, J. and Wang, X. (2011). Unbiased offline evaluation of
       contextual-bandit-based news article recommendation algorithms. WSDM.

    Examples
    --------
    >>> log = Log(np.array([1.0, 0.0, 0.0]), np.full(3, 0.5), np.array([1.0, 0.0, 1.0]), np.zeros(3))
    >>> replay(log).value
    0.5
    """
    weights = log.weights
    kept = (log.uniform * weights.max() < weights).astype(float)
    return Terms((kept * log.reward)[:, np.newaxis], kept[:, np.newaxis], kept, log.customer)

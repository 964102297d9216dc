"""Inverse propensity scoring with a cap on the weights."""

from __future__ import annotations

import numpy as np

from nbo.evaluation.corrected import least_error
from nbo.evaluation.estimators import estimator
from nbo.evaluation.log import Log
from nbo.evaluation.terms import Terms
from nbo.numbers import check_number

__all__ = ["clipped"]

_SHARES = (1.0, 0.999, 0.995, 0.99, 0.98, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.25)


@estimator("clipped", tuned=True)
def clipped(log: Log, parameter: float | None = None) -> Terms:
    r"""Average the rewards with weights of at most a cap.

    .. math:: \hat V = \frac{1}{n} \sum_i \min(w_i, c)\, r_i

    varies less than :func:`ips`, for a bias towards 0 [1]_. The error holds the estimated bias, too: it
    is the root of the estimated mean squared error.

    Parameters
    ----------
    log : Log
    parameter : float, optional
        The cap c, above 0; infinity is allowed. By default the one of least estimated squared error
        among quantiles of the weights.

    Returns
    -------
    Terms

    Raises
    ------
    InputError
        If the parameter is 0, negative or no number.

    References
    ----------
    .. [1] Ionides, E. L. (2008). Truncated importance sampling. Journal of Computational and
       Graphical Statistics 17, 295-311.

    Examples
    --------
    >>> log = Log(np.array([1.0, 0.0]), np.array([0.5, 0.5]), np.array([1.0, 0.0]), np.zeros(2))
    >>> clipped(log, 1.5).value
    0.75
    """
    if parameter is None:
        caps = np.quantile(log.weights, _SHARES, method="inverted_cdf").tolist()
        # A cap that was chosen by the log cannot bound it beforehand.
        return least_error([_capped(log, cap, np.inf) for cap in caps])
    check_number(parameter, "parameter", "a cap above 0", lambda cap: cap > 0)
    return _capped(log, float(parameter), float(parameter))


def _capped(log: Log, cap: float, stated: float) -> Terms:
    used = np.minimum(log.weights, cap)
    parts = (used * log.reward)[:, np.newaxis]
    bias = float(((log.weights - used) * log.reward).mean())
    return Terms(parts, np.ones_like(parts), log.weights, log.customer, bias=bias, parameter=cap, cap=stated)

"""What offers are expected to have in common, before any answer."""

from __future__ import annotations

import numpy as np
from scipy import linalg

__all__ = ["shared_prior_precision"]

# The level of all offers, on the log-odds.
_LEVEL_SD = 1.0


def shared_prior_precision(k: int, q: int, effect_sd: float) -> np.ndarray:
    """Invert the prior covariance of the coefficients of offers that share a part.

    An offer's coefficients are common ones and its own. All are independent and have the
    standard deviation `effect_sd`, but for the first common one, the level, which has 1.

    Parameters
    ----------
    k, q : int
        Number of offers, and of coefficients of each.
    effect_sd : float
        Above 0.

    Returns
    -------
    ndarray of shape (k, q, k, q)

    Examples
    --------
    One coefficient of two offers has variance 1 + 0.25 and covariance 1.

    >>> np.linalg.inv(shared_prior_precision(2, 1, 0.5).reshape(2, 2)).round(6).tolist()
    [[1.25, 1.0], [1.0, 1.25]]
    """
    precision = np.zeros((k, q, k, q))
    for i in range(q):
        common = _LEVEL_SD if i == 0 else effect_sd
        precision[:, i, :, i] = linalg.inv(np.full((k, k), common**2) + effect_sd**2 * np.eye(k)) if k else 0.0
    return precision

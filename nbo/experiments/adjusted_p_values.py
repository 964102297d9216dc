"""Adjusted p-values of many claims that are made together."""

from __future__ import annotations

import numpy as np
from scipy import stats

from nbo.checks import check_one_of, check_probabilities

__all__ = ["adjusted_p_values"]


def adjusted_p_values(p_values: np.ndarray, method: str = "bh") -> np.ndarray:
    """Adjust p-values so that of the claims below a limit, at most such a share is false in expectation.

    Parameters
    ----------
    p_values : array-like of shape (m,)
        Of all claims that were looked at; NaN where there is none, which counts as no claim.
    method : {"bh", "by"}, default="bh"
        Benjamini and Hochberg [1]_ for claims that are independent or agree with each other, such as a whole and
        its parts; Benjamini and Yekutieli [2]_ whatever they do.

    Returns
    -------
    ndarray of shape (m,)
        In [0, 1]; NaN where there was no p-value.

    Raises
    ------
    InputError
        If a p-value is not in [0, 1], or the method is not known.

    References
    ----------
    .. [1] Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate: a practical
       and powerful approach to multiple testing. Journal of the Royal Statistical Society B 57, 289-300.
    .. [2] Benjamini, Y. and Yekutieli, D. (2001). The control of the false discovery rate in multiple
       testing under dependency. The Annals of Statistics 29, 1165-1188.

    Examples
    --------
    >>> adjusted_p_values([0.01, 0.04, np.nan, 0.03]).round(2).tolist()
    [0.03, 0.04, nan, 0.04]
    """
    check_one_of(method, ("bh", "by"), "method")
    given = np.asarray(p_values, dtype=float)
    known = ~np.isnan(given)
    check_probabilities(given[known], "p_values")
    adjusted = np.full(len(given), np.nan)
    if known.any():
        adjusted[known] = stats.false_discovery_control(given[known], method=method)
    return adjusted

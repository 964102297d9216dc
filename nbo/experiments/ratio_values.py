"""A ratio of two sums, as a mean over units."""

from __future__ import annotations

import numpy as np

__all__ = ["ratio_values"]


def ratio_values(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    r"""Give each unit a value whose mean is the ratio of the sums, and whose variance is that of the ratio.

    Revenue per decision is no mean over customers where customers have several decisions each. With the ratio
    :math:`R = \sum_i N_i / \sum_i D_i`, the values are

    .. math:: R + \frac{N_i - R D_i}{\bar D},

    and the standard error of their mean is that of R by the delta method [1]_, with customers as units.

    Parameters
    ----------
    numerator : ndarray of shape (n,)
        Sum of each unit, such as a customer's revenue.
    denominator : ndarray of shape (n,)
        Such as the customer's decisions, 0 or more.

    Returns
    -------
    ndarray of shape (n,)
        NaN where the denominators sum to 0.

    References
    ----------
    .. [1] Deng, A., Knoblich, U. and Lu, J. (2018). Applying the delta method in metric analytics: a
       practical guide with novel ideas. KDD.

    Examples
    --------
    >>> ratio_values(np.array([4.0, 0.0, 5.0]), np.array([2, 1, 6])).round(3).tolist()
    [1.667, 0.667, 0.667]
    """
    total = float(np.sum(denominator))
    if not total:
        return np.full(len(numerator), np.nan)
    ratio = float(np.sum(numerator)) / total
    return ratio + (numerator - ratio * denominator) / (total / len(numerator))

"""The interval of a relative difference."""

from __future__ import annotations

import numpy as np

__all__ = ["relative_interval"]


def relative_interval(
    mean: float, variance: float, base_mean: float, base_variance: float, quantile: float
) -> tuple[float, float]:
    r"""Bound by which share a mean differs from another, after Fieller [1]_.

    The interval holds all r for which the mean :math:`m_1` is not too far from :math:`(1 + r) m_0`:

    .. math:: \big(m_1 - (1 + r) m_0\big)^2 \le q^2 \big(v_1 + (1 + r)^2 v_0\big).

    Parameters
    ----------
    mean, variance : float
        A mean and its squared standard error.
    base_mean, base_variance : float
        Likewise of the baseline.
    quantile : float
        Standard errors to go to each side, such as 1.96.

    Returns
    -------
    tuple of (float, float)
        The lower and the upper bound, as shares of the baseline mean; minus infinity and infinity where that
        mean may be 0, as then all shares may be.

    References
    ----------
    .. [1] Fieller, E. C. (1954). Some problems in interval estimation. Journal of the Royal
       Statistical Society B 16, 175-185.

    Examples
    --------
    >>> [round(bound, 3) for bound in relative_interval(12.0, 0.25, 10.0, 0.16, 1.96)]
    [0.071, 0.344]
    >>> relative_interval(12.0, 0.25, 0.5, 0.16, 1.96)
    (-inf, inf)
    """
    # A quadratic in 1 + r, with a finite interval where it opens upwards.
    square = base_mean**2 - quantile**2 * base_variance
    if not square > 0:
        return -np.inf, np.inf
    middle = mean * base_mean
    root = float(np.sqrt(max(middle**2 - square * (mean**2 - quantile**2 * variance), 0.0)))
    return (middle - root) / square - 1, (middle + root) / square - 1

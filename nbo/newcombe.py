"""The interval of the difference of two acceptance rates."""

from __future__ import annotations

import numpy as np

from nbo.wilson import wilson_interval

__all__ = ["newcombe_interval"]


def newcombe_interval(
    accepted: np.ndarray | float,
    n: np.ndarray | float,
    base_accepted: np.ndarray | float,
    base_n: np.ndarray | float,
    level: float = 0.95,
) -> tuple[np.ndarray, np.ndarray]:
    r"""Bound the difference of two rates, after Newcombe [1]_.

    With the rates :math:`p_1, p_0` and their Wilson intervals :math:`[l_1, u_1], [l_0, u_0]`, the bounds are

    .. math:: p_1 - p_0 - \sqrt{(p_1 - l_1)^2 + (u_0 - p_0)^2}, \qquad
              p_1 - p_0 + \sqrt{(u_1 - p_1)^2 + (p_0 - l_0)^2}.

    They stay in [-1, 1] and hold for few and rare acceptances.

    Parameters
    ----------
    accepted, n : float or ndarray of any shape
        How often it happened, among how many cases.
    base_accepted, base_n : float or ndarray of the same shape
        Likewise in the group to compare with.
    level : float, default=0.95
        How often the interval shall hold the true difference, in (0, 1).

    Returns
    -------
    tuple of (ndarray, ndarray), of the same shape
        The lower and the upper bound of the rate minus the other; NaN where a group has no cases.

    Raises
    ------
    InputError
        If the level is not in (0, 1).

    References
    ----------
    .. [1] Newcombe, R. G. (1998). Interval estimation for the difference between independent
       proportions: comparison of eleven methods. Statistics in Medicine 17, 873-890, method 10.

    Examples
    --------
    >>> low, high = newcombe_interval(np.array([56]), np.array([70]), np.array([48]), np.array([80]))
    >>> low.round(4).tolist(), high.round(4).tolist()
    ([0.0524], [0.3339])
    """
    accepted, n = np.asarray(accepted, dtype=float), np.asarray(n, dtype=float)
    base_accepted, base_n = np.asarray(base_accepted, dtype=float), np.asarray(base_n, dtype=float)
    known = (n > 0) & (base_n > 0)
    rate, base_rate = accepted / np.where(known, n, np.nan), base_accepted / np.where(known, base_n, np.nan)
    (low, high), (base_low, base_high) = (
        wilson_interval(accepted, n, level),
        wilson_interval(base_accepted, base_n, level),
    )
    difference = rate - base_rate
    return (
        difference - np.hypot(rate - low, base_high - base_rate),
        difference + np.hypot(high - rate, base_rate - base_low),
    )

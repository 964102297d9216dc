"""Chance that a test of two arms finds an effect of a given size."""

from __future__ import annotations

import numpy as np
from scipy import special

__all__ = ["means_power", "rates_power"]


def rates_power(
    baseline: float, effect: float, treated: np.ndarray, control: np.ndarray, tail: float, inflation: float = 1.0
) -> np.ndarray:
    r"""Give the power of the z-test of two rates, pooled under the null hypothesis [1]_.

    With rates p of the control and q of the treated, and the pooled rate r,

    .. math:: \Phi\left(\frac{|q - p| - z \sqrt{r (1 - r) (1/n_1 + 1/n_0)}}{\sqrt{q (1-q) / n_1 + p (1-p) / n_0}}\right)

    and, as the other tail also counts, the same with :math:`-|q - p|`.

    Parameters
    ----------
    baseline : float
        Rate of the control, in (0, 1).
    effect : float
        Rate of the treated minus that.
    treated, control : ndarray of shape (m,)
        Customers in each arm, above 0.
    tail : float
        Chance of an error in the direction looked at: half of alpha in a two-sided test; below 0 for one-sided
        tests, of which the other tail does not count.
    inflation : float, default=1.0
        Of the variance.

    Returns
    -------
    ndarray of shape (m,)
        In [0, 1].

    References
    ----------
    .. [1] Fleiss, J. L., Levin, B. and Paik, M. C. (2003). Statistical methods for rates and proportions, 3rd edition,
       section 4.2.

    Examples
    --------
    >>> rates_power(0.5, 0.25, np.array([50.0]), np.array([50.0]), 0.025).round(4)
    array([0.7402])
    """
    z, rate = -special.ndtri(abs(tail)), baseline + effect
    pooled = (treated * rate + control * baseline) / (treated + control)
    null = np.sqrt(inflation * pooled * (1 - pooled) * (1 / treated + 1 / control))
    true = np.sqrt(inflation * (rate * (1 - rate) / treated + baseline * (1 - baseline) / control))
    found = special.ndtr((abs(effect) - z * null) / true)
    return found + special.ndtr((-abs(effect) - z * null) / true) if tail > 0 else found


def means_power(effect: float, sd: float, treated: np.ndarray, control: np.ndarray, tail: float) -> np.ndarray:
    """Give the power of the t-test of two means, by the noncentral t distribution [1]_.

    Parameters
    ----------
    effect : float
        Difference of the means.
    sd : float
        Standard deviation between customers, of both arms, above 0.
    treated, control : ndarray of shape (m,)
        Customers in each arm.
    tail : float
        As of :func:`rates_power`.

    Returns
    -------
    ndarray of shape (m,)
        In [0, 1]; 0 where there are no degrees of freedom.

    References
    ----------
    .. [1] Cohen, J. (1988). Statistical power analysis for the behavioral sciences, 2nd edition, chapter 2.

    Examples
    --------
    >>> means_power(1.0, 1.0, np.array([20.0]), np.array([20.0]), 0.025).round(4)
    array([0.869])
    """
    freedom = treated + control - 2
    shift = abs(effect) / (sd * np.sqrt(1 / treated + 1 / control))
    some = np.maximum(freedom, 1)
    limit = special.stdtrit(some, 1 - abs(tail))
    # SciPy gives NaN for some chances below 1e-8.
    found = 1 - np.nan_to_num(special.nctdtr(some, shift, limit))
    other = np.nan_to_num(special.nctdtr(some, shift, -limit)) if tail > 0 else 0.0
    return np.where(freedom > 0, found + other, 0.0)

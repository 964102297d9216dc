"""Purchases of a customer whose dropout probability is beta distributed."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import betaincinv, hyp2f1

__all__ = ["expected_until_dropout"]

# Next to a removable singularity the mean of both sides is taken.
_NUDGE = 1e-4
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(96)


def expected_until_dropout(rate_shape: Any, rate_scale: Any, a: Any, b: Any, t: Any) -> np.ndarray:
    """Compute the expected purchases of a customer who is alive, until dropout or time `t`.

    The customer buys at a gamma distributed rate, and drops out after each purchase with
    a beta distributed probability.

    Parameters
    ----------
    rate_shape, rate_scale : float or ndarray of shape (n,)
        Gamma distribution of the rate, shape and rate (in units of time).
    a, b : float or ndarray of shape (n,)
        Beta distribution of the dropout probability.
    t : float or ndarray of shape (n,)
        0 or more.

    Returns
    -------
    ndarray of shape (n,)

    References
    ----------
    .. [1] Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005). "Counting your customers"
       the easy way: an alternative to the Pareto/NBD model. Marketing Science 24(2).

    Examples
    --------
    >>> expected_until_dropout(2.0, 4.0, 1e-9, 1.0, 8.0).round(6).item()     # nobody drops out: 2 / 4 * 8
    4.0
    """
    shape, scale, a, b, t = np.broadcast_arrays(
        *(np.asarray(value, dtype=float) for value in (rate_shape, rate_scale, a, b, t))
    )
    with np.errstate(all="ignore"):
        result = np.array(_closed_form(shape, scale, a, b, t))
        for near, axis in ((np.abs(a - 1) < _NUDGE, 0), (np.abs(a + b - 1) < _NUDGE, 1)):
            if near.any():
                sides = [
                    _closed_form(
                        shape[near], scale[near], a[near] + move * (axis == 0), b[near] + move * (axis == 1), t[near]
                    )
                    for move in (2 * _NUDGE, -2 * _NUDGE)
                ]
                result[near] = (sides[0] + sides[1]) / 2
        most = shape * t / scale
        wrong = ~((result >= -1e-12 * most) & (result <= most * (1 + 1e-9)))
        if wrong.any():
            result[wrong] = _by_quadrature(shape[wrong], scale[wrong], a[wrong], b[wrong], t[wrong])
    return np.asarray(np.clip(result, 0.0, most))


def _closed_form(shape: np.ndarray, scale: np.ndarray, a: np.ndarray, b: np.ndarray, t: np.ndarray) -> np.ndarray:
    c, z = a + b - 1, t / (scale + t)
    left = np.log1p(t / scale)
    # Euler's transformation holds the growing of the series by a - 1 instead of the number of purchases.
    euler = shape > np.abs(a - 1)
    series = hyp2f1(np.where(euler, c - shape, shape), np.where(euler, a - 1, b), c, z)
    remaining = np.exp(-left * np.where(euler, a - 1, shape)) * series
    return c / (a - 1) * (1 - remaining)


def _by_quadrature(shape: np.ndarray, scale: np.ndarray, a: np.ndarray, b: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Average over quantiles of the dropout probability, where the series fails."""
    # Cubes bring the nodes closer to the ends.
    u = (1 + _NODES) / 2
    level, weight = u * u * (3 - 2 * u), 3 * u * (1 - u) * _WEIGHTS
    p = np.maximum(betaincinv(a[:, None], b[:, None], level), 1e-300)
    lost = -np.expm1(-shape[:, None] * np.log1p(p * (t / scale)[:, None])) / p
    return np.asarray(lost @ weight)

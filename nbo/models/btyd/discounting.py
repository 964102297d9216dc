"""What future purchases are worth now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nbo.errors import InputError

__all__ = ["PERIODS_PER_YEAR", "discounted", "force_of_interest"]

PERIODS_PER_YEAR = {"D": 365.25, "W": 365.25 / 7, "M": 12.0, "Q": 4.0, "Y": 1.0}
# After so many e-folds of discounting nothing is left that a float could show.
_END = 45.0
_RULES = {n: np.polynomial.legendre.leggauss(n) for n in (8, 16, 48)}


def force_of_interest(discount_rate: float, unit: str) -> float:
    """Turn an annual discount rate into a continuous one per unit of time.

    Parameters
    ----------
    discount_rate : float
        Per year, such as 0.1; 0 or more.
    unit : {"D", "W", "M", "Q", "Y"}

    Returns
    -------
    float

    Raises
    ------
    InputError
        If the rate is not allowed.

    Examples
    --------
    >>> round(force_of_interest(0.1, "Y"), 6)
    0.09531
    """
    if not (isinstance(discount_rate, int | float | np.number) and 0 <= discount_rate < np.inf):
        raise InputError(f"discount_rate must be a number per year, 0 or more, such as 0.1; got {discount_rate!r}.")
    return float(np.log1p(discount_rate)) / PERIODS_PER_YEAR[unit]


def discounted(
    expected: Callable[[Any], np.ndarray], scale: np.ndarray, horizon: float, force: float, step: float | None
) -> np.ndarray:
    """Discount expected purchases.

    Parameters
    ----------
    expected : callable
        Takes times of shape (m,), gives the expected purchases until then, of shape (m,).
    scale : ndarray of shape (m,)
        Time within which the rate of purchases changes.
    horizon : float
        May be infinite.
    force : float
        Continuous discount rate per unit of time.
    step : float or None
        Discount purchases from the end of a step of this length; None from their own time.

    Returns
    -------
    ndarray of shape (m,)

    Raises
    ------
    InputError
        If the horizon is infinite and nothing is discounted.
    """
    if not np.isfinite(horizon) and force <= 0:
        raise InputError("discount_rate must be above 0 for a lifetime; the sum has no end without.")
    end = min(horizon, _END / force) if force > 0 else horizon
    if step is not None:
        return _in_steps(expected, len(scale), end, force, step)
    last = expected(np.full(len(scale), end))
    if force == 0:
        return last
    width = np.log1p(end / scale)
    reach = float(width.max(initial=0.0))
    nodes, weights = _RULES[8 if reach < 1 else 16 if reach < 2.5 else 48]
    total = np.exp(-force * end) * last
    for node, weight in zip((1 + nodes) / 2, weights / 2, strict=True):
        # Times are spread evenly in the log of the scale plus the time.
        time = scale * np.expm1(width * node)
        total += weight * width * (scale + time) * force * np.exp(-force * time) * expected(time)
    return np.asarray(total)


def _in_steps(expected: Callable[[Any], np.ndarray], m: int, end: float, force: float, step: float) -> np.ndarray:
    total, before, time = np.zeros(m), np.zeros(m), 0.0
    # A horizon of whole steps must not get one more from rounding.
    while time < end * (1 - 1e-12):
        time = min(time + step, end)
        until = expected(np.full(m, time))
        total += np.exp(-force * time) * (until - before)
        before = until
    return total

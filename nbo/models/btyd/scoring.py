"""A short way to the maximum of a likelihood: steps by the products of its rows' slopes."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np

__all__ = ["Scored", "scored_end"]

# Log-likelihood that the next step would gain, below which Newton's method does the rest: always, and
# where these steps have become slow.
_GAIN, _SLOW_GAIN = 1e-6, 0.1
_SLOW = 0.1
_STEPS = 15
# A step is no longer than a factor of e in any parameter.
_LONGEST = 1.0
# Share of each parameter's own products that is added to it; the least keeps the equations solvable.
_FIRST_DAMPING, _LEAST_DAMPING, _MOST_DAMPING = 1e-3, 1e-8, 1e6


@runtime_checkable
class Scored(Protocol):
    """An objective that knows the slopes of its rows."""

    def scored(self, theta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Give the value, the gradient and the summed products of the rows' slopes."""


def scored_end(
    objective: Scored, start: np.ndarray, low: np.ndarray, high: np.ndarray
) -> tuple[np.ndarray, int] | None:
    """Search for a minimum from a start that is not far off.

    Near the maximum of a likelihood the summed products of its rows' slopes are close to its curvature [1]_. They come
    with the slopes, so that a few steps do what takes a quasi-Newton search many. Steps are damped until they gain.

    Parameters
    ----------
    objective : Scored
    start : ndarray of shape (k,)
    low, high : ndarray of shape (k,)
        Bounds.

    Returns
    -------
    theta : ndarray of shape (k,)
    n_evaluations : int
        None instead of both where the way is long, or leads to a bound: a search with bounds is better there.

    References
    ----------
    .. [1] Berndt, E. R., Hall, B. H., Hall, R. E. and Hausman, J. A. (1974). Estimation and inference in nonlinear
       structural models. Annals of Economic and Social Measurement 3(4).
    """
    theta, damping, last_gain = start, _FIRST_DAMPING, float("inf")
    value, gradient, products = objective.scored(theta)
    for n in range(1, _STEPS + 1):
        size = np.diag(products)
        if not (size > 0).all():
            return None
        step = -np.linalg.solve(products + np.diag(damping * size), gradient)
        step *= min(1.0, _LONGEST / max(np.abs(step).max(), 1e-300))
        gain = -float(gradient @ step)
        if gain < _GAIN or _SLOW * last_gain < gain < _SLOW_GAIN:
            return theta, n
        moved = theta + step
        if not ((moved > low) & (moved < high)).all():
            return None
        new_value, new_gradient, new_products = objective.scored(moved)
        if new_value < value:
            theta, value, gradient, products = moved, new_value, new_gradient, new_products
            damping, last_gain = max(damping / 10, _LEAST_DAMPING), gain
        elif damping > _MOST_DAMPING:
            return None
        else:
            damping = max(damping, _FIRST_DAMPING) * 10
    return None

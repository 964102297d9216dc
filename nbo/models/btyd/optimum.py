"""The highest point of a likelihood, found with care."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

__all__ = ["Optimum", "minimum"]

Objective = Callable[[np.ndarray], tuple[float, np.ndarray]]

# A step of Newton's method that would gain less log-likelihood than this is not worth taking.
_GAIN = 1e-9
# What a step from the end may still gain, for the search to have ended.
_TOLERANCE = 1e-3
# Curvature of the log-likelihood below which a direction counts as flat: a standard error
# of a log-parameter above 3, a factor of 20 either way.
_FLAT = 1 / 9
_STEP = 1e-4
# Log-likelihood within which the end of a rough search may still win.
_CLOSE = 2.0
_NEWTON_STEPS = 12


@dataclass(frozen=True)
class Optimum:
    """Where a search ended.

    Parameters
    ----------
    theta : ndarray of shape (k,)
    value : float
        The objective there.
    gradient : ndarray of shape (k,)
    hessian : ndarray of shape (k, k)
    free : ndarray of bool, shape (k,)
        False for what lies at a bound and pulls outwards.
    n_evaluations : int
    """

    theta: np.ndarray
    value: float
    gradient: np.ndarray
    hessian: np.ndarray
    free: np.ndarray
    n_evaluations: int

    @property
    def converged(self) -> bool:
        """Whether no step from here gains anything: a minimum, or the edge of what is allowed."""
        if not (np.isfinite(self.value) and np.isfinite(self.gradient).all()):
            return False
        curvature, along = self._directions()
        if (curvature < -_FLAT).any():
            return False
        # In a flat direction a step of one, a factor of e, is as far as the curvature can be trusted.
        size = np.where(curvature > _FLAT, along**2 / np.maximum(2 * curvature, _FLAT), np.abs(along))
        return bool(size.sum() < _TOLERANCE)

    @property
    def flags(self) -> tuple[str, ...]:
        """What is odd: ``"ridge"`` for a flat direction, ``"boundary"`` for a parameter at its bound."""
        curvature, _ = self._directions()
        return (("ridge",) if (curvature < _FLAT).any() else ()) + (() if self.free.all() else ("boundary",))

    def _directions(self) -> tuple[np.ndarray, np.ndarray]:
        """Give the curvature of each main direction, and the slope along it."""
        inner = self.hessian[np.ix_(self.free, self.free)]
        curvature, vectors = np.linalg.eigh(inner)
        return curvature, vectors.T @ self.gradient[self.free]


def minimum(
    objective: Objective, starts: Sequence[np.ndarray], low: np.ndarray, high: np.ndarray, rivals: int = 0
) -> Optimum:
    """Find the lowest point of an objective.

    A quasi-Newton search with bounds, polished by Newton's steps, from the first start and its
    rivals. If that ends in a doubtful place, the other starts are tried as well. The lowest end is taken.

    Parameters
    ----------
    objective : callable
        Gives the value and the gradient; in units of log-likelihood.
    starts : sequence of ndarray of shape (k,)
        The first is the one expected to do.
    low, high : ndarray of shape (k,)
        Bounds.
    rivals : int, default=0
        How many of the next starts are always tried too, for there may be a second valley.

    Returns
    -------
    Optimum

    Examples
    --------
    >>> def bowl(theta):
    ...     return float(((theta - 1) ** 2).sum()), 2 * (theta - 1)
    >>> minimum(bowl, [np.zeros(2)], np.full(2, -9.0), np.full(2, 9.0)).theta.round(6).tolist()
    [1.0, 1.0]
    """
    best = _polished(objective, *_descended(objective, starts[0], low, high), low, high)
    for start in starts[1 : 1 + rivals]:
        end, n = _descended(objective, start, low, high)
        # Unless it comes close, no polish will make it win.
        if objective(end)[0] < best.value + _CLOSE:
            best = _better(_polished(objective, end, n, low, high), best)
    if not best.converged or best.flags:
        for start in starts[1 + rivals :]:
            best = _better(_polished(objective, *_descended(objective, start, low, high), low, high), best)
    return best


def _better(one: Optimum, other: Optimum) -> Optimum:
    gain = other.value - one.value
    wins = gain > _TOLERANCE or (gain > -_TOLERANCE and one.converged and not other.converged)
    return one if wins else other


def _descended(objective: Objective, start: np.ndarray, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, int]:
    """Search from a start; the end is near a minimum, not at it."""
    scale = max(abs(objective(start)[0]), 1.0)
    found = minimize(
        lambda theta: tuple(part / scale for part in objective(theta)),
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=np.column_stack([low, high]),
        options={"maxiter": 500, "ftol": 1e-8, "gtol": 1e-9, "maxls": 40},
    )
    return np.clip(found.x, low, high), int(found.nfev) + 1


def _polished(objective: Objective, theta: np.ndarray, n: int, low: np.ndarray, high: np.ndarray) -> Optimum:
    """Take Newton's steps while they gain; the last Hessian is that of the end."""
    value, gradient = objective(theta)
    hessian = _hessian(objective, theta)
    n += 1 + 2 * len(theta)
    for _ in range(_NEWTON_STEPS):
        free = _free(theta, gradient, low, high)
        step = _newton_step(hessian, gradient, free)
        if -gradient @ step < _GAIN:
            break
        moved = np.clip(theta + step, low, high)
        new_value, new_gradient = objective(moved)
        n += 1
        while not new_value < value and np.abs(step).max() > 1e-7:
            step = step / 4
            moved = np.clip(theta + step, low, high)
            new_value, new_gradient = objective(moved)
            n += 1
        if not new_value < value:
            break
        far = np.abs(moved - theta).max() > 1e-3
        theta, value, gradient = moved, new_value, new_gradient
        if far:
            hessian = _hessian(objective, theta)
            n += 2 * len(theta)
    return Optimum(theta, value, gradient, hessian, _free(theta, gradient, low, high), n)


def _free(theta: np.ndarray, gradient: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    pressed = ((theta <= low) & (gradient > 0)) | ((theta >= high) & (gradient < 0))
    return ~pressed


def _newton_step(hessian: np.ndarray, gradient: np.ndarray, free: np.ndarray) -> np.ndarray:
    step = np.zeros_like(gradient)
    if not free.any() or not np.isfinite(hessian).all():
        return step
    curvature, vectors = np.linalg.eigh(hessian[np.ix_(free, free)])
    along = vectors.T @ gradient[free]
    # Downhill where the surface bends the wrong way too, and no farther than a factor of e.
    lengths = np.clip(along / np.maximum(np.abs(curvature), 1e-6), -1.0, 1.0)
    step[free] = -vectors @ lengths
    return step


def _hessian(objective: Objective, theta: np.ndarray) -> np.ndarray:
    """Take central differences of the gradient."""
    rows = []
    for axis in np.eye(len(theta)) * _STEP:
        rows.append((objective(theta + axis)[1] - objective(theta - axis)[1]) / (2 * _STEP))
    hessian = np.array(rows)
    return (hessian + hessian.T) / 2

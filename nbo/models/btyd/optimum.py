"""The highest point of a likelihood, found with care."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import minimize

from nbo.models.btyd.scoring import Scored, scored_end

__all__ = ["INVALID", "Optimum", "minimum"]

Objective = Callable[[np.ndarray], tuple[float, np.ndarray]]

# A step of Newton's method that would gain less log-likelihood than this is not worth taking.
_GAIN = 1e-9
# What a step from the end may still gain, for the search to have ended.
_TOLERANCE = 1e-3
# Curvature of the log-likelihood below which a direction counts as flat: a standard error
# of a log-parameter above 3, a factor of 20 either way.
_FLAT = 1 / 9
# Log-likelihood that a factor of e may still gain in a flat direction.
_FLAT_SLOPE = 0.02
# What an objective gives where it can't be computed.
INVALID = 1e300
# Relative gain of a step that ends a search: Newton's steps do the rest, but not along a ridge.
_ROUGH, _USUAL, _TIGHT = 1e-6, 1e-8, 1e-12
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
        if not (self.value < INVALID and np.isfinite(self.gradient).all()):
            return False
        curvature, along = self._directions
        if (curvature < -_FLAT).any():
            return False
        flat = curvature < _FLAT
        gain = along[~flat] ** 2 / (2 * curvature[~flat])
        return bool(gain.sum() < _TOLERANCE and (np.abs(along[flat]) < _FLAT_SLOPE).all())

    @property
    def sound(self) -> bool:
        """Whether this is a minimum that bends upwards in all directions, away from the bounds."""
        return self.converged and not self.flags

    @property
    def flags(self) -> tuple[str, ...]:
        """What is odd: ``"ridge"`` for a flat direction, ``"boundary"`` for a parameter at its bound."""
        curvature, _ = self._directions
        return (("ridge",) if (curvature < _FLAT).any() else ()) + (() if self.free.all() else ("boundary",))

    @cached_property
    def _directions(self) -> tuple[np.ndarray, np.ndarray]:
        """Give the curvature of each main direction, and the slope along it."""
        inner = self.hessian[np.ix_(self.free, self.free)]
        curvature, vectors = np.linalg.eigh(inner)
        return curvature, vectors.T @ self.gradient[self.free]


def minimum(
    objective: Objective,
    starts: Sequence[np.ndarray],
    low: np.ndarray,
    high: np.ndarray,
    doubtful: Callable[[np.ndarray], bool] | None = None,
) -> Optimum:
    """Find the lowest point of an objective.

    Where the objective knows the slopes of its rows, a short search by their products; if that ends in a flat place
    or nowhere, a quasi-Newton search with bounds. Both are polished by Newton's steps. If the end is still flat or at a
    bound, all other starts are tried as well; if there may be a second valley, the next two. The lowest end is
    taken.

    Parameters
    ----------
    objective : callable
        Gives the value and the gradient; in units of log-likelihood. It may be `Scored` too.
    starts : sequence of ndarray of shape (k,)
        The first is the one expected to do.
    low, high : ndarray of shape (k,)
        Bounds.
    doubtful : callable, optional
        Takes an end, tells whether there may be a second valley, in which the second or the third start lies.

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
    best = _from_first(objective, starts[0], low, high)
    sound = best.sound
    precision = _USUAL if sound else _TIGHT
    rivals: Sequence[np.ndarray] = ()
    if not sound:
        # A doubtful end is searched on from, too, and an earlier point of a ridge than its end.
        rough = _polished(objective, *_descended(objective, starts[0], low, high, _ROUGH), low, high)
        rivals = [rough.theta, best.theta, *starts[1:]]
    elif doubtful is not None and doubtful(best.theta):
        rivals = starts[1:3]
    for start in rivals:
        end, n = _descended(objective, start, low, high, precision)
        lead = best.value - objective(end)[0]
        # Another way into the same valley, or one that ends too high for a polish to make it win.
        if not sound or lead > _TOLERANCE or (lead > -_CLOSE and np.abs(end - best.theta).max() > 1):
            best = _better(_polished(objective, end, n, low, high), best)
    return best


def _from_first(objective: Objective, start: np.ndarray, low: np.ndarray, high: np.ndarray) -> Optimum:
    """Search from the start that is expected to do, the short way if it leads to a sound end."""
    quick = scored_end(objective, start, low, high) if isinstance(objective, Scored) else None
    if quick is not None:
        end = _polished(objective, *quick, low, high)
        if end.sound:
            return end
    return _polished(objective, *_descended(objective, start, low, high), low, high)


def _better(one: Optimum, other: Optimum) -> Optimum:
    gain = other.value - one.value
    wins = gain > _TOLERANCE or (gain > -_TOLERANCE and one.converged and not other.converged)
    return one if wins else other


def _descended(
    objective: Objective, start: np.ndarray, low: np.ndarray, high: np.ndarray, precision: float = _USUAL
) -> tuple[np.ndarray, int]:
    """Search from a start; the end is near a minimum, not at it."""
    scale = max(abs(objective(start)[0]), 1.0)
    found = minimize(
        lambda theta: tuple(part / scale for part in objective(theta)),
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=np.column_stack([low, high]),
        options={"maxiter": 500, "ftol": precision, "gtol": 1e-9, "maxls": 40},
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

"""How many times as high a hazard is with a cause: a penalized regression of who left within a horizon."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nbo.errors import ConvergenceError

__all__ = ["HazardFit", "fit_hazard"]

_STEPS = 100
_CLOSE = 1e-9
# Beyond these, the hazard of a horizon is as good as nothing, or certain to leave.
_LOWEST, _HIGHEST = -25.0, 4.0


@dataclass(frozen=True, eq=False)
class HazardFit:
    """The log hazard of a horizon as a sum over columns.

    Parameters
    ----------
    coefficients : ndarray of shape (p,)
        The first is that of nobody's causes.
    covariance : ndarray of shape (p, p)
        Of the coefficients, from the curvature at the fit.
    """

    coefficients: np.ndarray
    covariance: np.ndarray

    def probability(self, Z: np.ndarray) -> np.ndarray:
        """Give the chance of leaving within the horizon.

        Parameters
        ----------
        Z : ndarray of shape (n, p)

        Returns
        -------
        ndarray of shape (n,)
            In (0, 1).
        """
        return -np.expm1(-np.exp(np.clip(Z @ self.coefficients, _LOWEST, _HIGHEST)))

    def lift(self, combination: np.ndarray, z: float) -> tuple[float, float, float]:
        """Give how many times as high the hazard is by a sum of columns, with its interval.

        Parameters
        ----------
        combination : ndarray of shape (p,)
            Which columns, and how often.
        z : float
            Normal quantile of the interval.

        Returns
        -------
        tuple of (float, float, float)
            Lift, low and high.
        """
        middle = float(combination @ self.coefficients)
        reach = z * float(np.sqrt(max(combination @ self.covariance @ combination, 0.0)))
        return float(np.exp(middle)), float(np.exp(middle - reach)), float(np.exp(middle + reach))


def fit_hazard(Z: np.ndarray, y: np.ndarray, weight: np.ndarray, penalty: np.ndarray) -> HazardFit:
    r"""Fit P(y = 1) = 1 - exp(-exp(Z b)), each b drawn towards 0.

    The complementary log-log link is that of hazards in proportion [1]_: :math:`e^{b_j}` is the hazard with column j
    over that without, whatever the horizon is. A normal prior with mean 0 draws the coefficients of rare columns
    towards 0, that is the lift towards 1.

    Parameters
    ----------
    Z : ndarray of shape (n, p)
    y : ndarray of shape (n,)
        0 or 1, or the share of `weight` rows that left.
    weight : ndarray of shape (n,)
        Rows that each row stands for.
    penalty : ndarray of shape (p,)
        One over the variance of each prior; 0 for a column that is not drawn.

    Returns
    -------
    HazardFit

    Raises
    ------
    ConvergenceError
        If the fit does not settle.

    References
    ----------
    .. [1] Prentice, R. L. and Gloeckler, L. A. (1978). Regression analysis of grouped survival data with
       application to breast cancer data. Biometrics 34(1), 57-67.

    Examples
    --------
    >>> Z = np.array([[1.0, 0.0], [1.0, 1.0]])
    >>> fit = fit_hazard(Z, np.array([0.1, 0.271]), np.array([1e6, 1e6]), np.array([0.0, 1.0]))
    >>> fit.probability(Z).round(3).tolist(), fit.lift(np.array([0.0, 1.0]), 1.96)[0].__round__(2)
    ([0.1, 0.271], 3.0)
    """
    b = np.zeros(Z.shape[1])
    rate = float(np.clip(np.average(y, weights=weight), 1e-6, 1 - 1e-6))
    b[0] = np.log(-np.log1p(-rate))
    best = _posterior(Z, y, weight, penalty, b)
    for _ in range(_STEPS):
        gradient, curvature = _slopes(Z, y, weight, penalty, b)
        step = np.linalg.solve(curvature, gradient)
        length = 1.0
        # Fisher's step may be too long; the posterior has one top, so halving always finds it.
        while (found := _posterior(Z, y, weight, penalty, b + length * step)) < best and length > 1e-8:
            length /= 2
        b, gained, best = b + length * step, found - best, max(found, best)
        if gained <= _CLOSE * (1 + abs(best)) and np.abs(length * step).max() < 1e-6:
            return HazardFit(b, np.linalg.inv(_slopes(Z, y, weight, penalty, b)[1]))
    raise ConvergenceError(f"the hazard of causes did not settle within {_STEPS} steps; give more past customers.")


def _rates(Z: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    hazard = np.exp(np.clip(Z @ b, _LOWEST, _HIGHEST))
    return hazard, np.clip(-np.expm1(-hazard), 1e-300, 1.0)


def _posterior(Z: np.ndarray, y: np.ndarray, weight: np.ndarray, penalty: np.ndarray, b: np.ndarray) -> float:
    hazard, left = _rates(Z, b)
    return float(weight @ (y * np.log(left) - (1 - y) * hazard) - 0.5 * penalty @ b**2)


def _slopes(
    Z: np.ndarray, y: np.ndarray, weight: np.ndarray, penalty: np.ndarray, b: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Give the gradient of the posterior, and its expected curvature."""
    hazard, left = _rates(Z, b)
    score = weight * hazard * (y - left) / left
    information = weight * hazard**2 * (1 - left) / left
    tiny = 1e-9 * np.eye(len(b))
    return Z.T @ score - penalty * b, (Z * information[:, None]).T @ Z + np.diag(penalty) + tiny

"""The likelihood as a function of log-parameters and of the effects of covariates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nbo.models.btyd.optimum import INVALID

__all__ = ["Effect", "PenalizedLikelihood", "natural_values"]

Terms = Callable[[list[Any]], tuple[np.ndarray, list[np.ndarray]]]


@dataclass(frozen=True)
class Effect:
    """Which parameter the covariates of a process move, and which way.

    Parameters
    ----------
    process : str
        Such as "purchase".
    parameter : int
        Position of the parameter.
    sign : int
        1 if a positive coefficient raises the parameter, else -1.
    """

    process: str
    parameter: int
    sign: int


@dataclass(frozen=True)
class PenalizedLikelihood:
    """Minus the log-likelihood of weighted rows, with a ridge penalty.

    Parameters
    ----------
    terms : callable
        Takes the natural parameters, gives the log-likelihood of each row and its derivatives by
        the log of each parameter.
    weight : ndarray of shape (m,)
    covariates : ndarray of shape (m, p)
    effects : sequence of Effect
        Each has p coefficients.
    penalty : float
        Half of it times the squared distance from `center` is added.
    center : ndarray of shape (k,)
        Of the log-parameters; coefficients have the center 0.
    """

    terms: Terms
    weight: np.ndarray
    covariates: np.ndarray
    effects: Sequence[Effect]
    penalty: float
    center: np.ndarray = field(default_factory=lambda: np.empty(0))

    def __call__(self, theta: np.ndarray) -> tuple[float, np.ndarray]:
        """Give the value and the gradient."""
        value, gradient, _ = self._computed(theta)
        return value, gradient

    def scored(self, theta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Give the value, the gradient, and the summed products of the rows' slopes with the penalty's curvature."""
        value, gradient, slopes = self._computed(theta)
        with np.errstate(all="ignore"):
            products = (slopes * self.weight) @ slopes.T
        return value, gradient, products + self.penalty * np.eye(len(theta))

    def _computed(self, theta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Give the value, the gradient, and the slopes of the log-likelihood of each row."""
        k, p = len(self.center), self.covariates.shape[1]
        with np.errstate(all="ignore"):
            likelihood, own = self.terms(natural_values(theta, k, self.covariates, self.effects))
            slopes = np.empty((len(theta), len(self.weight)))
            slopes[:k] = own
            for number, effect in enumerate(self.effects if p else ()):
                block = slopes[k + number * p : k + (number + 1) * p]
                np.multiply(self.covariates.T, effect.sign * own[effect.parameter], out=block)
            gradient = -(slopes @ self.weight)
            # No product of vectors: it would wake threads that cost more than they do.
            value = -float((self.weight * likelihood).sum())
        if self.penalty:
            value += self.penalty_at(theta)
            gradient += self.penalty * self._distance(theta)
        if not (np.isfinite(value) and np.isfinite(gradient).all()):
            return INVALID, np.zeros(len(theta)), np.zeros_like(slopes)
        return value, gradient, slopes

    def penalty_at(self, theta: np.ndarray) -> float:
        """Give what the penalty adds."""
        distance = self._distance(theta)
        return 0.5 * self.penalty * float(distance @ distance)

    def _distance(self, theta: np.ndarray) -> np.ndarray:
        distance = theta.copy()
        distance[: len(self.center)] -= self.center
        return distance


def natural_values(theta: np.ndarray, k: int, covariates: np.ndarray, effects: Sequence[Effect]) -> list[Any]:
    """Compute the natural parameters.

    Parameters
    ----------
    theta : ndarray of shape (k + len(effects) * p,)
        Log-parameters, then the coefficients of each effect.
    k : int
    covariates : ndarray of shape (m, p)
    effects : sequence of Effect

    Returns
    -------
    list of k floats or ndarrays of shape (m,)
        A number where covariates have no say, else one value for each row.
    """
    values: list[Any] = [float(value) for value in np.exp(theta[:k])]
    p = covariates.shape[1]
    for number, effect in enumerate(effects if p else ()):
        coefficients = theta[k + number * p : k + (number + 1) * p]
        values[effect.parameter] = values[effect.parameter] * np.exp(effect.sign * (covariates @ coefficients))
    return values

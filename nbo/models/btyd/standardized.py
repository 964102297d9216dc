"""Covariates on one scale, so that the search is not led astray by their units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nbo.errors import InputError
from nbo.models.btyd.objective import Effect

__all__ = ["Standardized"]


@dataclass(frozen=True)
class Standardized:
    """Covariates with mean 0 and variance 1.

    Parameters
    ----------
    values : ndarray of shape (m, p)
    mean, spread : ndarray of shape (p,)
    """

    values: np.ndarray
    mean: np.ndarray
    spread: np.ndarray

    @classmethod
    def of(cls, raw: np.ndarray, weight: np.ndarray, names: Sequence[str]) -> Standardized:
        """Standardize covariates.

        Parameters
        ----------
        raw : ndarray of shape (m, p)
        weight : ndarray of shape (m,)
        names : sequence of str

        Returns
        -------
        Standardized

        Raises
        ------
        InputError
            If one is constant, or they determine one another.
        """
        mean = weight @ raw / weight.sum()
        spread = np.sqrt(weight @ (raw - mean) ** 2 / weight.sum())
        for name, size, level in zip(names, spread, mean, strict=True):
            if size <= 1e-9 * max(abs(level), 1e-300):
                raise InputError(f"covariate {name!r} must differ between customers; all have {level:g}. Leave it out.")
        values = (raw - mean) / spread
        if names:
            correlation = (values * weight[:, None]).T @ values / weight.sum()
            if np.linalg.eigvalsh(correlation)[0] < 1e-9:
                raise InputError(
                    f"covariates {', '.join(map(repr, names))} must not determine one another; leave one out."
                )
        return cls(values, mean, spread)

    def to_raw(self, k: int, effects: Sequence[Effect]) -> np.ndarray:
        """Give the matrix that turns log-parameters and coefficients into those of the raw covariates.

        Parameters
        ----------
        k : int
            Log-parameters.
        effects : sequence of Effect

        Returns
        -------
        ndarray of shape (k + len(effects) * p, k + len(effects) * p)
        """
        p = len(self.mean)
        matrix = np.eye(k + len(effects) * p)
        for number, effect in enumerate(effects):
            block = slice(k + number * p, k + (number + 1) * p)
            matrix[block, block] = np.diag(1 / self.spread)
            matrix[effect.parameter, block] = -effect.sign * self.mean / self.spread
        return matrix

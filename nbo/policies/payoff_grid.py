"""Distribution functions of payoffs on a grid that is fine where the best payoff lies."""

from __future__ import annotations

from math import lgamma
from typing import Final

import numpy as np
from scipy import special

__all__ = ["NODES", "TINY", "PayoffGrid"]

# An odd number, so that every second node makes a grid of double width.
NODES: Final = 129
_COARSE: Final = 65
# Nodes reach this many standard deviations below and above the means.
_BELOW, _ABOVE = 6.0, 9.0
# The density of a Beta distribution with a parameter below this is infinite at an end.
_STEEP: Final = 1.0
_CDF_ERROR: Final = 2e-4
_EDGE: Final = 1e-12
_HIGHEST: Final = 200.0
# Sums are checked at this node: about an eighth of the best payoff's mass lies before it.
_CHECKED: Final = 16
TINY: Final = float(np.finfo(float).tiny)


class PayoffGrid:
    """Nodes between payoffs, and Beta distributions on them.

    Parameters
    ----------
    alpha, beta : ndarray of shape (k,)
        Parameters of the Beta distributions of the rates; at least one.
    values, costs : ndarray of shape (k,)
        An offer pays `values * rate - costs`; values above 0.
    floor : float
        What can be had for certain; minus infinity for nothing.

    Attributes
    ----------
    low : float
        The first node.

    Examples
    --------
    >>> one = np.ones(2)
    >>> grid = PayoffGrid(np.array([2.0, 1.0]), np.array([1.0, 1.0]), one, 0 * one, -np.inf)
    >>> grid.log_cdf(np.arange(2), np.array([2.0, 1.0]), np.array([1.0, 1.0])).shape
    (2, 129)
    """

    def __init__(
        self, alpha: np.ndarray, beta: np.ndarray, values: np.ndarray, costs: np.ndarray, floor: float
    ) -> None:
        # Offers that pay alike share what depends on the nodes alone.
        alike = bool((values == values[0]).all() and (costs == costs[0]).all())
        self._shared = alike
        self._values, self._costs = (given[:1, None] if alike else given[:, None] for given in (values, costs))
        size = alpha + beta
        means = alpha / size
        sds = np.sqrt(means * (1 - means) / (size + 1))
        self.low = max(float((values * np.maximum(means - _BELOW * sds, 0.0) - costs).max()), floor)
        high = float((values * np.minimum(means + _ABOVE * sds, 1.0) - costs).max())
        nodes = np.linspace(self.low, max(high, self.low + TINY), _COARSE)
        for count in (_COARSE, NODES):
            self._use(nodes)
            best = np.exp(self.log_cdf(np.arange(len(alpha)), alpha, beta, rough=True).sum(axis=0))
            # An even part keeps cells from growing long where the distribution is flat.
            level = 0.9 * best / max(best[-1], TINY) + 0.1 * (nodes - nodes[0]) / max(nodes[-1] - nodes[0], TINY)
            nodes = np.interp(np.linspace(level[0], level[-1], count), level, nodes)
        self._use(nodes)

    def log_cdf(self, rows: np.ndarray, alpha: np.ndarray, beta: np.ndarray, rough: bool = False) -> np.ndarray:
        """Compute the logarithms of distribution functions at the nodes.

        Densities are summed between nodes; where that is not exact enough, the distribution function is computed.

        Parameters
        ----------
        rows : ndarray of int, shape (m,)
            Which of the k offers.
        alpha, beta : ndarray of shape (m,)
        rough : bool, default=False
            Leave sums as they are.

        Returns
        -------
        ndarray of shape (m, NODES)
        """
        at = np.zeros(len(rows), dtype=int) if self._shared else rows
        known = special.betainc(alpha[:, None], beta[:, None], self._rate[at][:, [_CHECKED, -1]])
        a, b = alpha[:, None] - 1, beta[:, None] - 1
        weight = special.betaln(alpha, beta)[:, None]
        density = np.exp(np.minimum(a * self._log_rate[at] + b * self._log_rest[at] - weight, _HIGHEST))
        slope = density * (a * self._inverse[at] - b * self._inverse_rest[at])
        cdf = self._summed(density, slope, self._width[at], known[:, 1:])
        poor = (alpha < _STEEP) | (beta < _STEEP) | (np.abs(cdf[:, _CHECKED] - known[:, 0]) > _CDF_ERROR)
        if poor.any() and not rough:
            cdf[poor] = special.betainc(alpha[poor, None], beta[poor, None], self._rate[at[poor]])
        return np.log(np.clip(cdf, TINY, 1.0))

    def log_cdf_of(self, row: int, alpha: float, beta: float) -> np.ndarray:
        """Do for one row what :meth:`log_cdf` does for many, faster.

        Parameters
        ----------
        row : int
        alpha, beta : float

        Returns
        -------
        ndarray of shape (NODES,)
        """
        at = 0 if self._shared else row
        if alpha < _STEEP or beta < _STEEP:
            return np.log(np.maximum(special.betainc(alpha, beta, self._rate[at]), TINY))
        density = self.density(row, alpha, beta)
        slope = density * ((alpha - 1) * self._inverse[at] - (beta - 1) * self._inverse_rest[at])
        known, end = special.betainc(alpha, beta, self._rate[at, _CHECKED :: NODES - 1 - _CHECKED])
        cdf = self._summed(density, slope, self._width[at], end)
        if abs(cdf[_CHECKED] - known) > _CDF_ERROR:
            cdf = special.betainc(alpha, beta, self._rate[at])
        return np.log(np.minimum(np.maximum(cdf, TINY), 1.0))

    def rate(self, row: int) -> np.ndarray:
        """Give the rates at which an offer pays what the nodes say.

        Parameters
        ----------
        row : int

        Returns
        -------
        ndarray of shape (NODES,)
        """
        rate: np.ndarray = self._rate[0 if self._shared else row]
        return rate

    def density(self, row: int, alpha: float, beta: float) -> np.ndarray:
        """Compute the density of a rate at the nodes.

        Parameters
        ----------
        row : int
        alpha, beta : float

        Returns
        -------
        ndarray of shape (NODES,)
        """
        at = 0 if self._shared else row
        weight = lgamma(alpha + beta) - lgamma(alpha) - lgamma(beta)
        return np.exp((alpha - 1) * self._log_rate[at] + (beta - 1) * self._log_rest[at] + weight)

    def _use(self, nodes: np.ndarray) -> None:
        rate = np.clip((nodes + self._costs) / self._values, 0.0, 1.0)
        inner = np.clip(rate, _EDGE, 1 - _EDGE)
        self._rate, self._width = rate, np.diff(rate, axis=1)
        self._log_rate, self._log_rest = np.log(inner), np.log1p(-inner)
        self._inverse, self._inverse_rest = 1 / inner, 1 / (1 - inner)

    @staticmethod
    def _summed(density: np.ndarray, slope: np.ndarray, width: np.ndarray, end: np.ndarray) -> np.ndarray:
        """Add up by the trapezoidal rule, corrected by the slopes at both ends of each cell, from the last node down.

        Cells on the left, where the best payoff is not, are wide: nothing that matters is beyond them.
        """
        mass = width * (
            0.5 * (density[..., 1:] + density[..., :-1]) - width * ((slope[..., 1:] - slope[..., :-1]) / 12)
        )
        np.maximum(mass, 0.0, out=mass)
        cdf = np.empty(density.shape)
        cdf[..., -1:] = end
        np.cumsum(mass[..., ::-1], axis=-1, out=cdf[..., -2::-1])
        cdf[..., :-1] = end - cdf[..., :-1]
        return cdf

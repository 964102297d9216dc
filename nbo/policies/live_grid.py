"""Distribution functions and densities of payoffs on smoothly spaced nodes, where sums are as good as integrals."""

from __future__ import annotations

from functools import lru_cache
from math import asinh, hypot, lgamma, sqrt
from typing import Final

import numpy as np
from scipy import special

__all__ = ["STEEP", "LiveGrid", "all_moments", "moments"]

# Nodes of a grid; more are taken where offers differ much in how well they are known.
_COUNTS: Final = (33, 65, 129, 257)
# A grid reaches so many standard deviations, and more where a distribution is skewed.
_REACH, _SKEWED = 5.0, 5.0
# It holds while this share of that is within it.
_MARGIN: Final = 0.8
# Nodes stand closest around the best known offer that may be best: its width times this is where they begin to part.
_PART: Final = 3.0
# A cell is at most this share of the standard deviation of an offer that matters; a new grid has finer ones.
_COARSEST, _NEW = 0.9, 0.6
# An offer matters if this many standard deviations above its mean are where the best payoff may be.
_MATTERS: Final = 3.0
# The density of a Beta distribution with a parameter below this is infinite at an end.
STEEP: Final = 1.0
# The density of the largest of several is smooth enough at 0 from this sum of parameters on.
_SMOOTH: Final = 2.0
_EDGE: Final = 1e-12
# The logarithm of nothing.
_NONE: Final = -1e4
# Of a distribution function: its logarithm, and densities over it, stay finite.
_LEAST: Final = 1e-200
_POINTS: Final = 6


def moments(alpha: float, beta: float) -> tuple[float, float]:
    """Give mean and standard deviation of a Beta distribution.

    Parameters
    ----------
    alpha, beta : float

    Returns
    -------
    tuple of float

    Examples
    --------
    >>> moments(1.0, 1.0)
    (0.5, 0.28867513459481287)
    """
    size = alpha + beta
    mean = alpha / size
    return mean, sqrt(mean * (1 - mean) / (size + 1))


def all_moments(alpha: np.ndarray, beta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Do for many distributions what :func:`moments` does for one.

    Parameters
    ----------
    alpha, beta : ndarray

    Returns
    -------
    tuple of ndarray
    """
    size = alpha + beta
    mean = alpha / size
    return mean, np.sqrt(mean * (1 - mean) / (size + 1))


class LiveGrid:
    r"""Nodes among payoffs, and Beta distributions on them.

    Nodes are :math:`c + s \sinh(t)` with evenly spaced t, so that sums over them are exact to many digits for functions
    as smooth as densities, and one matrix gives all integrals from a node to the end.

    Parameters
    ----------
    alpha, beta : ndarray of shape (m,)
        Parameters of the Beta distributions of the rates; at least one.
    values, costs : ndarray of shape (m,)
        An offer pays `values * rate - costs`; values above 0.
    floor : float
        What can be had for certain; minus infinity for nothing.

    Attributes
    ----------
    low : float
        The first node.
    tables : list of tuple
        For each offer, what :mod:`~nbo.policies.live_kernels` computes its distribution from.
    is_smooth : bool
        Whether densities are smooth enough for it: they are not where many rates are 0 or 1, as far as known.

    Examples
    --------
    Beta(1, 1) has a constant density, and what is left above the first node, a half, is half of it.

    >>> one = np.ones(1)
    >>> grid = LiveGrid(one, one, one, 0 * one, 0.5)
    >>> logs, hazards = grid.rows(np.array([0]), one, one)
    >>> logs.shape, round(float(np.exp(logs[0, 0])), 6), round(float(hazards[0] @ np.exp(logs[0])), 6)
    ((1, 33), 0.5, 0.5)
    """

    def __init__(
        self, alpha: np.ndarray, beta: np.ndarray, values: np.ndarray, costs: np.ndarray, floor: float
    ) -> None:
        # Offers that pay alike share what depends on the nodes alone.
        self._shared = bool((values == values[0]).all() and (costs == costs[0]).all())
        self._values, self._costs = values, costs
        lows, highs, mean, sd = self._ranges(alpha, beta)
        self.low = max(floor, float(lows.max()))
        self._high = max(self.low + _EDGE, float(highs.max()))
        self._best = float((mean - _MATTERS * sd).max())
        matters = mean + _MATTERS * sd >= self._best
        narrowest = np.where(matters, sd, np.inf).argmin()
        self._center, self._part = float(mean[narrowest]), _PART * float(sd[narrowest])
        first, last = (asinh((end - self._center) / self._part) for end in (self.low, self._high))
        for count in _COUNTS:
            self._step = (last - first) / (count - 1)
            if (self._cells(mean) <= _NEW * sd)[matters].all():
                break
        self._use(first + self._step * np.arange(count))
        self.is_smooth = self._are_smooth(alpha, beta)

    def holds(self, row: int, alpha: float, beta: float) -> bool:
        """Tell whether a distribution can be computed on the nodes.

        Parameters
        ----------
        row : int
            Which of the m offers.
        alpha, beta : float

        Returns
        -------
        bool
        """
        mean, sd = moments(alpha, beta)
        value, cost = self._money[row]
        high = value * min(mean + _MARGIN * (_REACH + _SKEWED / sqrt(alpha)) * sd, 1.0) - cost
        mean, sd = value * mean - cost, value * sd
        fine = self._step * hypot(self._part, mean - self._center) <= _COARSEST * sd
        return high <= self._high and beta >= _SMOOTH and (fine or mean + _MATTERS * sd < self._best)

    def holds_all(self, alpha: np.ndarray, beta: np.ndarray) -> bool:
        """Tell whether the distributions of all offers can be computed on the nodes.

        Parameters
        ----------
        alpha, beta : ndarray of shape (m,)

        Returns
        -------
        bool
        """
        _, highs, mean, sd = self._ranges(alpha, beta, _MARGIN)
        fine = (self._cells(mean) <= _COARSEST * sd) | (mean + _MATTERS * sd < self._best)
        return bool(fine.all()) and float(highs.max()) <= self._high and self._are_smooth(alpha, beta)

    def row(self, row: int, alpha: float, beta: float) -> tuple[np.ndarray, np.ndarray]:
        """Compute one distribution.

        Parameters
        ----------
        row : int
        alpha, beta : float

        Returns
        -------
        logs : ndarray of shape (n_nodes,)
            Logarithms of the distribution function.
        hazards : ndarray of shape (n_nodes,)
            Density over distribution function, times the weight of each node: the sum of their product with the
            distribution function of the best payoff is the chance that this offer has it.
        """
        at = 0 if self._shared else row
        weight = lgamma(alpha + beta) - lgamma(alpha) - lgamma(beta)
        mass = self._powers[at] @ np.array([alpha - 1, beta - 1, weight, 1.0])
        np.exp(mass, out=mass)
        if alpha < STEEP or beta < STEEP:
            cdf = special.betainc(alpha, beta, self._rate[at])
        else:
            cdf = self._one - self._integral @ mass
        np.maximum(cdf, _LEAST, out=cdf)
        mass *= self._whole[at]
        mass /= cdf
        return np.log(cdf, out=cdf), mass

    def rows(self, rows: np.ndarray, alpha: np.ndarray, beta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Do for many distributions what :meth:`row` does for one.

        Parameters
        ----------
        rows : ndarray of int, shape (p,)
        alpha, beta : ndarray of shape (p,)

        Returns
        -------
        logs, hazards : ndarray of shape (p, n_nodes)
        """
        at = np.zeros(len(rows), dtype=int) if self._shared else rows
        weights = -special.betaln(alpha, beta)
        known = np.stack([alpha - 1, beta - 1, weights, np.ones(len(rows))], axis=1)
        mass = np.exp((self._powers[at] @ known[:, :, None])[:, :, 0])
        cdf = 1.0 - mass @ self._integral.T
        steep = (alpha < STEEP) | (beta < STEEP)
        if steep.any():
            cdf[steep] = special.betainc(alpha[steep, None], beta[steep, None], self._rate[at[steep]])
        np.maximum(cdf, _LEAST, out=cdf)
        return np.log(cdf), mass * self._whole[at] / cdf

    def _ranges(
        self, alpha: np.ndarray, beta: np.ndarray, share: float = 1.0
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Give the ends of the offers' payoffs, their means and their standard deviations."""
        mean, sd = all_moments(alpha, beta)
        below, above = (share * (_REACH + _SKEWED / np.sqrt(end)) * sd for end in (beta, alpha))
        low, high = np.maximum(mean - below, 0.0), np.minimum(mean + above, 1.0)
        values, costs = self._values, self._costs
        return values * low - costs, values * high - costs, values * mean - costs, values * sd

    def _are_smooth(self, alpha: np.ndarray, beta: np.ndarray) -> bool:
        # The best payoff's density rises from the first node with the power of all that begin there.
        first = -self._costs == self.low
        # And each falls to 0 at its last payoff, which may lie among the nodes.
        steep = (beta < _SMOOTH) & (self._values - self._costs > self.low)
        return not steep.any() and (not first.any() or float(alpha[first].sum()) >= _SMOOTH)

    def _cells(self, payoff: np.ndarray) -> np.ndarray:
        """Give the distance of nodes there."""
        return self._step * np.hypot(self._part, payoff - self._center)

    def _use(self, even: np.ndarray) -> None:
        nodes = self._center + self._part * np.sinh(even)
        values, costs = ((own[:1] if self._shared else own)[:, None] for own in (self._values, self._costs))
        self._money = list(zip(self._values.tolist(), self._costs.tolist(), strict=True))
        rate = (nodes + costs) / values
        self._rate, inner = np.clip(rate, 0.0, 1.0), np.clip(rate, _EDGE, 1 - _EDGE)
        # No density is beyond a rate of 1.
        width = np.where(rate > 1 + _EDGE, -np.inf, np.log(self._step * self._part * np.cosh(even) / values))
        columns = np.broadcast_arrays(np.log(inner), np.log1p(-inner), 1.0, np.maximum(width, _NONE))
        # Times powers of rate and rest, their weight and 1, these are logarithms of densities in cells.
        self._powers = np.ascontiguousarray(np.stack(columns, axis=2))
        self._one = np.ones(len(even))
        self._integral = _integral(len(even))
        # At a rate of 0 the best payoff has none: some other offer pays more for certain.
        self._whole = self._integral[0] * (rate > _EDGE)
        tables = [(powers, self._integral, own) for powers, own in zip(self._powers, self._whole, strict=True)]
        self.tables = tables * len(self._money) if self._shared else tables


@lru_cache(maxsize=len(_COUNTS))
def _integral(count: int) -> np.ndarray:
    """Give the weights of evenly spaced values in the integral from each of them to the last, at a distance of 1."""
    cells = np.zeros((count, count))
    powers = np.arange(_POINTS)
    for cell in range(count - 1):
        first = min(max(cell - _POINTS // 2 + 1, 0), count - _POINTS)
        places = np.arange(first, first + _POINTS) - cell
        # The polynomial through the points, integrated from 0 to 1.
        cells[cell, first : first + _POINTS] = np.linalg.solve(
            (places[None, :] ** powers[:, None]).astype(float), 1 / (powers + 1)
        )
    whole: np.ndarray = cells[::-1].cumsum(axis=0)[::-1]
    return np.ascontiguousarray(whole)

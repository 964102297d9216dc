"""Baskets filled at random, with the sizes and the popularity of products that were seen."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
from scipy import linalg, special

__all__ = ["RandomBaskets"]

logger = logging.getLogger(__name__)

_STEPS = 200
_HALVINGS = 60
# Largest change of a log weight in one step.
_LARGEST = 1.5
# Products' counts are met to this share of the baskets.
_TOLERANCE = 1e-9


@dataclass(frozen=True)
class RandomBaskets:
    r"""Baskets filled at random, with the sizes and the popularity of products that were seen.

    A basket of size s is any set :math:`A` of s products, with probability proportional to
    :math:`\prod_{i \in A} w_i`. This is the distribution of maximum entropy in which each basket has its size and each
    product is expected in as many baskets as it was in: the bipartite configuration model [1]_, given the sizes [2]_.
    That model by itself, :math:`p_{bi} = x_b w_i / (1 + x_b w_i)` independently, keeps sizes only in the mean. A basket
    of one product would then be expected to hold pairs, and among small baskets all pairs would seem to be rare.

    Parameters
    ----------
    log_weights : ndarray of shape (k,)
        :math:`\log w_i`, with the mean 0.
    sizes, n_baskets : ndarray of shape (m,)
        Different sizes below k, and how many baskets have each.
    n_full : int
        Baskets that hold all k products.

    References
    ----------
    .. [1] Saracco, F., Di Clemente, R., Gabrielli, A. and Squartini, T. (2015). Randomizing bipartite networks: the
       case of the World Trade Web. Scientific Reports 5, 10595.
    .. [2] Chen, X.-H., Dempster, A. P. and Liu, J. S. (1994). Weighted finite population sampling to maximize
       entropy. Biometrika 81, 457-469.

    Examples
    --------
    >>> baskets = RandomBaskets.fit(np.array([2, 2, 2]), np.array([2, 2, 2]))
    >>> baskets.expected[1].round(6).tolist()
    [[2.0, 1.0, 1.0], [1.0, 2.0, 1.0], [1.0, 1.0, 2.0]]
    """

    log_weights: np.ndarray
    sizes: np.ndarray
    n_baskets: np.ndarray
    n_full: int

    @classmethod
    def fit(cls, counts: np.ndarray, sizes: np.ndarray) -> RandomBaskets:
        """Find the weights with which products are expected in as many baskets as they were in.

        Parameters
        ----------
        counts : ndarray of int, shape (k,)
            Baskets with each product.
        sizes : ndarray of int, shape (n,)
            Products in each basket.

        Returns
        -------
        RandomBaskets
        """
        n_full = int((sizes == len(counts)).sum())
        different, n_baskets = np.unique(sizes[sizes < len(counts)], return_counts=True)
        wanted, n = counts - n_full, max(int(n_baskets.sum()), 1)
        log_weights = np.log((wanted + 0.5) / (n - wanted + 0.5))
        found = cls(log_weights - log_weights.mean(), different, n_baskets, n_full)
        for _ in range(_STEPS):
            first, second, squares = found._moments()
            gap = counts - first
            if np.abs(gap).max() <= _TOLERANCE * n:
                return found
            moved = found.log_weights + _step(gap, second - n_full - squares)
            found = cls(moved - moved.mean(), different, n_baskets, n_full)
        logger.warning("the counts of products are met but for %.3g baskets", np.abs(gap).max())
        return found

    @property
    def expected(self) -> tuple[np.ndarray, np.ndarray]:
        """Baskets expected with each product, shape (k,), and with both of two, shape (k, k)."""
        first, second, _ = self._moments()
        return first, second

    def _moments(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Add up the chances of products, of pairs, and the products of the former, over the baskets."""
        k = len(self.log_weights)
        single, both, squares = np.full(k, float(self.n_full)), np.full((k, k), float(self.n_full)), np.zeros((k, k))
        for size, n, tilt in zip(self.sizes, self.n_baskets, self._tilts(), strict=True):
            one, two = _of_size(special.expit(self.log_weights + tilt), int(size))
            single += n * one
            both += n * two
            squares += n * np.outer(one, one)
        np.fill_diagonal(both, single)
        return single, both, squares

    def _tilts(self) -> np.ndarray:
        """Find for each size what to add to the log weights, so that it is the mean size of independent draws."""
        low = np.full(len(self.sizes), -self.log_weights.max() - 50.0)
        high = np.full(len(self.sizes), -self.log_weights.min() + 50.0)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            below = special.expit(self.log_weights + middle[:, None]).sum(axis=1) < self.sizes
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return (low + high) / 2


def _step(gap: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Take a step of Newton: the slope of the counts, by the log weights, is their covariance."""
    k = len(gap)
    # All weights times a constant are the same baskets.
    scale = max(float(np.trace(covariance)) / k, 1e-300)
    step = linalg.solve(covariance + scale / k + 1e-12 * scale * np.eye(k), gap, assume_a="sym")
    return np.asarray(step * min(1.0, _LARGEST / max(np.abs(step).max(), _LARGEST)))


def _of_size(chance: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Give the probability of each product, and of each two, in independent draws that come out with a size.

    Given the size, the basket is sure to have it: P(i and j | size) is p_i p_j P(size - 2 of the others) / P(size).
    These are coefficients of products of 1 - p + p z, found by a Fourier transform; near the mean size none is small.
    """
    # Sizes farther off have no probability to speak of; an odd number keeps all factors off zero.
    spread = np.sqrt((chance * (1 - chance)).sum())
    n_points = min(len(chance) + 1, int(np.ceil(12 * spread)) + 24) | 1
    angles = 2 * np.pi * np.arange(n_points // 2 + 1) / n_points
    turn = np.exp(1j * angles)
    factors = 1 - chance + chance * turn[:, None]
    # Angles come in pairs, but for 0.
    whole = np.prod(factors, axis=1) * turn**-size * np.where(angles > 0, 2.0, 1.0)
    total = whole.real.sum()
    left = turn[:, None] / factors
    one = chance * (whole @ left).real / total
    if size < 2:
        return one, np.zeros((len(chance), len(chance)))
    return one, np.outer(chance, chance) * (left.T @ (whole[:, None] * left)).real / total

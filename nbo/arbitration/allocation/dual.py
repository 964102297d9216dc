"""The dual of an allocation: what it is worth at most at given prices, and what then is used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from nbo.arbitration.allocation.best_offers import BestOffers, best_offers, near_offers
from nbo.arbitration.allocation.coupling import Coupling
from nbo.arbitration.allocation.scores import Scores

__all__ = ["Dual", "Look", "passes"]

_BLOCK = 1 << 16


@dataclass(frozen=True)
class Look:
    """The dual at some prices.

    Parameters
    ----------
    mu : ndarray of shape (m,)
        The prices.
    bound : float
        No allocation is worth more, where all customers are in.
    smooth : float
        The bound, with the corners of the dual rounded.
    used : ndarray of shape (m,)
        What the customers take of each limit, corners rounded.
    best : BestOffers
        What each customer takes.
    curvature : ndarray of shape (m, m)
        How fast `used` falls as prices rise.
    """

    mu: np.ndarray
    bound: float
    smooth: float
    used: np.ndarray
    best: BestOffers
    curvature: np.ndarray


@dataclass(frozen=True)
class Dual:
    """Some customers who look for their best offers, and others whose offers stay.

    Parameters
    ----------
    scores : Scores
    coupling : Coupling
    rows : ndarray of int, shape (some,)
        Customers who look.
    values : ndarray of shape (k, some)
        Their priorities.
    costs : list of ndarray of shape (k, some)
        Their costs, one array for each limit with a matrix of costs.
    slots : int
    low, high : ndarray of shape (m,)
        Bounds of the limits; in a sample, its share of them.
    kept_value : float, default=0.0
        Priority of the offers that stay.
    kept_used : ndarray of shape (m,) or float, default=0.0
        What these use.
    """

    scores: Scores
    coupling: Coupling
    rows: np.ndarray
    values: np.ndarray
    costs: list[np.ndarray]
    slots: int
    low: np.ndarray
    high: np.ndarray
    kept_value: float = 0.0
    kept_used: np.ndarray | float = 0.0

    def worth(self, mu: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
        """Give priority - price, block by block.

        Parameters
        ----------
        mu : ndarray of shape (m,)

        Yields
        ------
        slice
            Which of the customers.
        ndarray of shape (k, these)
        """
        prices = self.coupling.prices(mu).T.astype(self.values.dtype)
        size = max(_BLOCK // max(len(self.values), 1), 256)
        for start in range(0, self.values.shape[1], size):
            part = slice(start, start + size)
            groups = self.coupling.groups[self.rows[part]] if prices.shape[1] > 1 else np.zeros(1, dtype=np.intp)
            worth = self.values[:, part] - prices[:, groups]
            for matrix, cost in zip(self.coupling.matrices, self.costs, strict=True):
                take_off(worth, mu[matrix.limit] * matrix.weight[groups], cost[:, part], matrix.offers)
            yield part, worth

    def look(self, mu: np.ndarray, width: float = 0.0) -> Look:
        """Let each customer take the best offers at the prices.

        Parameters
        ----------
        mu : ndarray of shape (m,)
            Price of one unit of each limit; above 0 for a maximum, below 0 for a minimum.
        width : float, default=0.0
            Customers whose second choice is nearer than this take a part of both.

        Returns
        -------
        Look
        """
        best = joined([best_offers(worth, self.slots) for _, worth in self.worth(mu)], self.slots)
        tiled = np.tile(self.rows, self.slots)
        used = self.kept_used + self.coupling.used(tiled, best.top.ravel().astype(np.intp))
        fixed = bound_terms(mu, self.low, self.high) + self.kept_value - float(np.sum(mu * self.kept_used))
        bound = fixed + float(best.surplus.sum(dtype=np.float64))
        smooth, curvature = bound, np.zeros((len(mu), len(mu)))
        if width > 0:
            near = np.flatnonzero(best.margin < width)
            part = 1 - best.margin[near].astype(np.float64) / width
            change = self.changes(best, near)
            used = used + 0.5 * np.asarray(change.T @ part)
            smooth += float(0.25 * width * (part @ part))
            curvature = (change.T @ change).toarray() / (2 * width)
        return Look(mu, bound, smooth, used, best, curvature)

    def changes(self, best: BestOffers, near: np.ndarray) -> sparse.csr_array:
        """Give what the limits count more if customers make the change at their margin.

        Parameters
        ----------
        best : BestOffers
        near : ndarray of int, shape (some,)
            Positions in `rows`.

        Returns
        -------
        csr_array of shape (some, m)
        """
        rows = self.rows[near]
        come = self.coupling.counted(rows, best.enters[near].astype(np.intp))
        return sparse.csr_array(come - self.coupling.counted(rows, best.leaves[near].astype(np.intp)))


def take_off(worth: np.ndarray, price: np.ndarray, cost: np.ndarray, offers: np.ndarray) -> None:
    """Take the price of what offers cost off their worth, in place.

    Parameters
    ----------
    worth, cost : ndarray of shape (k, n)
    price : ndarray of shape (n,) or (1,)
    offers : ndarray of bool, shape (k,)
        Offers that cost.
    """
    if not price.any():
        return
    price = price.astype(worth.dtype)
    if offers.all():
        worth -= price * cost
    else:
        worth[offers] -= price * cost[offers]


def bound_terms(mu: np.ndarray, low: np.ndarray, high: np.ndarray) -> float:
    """Give what the limits themselves are worth at the prices.

    Parameters
    ----------
    mu, low, high : ndarray of shape (m,)

    Returns
    -------
    float
    """
    bounds = np.where(mu > 0, high, np.where(mu < 0, low, 0.0))
    return float(mu @ bounds)


def passes(
    scores: Scores, coupling: Coupling, mu: np.ndarray, radius: np.ndarray, slots: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Look at all customers in 32 bits, block by block.

    Parameters
    ----------
    scores : Scores
    coupling : Coupling
    mu : ndarray of shape (m,)
    radius : ndarray of shape (m,)
        How far the prices may yet go.
    slots : int

    Yields
    ------
    ndarray of int8 or int16, shape (slots, these)
        Columns of the best offers; -1 for none.
    ndarray of bool, shape (these,)
        Whether something else may be best once prices have gone that far.
    """
    prices, start = coupling.prices(mu).T.astype(np.float32), 0
    best = np.abs(scores.best[np.isfinite(scores.best)]).max(initial=0)
    costs = sum(abs(mu[matrix.limit]) * matrix.largest for matrix in coupling.matrices)
    # Numbers of 32 bits are rounded a few times.
    rounding = 1e-6 * (best + np.abs(prices).max(initial=0) + costs)
    spread = (coupling.spread(radius).T + rounding).astype(np.float32)
    for block in scores.blocks:
        part = slice(start, start + block.shape[1])
        groups = coupling.groups[part] if prices.shape[1] > 1 else np.zeros(1, dtype=np.intp)
        worth, open_ = block - prices[:, groups], spread[:, groups]
        for matrix in coupling.matrices:
            cost = np.ascontiguousarray(matrix.cost[part].T, dtype=np.float32)
            take_off(worth, mu[matrix.limit] * matrix.weight[groups], cost, matrix.offers)
            if radius[matrix.limit]:
                open_ = open_ + np.abs(radius[matrix.limit] * matrix.weight[groups]).astype(np.float32) * cost
        yield near_offers(worth, open_, slots)
        start = part.stop


def joined(found: list[BestOffers], slots: int) -> BestOffers:
    """Put blocks of customers together.

    Parameters
    ----------
    found : list of BestOffers
    slots : int

    Returns
    -------
    BestOffers
    """
    if not found:
        none, nothing = np.empty(0), np.empty(0, dtype=np.int8)
        return BestOffers(np.empty((slots, 0), dtype=np.int8), none, none, nothing, nothing)
    return BestOffers(
        np.concatenate([part.top for part in found], axis=1),
        np.concatenate([part.surplus for part in found]),
        np.concatenate([part.margin for part in found]),
        np.concatenate([part.leaves for part in found]),
        np.concatenate([part.enters for part in found]),
    )

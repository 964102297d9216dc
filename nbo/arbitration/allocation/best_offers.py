"""The best offers of each customer at given prices, and how nearly another one was as good."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["BestOffers", "best_offers"]


@dataclass(frozen=True)
class BestOffers:
    """What each customer takes at given prices.

    Parameters
    ----------
    top : ndarray of int, shape (slots, n)
        Columns of the offers taken, the best first; -1 for none.
    surplus : ndarray of shape (n,)
        Sum of priority - price of what is taken; 0 or more.
    margin : ndarray of shape (n,)
        How much the prices must change until something else is taken; inf if nothing can be.
    leaves, enters : ndarray of int, shape (n,)
        The change at that margin: which offer goes, and which comes; -1 for none.
    """

    top: np.ndarray
    surplus: np.ndarray
    margin: np.ndarray
    leaves: np.ndarray
    enters: np.ndarray


def best_offers(worth: np.ndarray, slots: int) -> BestOffers:
    """Find the best offers of some customers.

    Parameters
    ----------
    worth : ndarray of shape (k, n)
        Priority - price; -inf where not allowed. It is overwritten.
    slots : int
        Offers for each customer at most, 1 to k.

    Returns
    -------
    BestOffers
    """
    k, n = worth.shape
    columns = np.empty((slots + 1, n), dtype=np.int8 if k < 128 else np.int16)
    values = np.empty((slots + 1, n), dtype=worth.dtype)
    everyone = np.arange(n)
    for place in range(slots + 1):
        _largest(worth, values[place], columns[place])
        worth[columns[place], everyone] = -np.inf
    taken = values[:slots] > 0
    surplus = np.where(taken, values[:slots], 0).sum(axis=0)
    # With all slots taken, the last one goes for the next offer or for nothing.
    margin = values[slots - 1] - np.maximum(values[slots], 0)
    leaves, enters = columns[slots - 1].copy(), columns[slots].copy()
    enters[values[slots] <= 0] = -1
    free = np.flatnonzero(~taken[-1])
    if len(free):
        margin[free], leaves[free], enters[free] = _with_a_free_slot(values[:, free], columns[:, free])
    columns[:slots][~taken] = -1
    return BestOffers(columns[:slots], surplus, margin, leaves, enters)


def near_offers(worth: np.ndarray, spread: np.ndarray, slots: int) -> tuple[np.ndarray, np.ndarray]:
    """Find the best offers of some customers, and whether others may be better once prices change.

    Parameters
    ----------
    worth : ndarray of shape (k, n)
        Priority - price; -inf where not allowed. It is overwritten.
    spread : ndarray of shape (k, n) or (k, 1)
        How far the price of each offer may go, either way.
    slots : int
        Offers for each customer at most, 1 to k.

    Returns
    -------
    ndarray of int, shape (slots, n)
        Columns of the offers taken; -1 for none.
    ndarray of bool, shape (n,)
        Whether another choice may become better.
    """
    k, n = worth.shape
    columns = np.empty((slots, n), dtype=np.int8 if k < 128 else np.int16)
    value, everyone = np.empty(n, dtype=worth.dtype), np.arange(n)
    lowest = np.full(n, np.inf, dtype=worth.dtype)
    near = np.zeros(n, dtype=bool)
    for column in columns:
        _largest(worth, value, column)
        own, taken = (spread[column, 0] if spread.shape[1] == 1 else spread[column, everyone]), value > 0
        np.minimum(lowest, value - own, out=lowest, where=taken)
        near |= ~taken & (value + own >= 0)
        worth[column, everyone] = -np.inf
        column[~taken] = -1
    worth += spread
    # A free slot costs nothing: there an offer need not beat the weakest one taken.
    rival = np.where(columns[-1] >= 0, lowest, 0)
    return columns, near | (worth.max(axis=0) >= rival) | (lowest <= 0)


def _largest(worth: np.ndarray, value: np.ndarray, column: np.ndarray) -> None:
    """Write the largest of each column and its row; of equals, the first."""
    np.max(worth, axis=0, out=value)
    last = len(worth)
    codes = np.arange(last, 0, -1).astype(np.int8 if last < 128 else np.int16)
    found = np.equal(worth, value)
    np.subtract(last, (found.view(np.int8) * codes[:, None]).max(axis=0), out=column)


def _with_a_free_slot(values: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Let the weakest taken go for nothing, or the next come for nothing, whichever is nearer."""
    n_taken, place = (values[:-1] > 0).sum(axis=0), np.arange(values.shape[1])
    last = np.maximum(n_taken - 1, 0)
    going = np.where(n_taken > 0, values[last, place], np.inf)
    coming = values[n_taken, place]
    goes = going < -coming
    return (
        np.where(goes, going, -coming),
        np.where(goes, columns[last, place], -1),
        np.where(goes, -1, columns[n_taken, place]),
    )

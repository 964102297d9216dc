"""Who comes first among those of one run who compete for the same."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.arbitration.candidates import Candidates
from nbo.rng import uniform_by_key

__all__ = ["best_of", "entity_codes", "keep_best"]


def entity_codes(candidates: Candidates, column: str) -> np.ndarray:
    """Give the household or account of each row as a number; rows of one belong together.

    Parameters
    ----------
    candidates : Candidates
    column : str
        Column of the customers. A customer who has no value there stands alone.

    Returns
    -------
    ndarray of int, shape (n,)
    """
    ids = pd.factorize(candidates.spine.frame[c.CUSTOMER_ID])[0]
    if column == c.CUSTOMER_ID or column not in candidates.customers:
        return np.asarray(ids)
    shared = pd.factorize(candidates.customers[column])[0]
    return np.where(shared >= 0, shared, ids + shared.max(initial=-1) + 1)


def best_of(left: np.ndarray, priority: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find who has any of some offers left, and what the best of them is worth.

    Parameters
    ----------
    left : ndarray of bool, shape (n, k)
    priority : ndarray of shape (n, k)

    Returns
    -------
    there : ndarray of bool, shape (n,)
    best : ndarray of shape (n,)
        -inf where nothing is left, or it is worth nothing known.
    """
    known = np.where(left & ~np.isnan(priority), priority, -np.inf)
    return np.asarray(left.any(axis=1)), np.asarray(known.max(axis=1, initial=-np.inf))


def keep_best(
    entity: np.ndarray, quota: np.ndarray, there: np.ndarray, best: np.ndarray, ids: pd.Series, salt: str
) -> np.ndarray:
    """Keep, of each entity, as many rows as its quota allows, the best first.

    Parameters
    ----------
    entity : ndarray of int, shape (n,)
        Rows with the same number compete.
    quota : ndarray of shape (n,)
        How many more its entity may have, as each row sees it; the least of its rows holds.
    there : ndarray of bool, shape (n,)
        Who competes.
    best : ndarray of shape (n,)
        Higher comes first.
    ids : Series of length n
        Customers; a draw by their id decides among equals, so that the order of rows changes nothing.
    salt : str
        Name of that draw.

    Returns
    -------
    ndarray of bool, shape (n,)
        Also True for who does not compete.

    Examples
    --------
    >>> entity, quota, there = np.array([0, 0, 0, 1]), np.array([1, 1, 1, 1]), np.ones(4, dtype=bool)
    >>> keep_best(entity, quota, there, np.array([2.0, 7.0, 5.0, 1.0]), pd.Series(list("abcd")), "x").tolist()
    [False, True, False, True]
    """
    keep = np.ones(len(entity), dtype=bool)
    least = np.full(int(entity.max(initial=-1)) + 1, np.inf)
    np.minimum.at(least, entity[there], quota[there])
    rivals = np.bincount(entity[there], minlength=len(least))
    rows = np.flatnonzero(there & (rivals > least)[entity])
    if not len(rows):
        return keep
    # Of an entity without a row to keep, none is; else those above its limit, and of those at it as many as fit.
    rows = rows[np.lexsort((-best[rows], entity[rows]))]
    places = _places(entity[rows])
    quotas = np.maximum(least[entity[rows]], 0)
    at_limit = places == quotas - 1
    limit = np.full(len(least), np.inf)
    limit[entity[rows[at_limit]]] = best[rows[at_limit]]
    above, equal = best[rows] > limit[entity[rows]], best[rows] == limit[entity[rows]]
    keep[rows] = above
    fits = quotas - np.bincount(entity[rows[above]], minlength=len(least))[entity[rows]]
    tied, fits = rows[equal], fits[equal]
    if (np.bincount(entity[tied], minlength=len(least))[entity[tied]] > fits).any():
        order = np.lexsort((uniform_by_key(ids.iloc[tied], salt), entity[tied]))
        tied, fits = tied[order], fits[order]
    keep[tied] = _places(entity[tied]) < fits
    return keep


def _places(entity: np.ndarray) -> np.ndarray:
    """Give the rows of each entity, which stand together, numbers from 0."""
    starts = np.flatnonzero(np.diff(entity, prepend=-1))
    return np.arange(len(entity)) - np.repeat(starts, np.diff(starts, append=len(entity)))

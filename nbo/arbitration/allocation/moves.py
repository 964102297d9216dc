"""Changes of single customers that cost little, from which an allocation is finished."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from nbo.arbitration.allocation.dual import Dual, Look

__all__ = ["Moves", "cheap_moves"]

# For each limit: so many times the change that it needs, and so many assignments more.
_TIMES, _MORE = 3.0, 40


@dataclass(frozen=True)
class Moves:
    """Single changes: a customer lets one offer go, takes one, or both.

    Parameters
    ----------
    who : ndarray of int, shape (some,)
        Positions in the dual's customers; in order.
    leaves, enters : ndarray of int, shape (some,)
        Columns of the offers; -1 for none.
    gain : ndarray of shape (some,)
        Change of the priority.
    counts : csr_array of shape (some, m)
        What the limits count more.
    """

    who: np.ndarray
    leaves: np.ndarray
    enters: np.ndarray
    gain: np.ndarray
    counts: sparse.csr_array


def cheap_moves(dual: Dual, look: Look, factor: float = 1.0) -> Moves:
    """Find, for each limit that is not used as its price says, the cheapest changes that alter its use.

    Parameters
    ----------
    dual : Dual
    look : Look
        At prices near the best, with width 0.
    factor : float, default=1.0
        How many changes; 1 is usually enough, inf takes all there are.

    Returns
    -------
    Moves
    """
    chosen = _customers(dual, look, factor)
    margin = look.best.margin[chosen]
    width = float(margin.max(initial=0.0)) if np.isfinite(factor) else np.inf
    part = replace(
        dual, rows=dual.rows[chosen], values=dual.values[:, chosen], costs=[cost[:, chosen] for cost in dual.costs]
    )
    blocks = [worth for _, worth in part.worth(look.mu)]
    worth = np.concatenate(blocks, axis=1) if blocks else np.empty((len(dual.values), 0))
    who, leaves, enters = _changes(worth, look.best.top[:, chosen], width)
    rows = part.rows[who]
    values = np.vstack([part.values, np.zeros(len(chosen))])
    gain = values[enters, who] - values[leaves, who]
    counts = dual.coupling.counted(rows, enters) - dual.coupling.counted(rows, leaves)
    return Moves(chosen[who], leaves, enters, gain, sparse.csr_array(counts))


def needs(dual: Dual, look: Look) -> np.ndarray:
    """Give by how much the use of each limit must or should change.

    Parameters
    ----------
    dual : Dual
    look : Look

    Returns
    -------
    ndarray of shape (m,)
        0 or more.
    """
    with np.errstate(invalid="ignore"):
        wrong = np.maximum(look.used - dual.high, 0) + np.maximum(dual.low - look.used, 0)
        spare = np.where(look.mu > 0, dual.high - look.used, np.where(look.mu < 0, look.used - dual.low, 0.0))
    return np.maximum(wrong, np.where(np.isfinite(spare), spare, 0.0))


def _customers(dual: Dual, look: Look, factor: float) -> np.ndarray:
    """Choose, limit by limit, those with the smallest margins."""
    margin = look.best.margin
    able = np.flatnonzero(np.isfinite(margin))
    if not np.isfinite(factor):
        return able
    change = sparse.csc_array(dual.changes(look.best, able))
    wanted = factor * (_TIMES * needs(dual, look) + _MORE * dual.coupling.scale)
    wanted[(look.mu == 0) & (needs(dual, look) == 0)] = 0
    chosen = np.zeros(len(margin), dtype=bool)
    for limit in np.flatnonzero(wanted):
        part = slice(change.indptr[limit], change.indptr[limit + 1])
        places, amounts = able[change.indices[part]], np.abs(change.data[part])
        order = np.argsort(margin[places], kind="stable")
        enough = np.searchsorted(np.cumsum(amounts[order]), wanted[limit]) + 1
        chosen[places[order[:enough]]] = True
    return np.flatnonzero(chosen)


def _changes(worth: np.ndarray, top: np.ndarray, width: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """List the changes that cost at most `width` at the prices: who, which offer goes, which comes."""
    k, n = worth.shape
    everyone = np.arange(n)
    taken = np.zeros((k + 1, n), dtype=bool)
    for columns in top:
        taken[columns.astype(np.intp), everyone] = True
    taken, full = taken[:k], top[-1] >= 0
    last = np.where(full, top[-1], -1).astype(np.intp)
    weakest = np.where(full, worth[last, everyone], 0.0)
    come = np.nonzero((~taken & (worth >= weakest - width) & (worth > -np.inf)).T)
    go = np.nonzero((taken & (worth <= width) & (~full | (np.arange(k)[:, None] == last))).T)
    who = np.concatenate([come[0], go[0]])
    leaves = np.concatenate([last[come[0]], go[1]])
    enters = np.concatenate([come[1], np.full(len(go[0]), -1)])
    order = np.argsort(who, kind="stable")
    return who[order], leaves[order], enters[order]

"""What an assignment is worth and uses."""

from __future__ import annotations

import numpy as np

from nbo.arbitration.allocation.coupling import Coupling
from nbo.arbitration.allocation.moves import Moves
from nbo.arbitration.allocation.scores import Scores

__all__ = ["changed", "totals"]


def totals(
    scores: Scores, coupling: Coupling, top: np.ndarray, rows: np.ndarray | None = None
) -> tuple[float, np.ndarray]:
    """Add up the priority of what customers take, and what it uses.

    Parameters
    ----------
    scores : Scores
    coupling : Coupling
    top : ndarray of int, shape (slots, some)
    rows : ndarray of int, shape (some,), optional
        Customers; all by default.

    Returns
    -------
    float
    ndarray of shape (m,)
    """
    value, used = 0.0, np.zeros(len(coupling.names))
    for columns in top:
        got = np.flatnonzero(columns >= 0)
        who, what = got if rows is None else rows[got], columns[got].astype(np.intp)
        value += float(scores.values[who, what].sum(dtype=np.float64))
        used += coupling.used(who, what)
    return value, used


def changed(top: np.ndarray, moves: Moves, made: np.ndarray) -> np.ndarray:
    """Write the changes made into what customers take.

    Parameters
    ----------
    top : ndarray of int, shape (slots, n)
    moves : Moves
    made : ndarray of bool, shape (some,)

    Returns
    -------
    ndarray of int, shape (slots, n)
    """
    top = top.copy()
    who = moves.who[made]
    slot = (top[:, who] == moves.leaves[made]).argmax(axis=0)
    top[slot, who] = moves.enters[made]
    return top

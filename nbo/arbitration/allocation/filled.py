"""Offers by what they bring for what they cost, where limits allow so few that prices tell too little."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nbo.arbitration.allocation.coupling import Coupling
from nbo.arbitration.allocation.repair import broken
from nbo.arbitration.allocation.scores import Scores
from nbo.arbitration.allocation.solution import Solution
from nbo.arbitration.allocation.totals import totals

__all__ = ["filled"]

# Prices decide all but a few customers; only where these few are many of all is there more to gain. What is small is
# always tried.
_GAP, _SMALL, _SMALL_GAP = 1e-3, 500_000, 1e-6
# So many pairs, those that bring most for what they cost, are tried one by one.
_TRIED = 20_000


def filled(found: Solution, scores: Scores, coupling: Coupling, slots: int) -> Solution:
    """Fill up what is left of the limits, and start from nothing as well; keep the best.

    Parameters
    ----------
    found : Solution
        Within the limits.
    scores : Scores
    coupling : Coupling
    slots : int
        Most offers of a customer.

    Returns
    -------
    Solution
        Of the same bound, and worth at least as much.
    """
    simple = not np.isfinite(coupling.low).any() and (coupling.table.data >= 0).all()
    enough = _SMALL_GAP if scores.values.size <= _SMALL else _GAP
    if found.gap <= enough or not simple or found.wrong.any():
        return found
    rows, columns = np.nonzero(scores.values > 0)
    with np.errstate(divide="ignore", over="ignore"):
        weight = found.mu if found.mu.any() else np.where(coupling.high > 0, 1 / coupling.high, 0.0)
    counts = coupling.counted(rows, columns)
    price = counts @ weight
    # What costs nothing goes first.
    rate = scores.values[rows, columns] / np.maximum(price, 1e-12 * max(price.max(initial=0.0), 1e-300))
    best = found
    for start in (found.top, np.full_like(found.top, -1)):
        top = start.copy()
        used = totals(scores, coupling, top)[1]
        # Once more for what is cheap enough for the rest.
        for _ in range(2):
            room = coupling.high - used
            fits = np.flatnonzero(~(counts > room + 1e-12 * np.abs(room)).sum(axis=1).astype(bool))
            order = fits[np.argsort(-rate[fits], kind="stable")[:_TRIED]]
            used = _taken(top, rows[order], columns[order], counts[order].toarray(), used, coupling.high)
        value, used = totals(scores, coupling, top)
        wrong = broken(used, coupling.low, coupling.high, coupling.scale)
        if value > best.value and not wrong.any():
            best = replace(found, top=top, value=value, used=used, wrong=wrong)
    return best


def _taken(
    top: np.ndarray, rows: np.ndarray, columns: np.ndarray, counts: np.ndarray, used: np.ndarray, high: np.ndarray
) -> np.ndarray:
    """Take pairs in their order where they fit; `top` is changed in place. Give what is used then."""
    for row, column, each in zip(rows.tolist(), columns.tolist(), counts, strict=True):
        own = top[:, row]
        free = np.flatnonzero(own < 0)
        if len(free) and column not in own and (used + each <= high).all():
            top[free[0], row] = column
            used = used + each
    return used

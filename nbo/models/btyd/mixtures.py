"""Quantiles of purchases of customers who may have dropped out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from nbo.models.btyd.collapsed import Collapsed

__all__ = ["mixture_quantiles"]

# Numbers drawn at once.
_CHUNK = 4_000_000


def mixture_quantiles(
    alive: np.ndarray,
    pairs: Collapsed,
    draw: Callable[[Collapsed], np.ndarray],
    levels: Sequence[float],
    draws: int,
) -> np.ndarray:
    """Compute quantiles of a count that is 0 for who has dropped out.

    Parameters
    ----------
    alive : ndarray of shape (m,)
        Probability to be alive.
    pairs : Collapsed of the m rows
        Rows with the same future if alive.
    draw : callable
        Takes some of the different rows of `pairs`, gives draws of shape (rows, draws).
    levels : sequence of float
        Rising.
    draws : int

    Returns
    -------
    ndarray of int, shape (m, len(levels))
    """
    result = np.zeros((len(alive), len(levels)), dtype=np.int64)
    order = np.argsort(pairs.inverse, kind="stable")
    bounds = np.searchsorted(pairs.inverse[order], np.arange(len(pairs) + 1))
    size = max(_CHUNK // draws, 1)
    for start in range(0, len(pairs), size):
        stop = min(start + size, len(pairs))
        sample = np.sort(draw(pairs.part(slice(start, stop))), axis=1)
        rows = order[bounds[start] : bounds[stop]]
        own = pairs.inverse[rows] - start
        p = alive[rows]
        for column, level in enumerate(levels):
            # Of those alive, so many may be below the quantile of all.
            share = (level - 1 + p) / np.maximum(p, 1e-300)
            place = np.clip(np.ceil(share * draws - 1e-9).astype(np.int64) - 1, 0, draws - 1)
            result[rows, column] = np.where(share > 0, sample[own, place], 0)
    return result

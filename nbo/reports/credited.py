"""Results shared out among the interactions that came before them, to the cent."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbo.features.slices import first_at_or_after

__all__ = ["credited"]


def credited(
    owners: np.ndarray,
    times: np.ndarray,
    results: tuple[np.ndarray, np.ndarray, np.ndarray],
    window: int,
    method: str,
    half_life: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Share out each result among the interactions of its customer within a window before it.

    Parameters
    ----------
    owners, times : ndarray of int, shape (m,)
        Customer and time (microseconds) of each interaction, in order of both.
    results : (ndarray of int, ndarray of int, ndarray of int), each of shape (n,)
        Customer (-1: without interactions), time and cents of each result.
    window : int
        Microseconds: an interaction counts from this long before the result up to, not including, its time.
    method : {"last touch", "linear", "time decay"}
        All to the last one; the same to each; or half as much for each `half_life` earlier.
    half_life : int
        Microseconds.

    Returns
    -------
    touch : ndarray of int, shape (p,)
        Position of the interaction.
    result : ndarray of int, shape (p,)
        Position of the result.
    cents : ndarray of int, shape (p,)
        The credit. For each result with any interaction they add up to its cents.
    """
    who, when, cents = results
    n_owners = int(owners.max(initial=-1)) + 1
    bounds = np.searchsorted(owners, np.arange(n_owners + 1))
    known = (who >= 0) & (who < n_owners)
    place = np.where(known, who, 0)
    low, high = (np.where(known, np.append(bounds, 0)[place + step], 0) for step in (0, 1))
    first = first_at_or_after(times, low, high, when - window)
    end = first_at_or_after(times, low, high, when)
    if method == "last touch":
        first = np.maximum(first, end - 1)
    size = end - first
    result = np.repeat(np.arange(len(who)), size)
    starts = np.cumsum(size) - size
    touch = np.arange(len(result)) - np.repeat(starts - first, size)
    if not len(result):
        return touch, result, np.zeros(0, dtype=np.int64)
    weights = np.ones(len(result))
    if method == "time decay":
        # Relative to the last one, so that none is too small to be told from 0 beside the others.
        latest = times[np.repeat(np.where(size > 0, end - 1, 0), size)]
        weights = np.exp2((times[touch] - latest) / half_life)
    # Running shares are rounded, so that they end at the whole.
    running = pd.Series(weights).groupby(result, sort=False).cumsum().to_numpy()
    last = (starts + size - 1)[size > 0]
    share = running / np.repeat(running[last], size[size > 0])
    reached = np.rint(share * cents[result]).astype(np.int64)
    before = np.concatenate([[0], reached[:-1]])
    before[starts[size > 0]] = 0
    return touch, result, reached - before

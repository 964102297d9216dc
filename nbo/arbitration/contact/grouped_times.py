"""Counts and moments of events by group, in slices of a log."""

from __future__ import annotations

import numpy as np

from nbo.features.moments import SINCE_EVER
from nbo.features.slices import set_out, slice_chunks

__all__ = ["counts_by_group", "times_by_group"]


def counts_by_group(low: np.ndarray, high: np.ndarray, groups: np.ndarray, n_groups: int) -> np.ndarray:
    """Count the events of each group in each slice.

    Parameters
    ----------
    low, high : ndarray of int, shape (n,)
        Slices of positions.
    groups : ndarray of int, shape (m,)
        Group of each position, -1 for none.
    n_groups : int

    Returns
    -------
    ndarray of int32, shape (n, n_groups)

    Examples
    --------
    >>> counts_by_group(np.array([0, 2]), np.array([3, 3]), np.array([1, -1, 0]), 2).tolist()
    [[1, 1], [1, 0]]
    """
    found = np.zeros((len(low), n_groups), dtype=np.int32)
    for some in slice_chunks(low, high):
        cells, _ = _cells(low[some], high[some], groups, n_groups)
        counts = np.bincount(cells, minlength=(some.stop - some.start) * n_groups)
        found[some] = counts.reshape(-1, n_groups)
    return found


def times_by_group(
    low: np.ndarray,
    high: np.ndarray,
    groups: np.ndarray,
    n_groups: int,
    times: np.ndarray,
    *,
    nth: int = 1,
    runs: int = 1,
    within: int | None = None,
) -> np.ndarray:
    """Find when the last events of each group in each slice were.

    Parameters
    ----------
    low, high, groups, n_groups
        As in :func:`counts_by_group`.
    times : ndarray of int64, shape (m,)
        Sorted within each slice, microseconds.
    nth : int, default=1
        1 for the last event, 2 for the one before it ...
    runs : int, default=1
        Only events that were at least the `runs`-th of their group, in their slice, within the length `within`.
    within : int, optional
        Microseconds; the first and the last of a run may be this far apart. None: any.

    Returns
    -------
    ndarray of int64, shape (n, n_groups)
        ``SINCE_EVER`` where there is none.

    Examples
    --------
    >>> low, high, groups, times = np.array([0]), np.array([4]), np.array([0, 0, 1, 0]), np.array([1, 4, 5, 9])
    >>> [times_by_group(low, high, groups, 1, times, nth=nth).item() for nth in (1, 3)]
    [9, 1]
    >>> times_by_group(low, high, groups, 1, times, runs=2, within=3).item()
    4
    """
    found = np.full(len(low) * n_groups, SINCE_EVER)
    for some in slice_chunks(low, high):
        cells, positions = _cells(low[some], high[some], groups, n_groups)
        # Stable: the events of a cell stay in the order of time.
        order = np.argsort(cells, kind="stable")
        cells, when = cells[order], times[positions[order]]
        last = _run_ends(cells, when, runs, within)
        cells, when = cells[last], when[last]
        behind = np.flatnonzero(cells[nth - 1 :] == cells[: max(len(cells) - nth + 1, 0)])
        # The last event of a cell that has nth - 1 others behind it stands last, and so is kept.
        found[cells[behind] + some.start * n_groups] = when[behind]
    return found.reshape(len(low), n_groups)


def _run_ends(cells: np.ndarray, when: np.ndarray, runs: int, within: int | None) -> np.ndarray:
    """Mark the events that end a run of their cell."""
    if runs == 1:
        return np.ones(len(cells), dtype=bool)
    ends = np.zeros(len(cells), dtype=bool)
    before = max(len(cells) - runs + 1, 0)
    same = cells[runs - 1 :] == cells[:before]
    near = True if within is None else when[runs - 1 :] - when[:before] <= within
    ends[runs - 1 :] = same & near
    return ends


def _cells(low: np.ndarray, high: np.ndarray, groups: np.ndarray, n_groups: int) -> tuple[np.ndarray, np.ndarray]:
    """Give the cell (slice, group) and the position of each event that has a group."""
    owner, position = set_out(low, high)
    group = groups[position]
    there = (group >= 0) & (group < n_groups)
    return owner[there] * n_groups + group[there], position[there]

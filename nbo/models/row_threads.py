"""Rows in parts, each in a thread of its own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

__all__ = ["in_threads"]

# Fewer rows are not worth a thread.
_LEAST_ROWS = 512


def in_threads(work: Callable[[slice], None], n_rows: int, n_jobs: int) -> None:
    """Do work on rows, in threads where there are rows enough.

    Parameters
    ----------
    work : callable of a slice
        Does the rows of the slice, whatever the others do; most of it without Python's lock.
    n_rows : int
        Rows in all, n.
    n_jobs : int
        Most threads.

    Examples
    --------
    >>> done = np.zeros(4)
    >>> def work(rows):
    ...     done[rows] += 1
    >>> in_threads(work, 4, n_jobs=2)
    >>> done
    array([1., 1., 1., 1.])
    """
    n_parts = min(n_jobs, n_rows // _LEAST_ROWS)
    if n_parts <= 1:
        work(slice(0, n_rows))
        return
    ends = np.linspace(0, n_rows, n_parts + 1).astype(int).tolist()
    with ThreadPoolExecutor(n_parts) as pool:
        list(pool.map(work, map(slice, ends[:-1], ends[1:])))

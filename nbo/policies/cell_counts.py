"""How many answers each cell of segment and offer has, and what they add up to."""

from __future__ import annotations

import numpy as np

__all__ = ["CellCounts"]


class CellCounts:
    """Count answers by cell, one or many at a time.

    Examples
    --------
    >>> counts = CellCounts()
    >>> counts.add(1, 1, 10)
    >>> counts.add_all(np.array([0, 1, 1]), np.array([3, 4, 5]))
    >>> counts.n, counts.units
    ([1, 3], [3, 19])
    """

    def __init__(self) -> None:
        # By cell: rows that count, and the sum of their rewards in units. Lists: one at a time is what must be fast.
        self.n: list[int] = []
        self.units: list[int] = []

    def add(self, cell: int, n: int, units: int) -> None:
        """Count one more, or one less.

        Parameters
        ----------
        cell, n, units : int
        """
        if cell >= len(self.n):
            self.reach(cell + 1)
        self.n[cell] += n
        self.units[cell] += units

    def add_all(self, cell: np.ndarray, units: np.ndarray) -> None:
        """Count many.

        Parameters
        ----------
        cell, units : ndarray of int, shape (m,)
        """
        n = np.bincount(cell)
        sums = np.zeros(len(n), dtype=np.int64)
        # Most are refusals, which add nothing.
        more = np.flatnonzero(units)
        np.add.at(sums, cell[more], units[more])
        for seen in np.flatnonzero(n).tolist():
            self.add(seen, int(n[seen]), int(sums[seen]))

    def reach(self, n_cells: int) -> None:
        """Begin to count cells that are new.

        Parameters
        ----------
        n_cells : int
            How many there are now.
        """
        new = [0] * (n_cells - len(self.n))
        self.n += new
        self.units += new

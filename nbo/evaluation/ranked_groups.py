"""Rows in the order of their predictions, those that a model cannot tell apart together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["RankedGroups", "ranked_groups"]


@dataclass(frozen=True)
class RankedGroups:
    """Groups of rows with one prediction, rising within each test part.

    Parameters
    ----------
    order : ndarray of int, shape (n,)
        Rows by part and prediction.
    first : ndarray of int, shape (g,)
        Place in that order at which each group begins.
    parts : ndarray of int, shape (j,)
        Group with which each test part begins.
    """

    order: np.ndarray
    first: np.ndarray
    parts: np.ndarray

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Add up the rows of each group.

        Parameters
        ----------
        values : ndarray of shape (n, b)
            In the order of the rows as they were given.

        Returns
        -------
        ndarray of shape (g, b)
        """
        ordered = values[self.order]
        return ordered if len(self.first) == len(ordered) else np.add.reduceat(ordered, self.first, axis=0)

    def totals(self, sums: np.ndarray) -> np.ndarray:
        """Give each group the sum over its part.

        Parameters
        ----------
        sums : ndarray of shape (g, b)

        Returns
        -------
        ndarray of shape (g, b)
        """
        return self._spread(np.add.reduceat(sums, self.parts, axis=0))

    def reached(self, sums: np.ndarray) -> np.ndarray:
        """Add up the groups of each part, from its first one to each.

        Parameters
        ----------
        sums : ndarray of shape (g, b)

        Returns
        -------
        ndarray of shape (g, b)
        """
        so_far = sums.cumsum(axis=0)
        return so_far - self._spread(so_far[self.parts] - sums[self.parts])

    def slices(self) -> list[slice]:
        """Give the groups of each part.

        Returns
        -------
        list of slice
        """
        ends = np.append(self.parts[1:], len(self.first))
        return [slice(int(start), int(end)) for start, end in zip(self.parts, ends, strict=True)]

    def _spread(self, by_part: np.ndarray) -> np.ndarray:
        return np.repeat(by_part, np.diff(np.append(self.parts, len(self.first))), axis=0)


def ranked_groups(score: np.ndarray, part: np.ndarray) -> RankedGroups:
    """Group rows of one prediction in each test part.

    Parameters
    ----------
    score : ndarray of shape (n,)
        Predictions, the lowest first.
    part : ndarray of int, shape (n,)
        Test part of each row: models of different parts are not compared with each other.

    Returns
    -------
    RankedGroups

    Examples
    --------
    >>> found = ranked_groups(np.array([0.3, 0.1, 0.3]), np.zeros(3, dtype=int))
    >>> found.sums(np.array([[1.0], [2.0], [4.0]])).ravel().tolist()
    [2.0, 5.0]
    """
    order = np.lexsort((score, part))
    score, part = score[order], part[order]
    new_part = np.append(True, part[1:] != part[:-1])
    first = np.flatnonzero(new_part | np.append(True, score[1:] != score[:-1]))
    return RankedGroups(order, first, np.flatnonzero(new_part[first]))

"""What the limits count of each assignment, and what their prices take off each priority."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

__all__ = ["Coupling", "MatrixCost"]


@dataclass(frozen=True)
class MatrixCost:
    """A limit whose cost differs by customer and offer.

    Parameters
    ----------
    limit : int
        Position of the limit.
    cost : ndarray of shape (n, k)
    offers : ndarray of bool, shape (k,)
        Offers that count.
    weight : ndarray of shape (n_groups,)
        How much the customers of each group count.
    largest : float
        Of the costs.
    """

    limit: int
    cost: np.ndarray
    offers: np.ndarray
    weight: np.ndarray
    largest: float

    def counts(self, rows: np.ndarray, columns: np.ndarray, groups: np.ndarray) -> np.ndarray:
        """Give what assignments count.

        Parameters
        ----------
        rows, columns : ndarray of int, shape (some,)
            Customer and offer of each; -1 for no offer.
        groups : ndarray of int, shape (some,)
            Group of each customer.

        Returns
        -------
        ndarray of shape (some,)
        """
        counted = np.where((columns >= 0) & self.offers[columns], self.weight[groups], 0.0)
        return counted * self.cost[rows, columns]


@dataclass(frozen=True)
class Coupling:
    """All limits as rows of one matrix over (group of customers, offer).

    Customers who count in the same limits are one group, so that most limits need a number for each group and offer
    only.

    Parameters
    ----------
    names : list of str
        Of the m limits.
    low, high : ndarray of shape (m,)
        Bounds; infinite where there is none.
    n_offers : int
    groups : ndarray of int, shape (n,)
        Group of each customer.
    table : csr_array of shape (n_groups * k + 1, m)
        What each limit counts in each cell (group, offer); the last row, no offer, is empty.
    matrices : list of MatrixCost
        Limits whose costs do not fit into the table.
    scale : ndarray of shape (m,)
        What an assignment typically counts.
    """

    names: list[str]
    low: np.ndarray
    high: np.ndarray
    n_offers: int
    groups: np.ndarray
    table: sparse.csr_array
    matrices: list[MatrixCost]
    scale: np.ndarray

    @property
    def n_groups(self) -> int:
        """Number of groups."""
        return (self.table.shape[0] - 1) // max(self.n_offers, 1)

    def prices(self, mu: np.ndarray) -> np.ndarray:
        """Give the price of each offer in each group, without the limits in `matrices`.

        Parameters
        ----------
        mu : ndarray of shape (m,)
            Price of one unit of each limit.

        Returns
        -------
        ndarray of shape (n_groups, k)
        """
        return np.asarray(self.table @ mu)[:-1].reshape(self.n_groups, self.n_offers)

    def spread(self, radius: np.ndarray) -> np.ndarray:
        """Give how far the price of each offer may go in each group, without the limits in `matrices`.

        Parameters
        ----------
        radius : ndarray of shape (m,)
            How far the price of one unit of each limit may go.

        Returns
        -------
        ndarray of shape (n_groups, k)
        """
        return np.asarray(abs(self.table) @ radius)[:-1].reshape(self.n_groups, self.n_offers)

    def cells(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Give the row of the table for each assignment.

        Parameters
        ----------
        rows, columns : ndarray of int, shape (some,)
            Customer and offer of each; -1 for no offer.

        Returns
        -------
        ndarray of int, shape (some,)
        """
        if self.n_groups == 1:
            return np.where(columns >= 0, columns, self.n_offers).astype(np.intp)
        return np.where(columns >= 0, self.groups[rows] * self.n_offers + columns, self.table.shape[0] - 1)

    def used(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Add up what assignments count in each limit.

        Parameters
        ----------
        rows, columns : ndarray of int, shape (some,)
            Customer and offer of each; -1 for no offer.

        Returns
        -------
        ndarray of shape (m,)
        """
        counts = np.bincount(self.cells(rows, columns), minlength=self.table.shape[0])
        used = np.asarray(self.table.T @ counts.astype(float))
        for matrix in self.matrices:
            used[matrix.limit] = matrix.counts(rows, columns, self.groups[rows]).sum(dtype=np.float64)
        return used

    def counted(self, rows: np.ndarray, columns: np.ndarray) -> sparse.csr_array:
        """Give what each assignment counts in each limit.

        Parameters
        ----------
        rows, columns : ndarray of int, shape (some,)
            Customer and offer of each; -1 for no offer.

        Returns
        -------
        csr_array of shape (some, m)
        """
        found = self.table[self.cells(rows, columns)]
        if not self.matrices:
            return found
        data, limits = [], []
        for matrix in self.matrices:
            data.append(matrix.counts(rows, columns, self.groups[rows]).astype(np.float64))
            limits.append(np.full(len(rows), matrix.limit))
        place = (np.tile(np.arange(len(rows)), len(data)), np.concatenate(limits))
        extra = sparse.csr_array((np.concatenate(data), place), shape=found.shape)
        return sparse.csr_array(found + extra)

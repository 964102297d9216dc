"""The offers as encoded values of their own columns."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

__all__ = ["OfferCodes"]


@dataclass(frozen=True)
class OfferCodes:
    """What stands in the columns of the offers, for each of k offers.

    Parameters
    ----------
    positions : list of int, length q
        Columns of the matrix that offers fill.
    codes : ndarray of float, shape (m, q)
        Their values, one row for each offer, or for each offer in each of its channels.
    picks : ndarray of int, shape (n, k), optional
        Row of `codes` for each customer and offer. By default m is k, and all customers have the same.

    Examples
    --------
    >>> matrix = np.zeros((2, 3))
    >>> OfferCodes([1], np.array([[7.0], [8.0]])).put(matrix, 1)
    >>> matrix
    array([[0., 8., 0.],
           [0., 8., 0.]])
    """

    positions: list[int]
    codes: np.ndarray
    picks: np.ndarray | None = None

    @property
    def n_offers(self) -> int:
        """Number of offers, k."""
        return len(self.codes) if self.picks is None else self.picks.shape[1]

    def of(self, rows: slice) -> OfferCodes:
        """Give those of some customers.

        Parameters
        ----------
        rows : slice

        Returns
        -------
        OfferCodes
        """
        return self if self.picks is None else replace(self, picks=self.picks[rows])

    def put(self, matrix: np.ndarray, k: int, codes: np.ndarray | None = None) -> None:
        """Write one offer into the matrix of the customers.

        Parameters
        ----------
        matrix : ndarray of float, shape (n, p)
            Only the columns of the offers change.
        k : int
            Which offer.
        codes : ndarray of float, shape (m, q), optional
            Other values instead of `codes`.
        """
        values = self.pick(self.codes if codes is None else codes, k)
        # Column by column is four times faster than all at once.
        for place, position in enumerate(self.positions):
            matrix[:, position] = values[..., place]

    def set_out(self, matrix: np.ndarray) -> np.ndarray:
        """Set out all customers with each offer.

        Parameters
        ----------
        matrix : ndarray of float, shape (n, p)

        Returns
        -------
        ndarray of shape (k * n, p)
            Offer by offer.
        """
        every = np.repeat(matrix[None], self.n_offers, axis=0)
        for k, own in enumerate(every):
            self.put(own, k)
        return every.reshape(-1, matrix.shape[1])

    def pick(self, values: np.ndarray, k: int) -> np.ndarray:
        """Take what belongs to one offer.

        Parameters
        ----------
        values : ndarray of shape (m, ...)
            In the order of `codes`.
        k : int
            Which offer.

        Returns
        -------
        ndarray of shape (...) or (n, ...)
            The same for all customers, or one for each.
        """
        return values[k] if self.picks is None else values[self.picks[:, k]]

    def rows(self, n_columns: int) -> np.ndarray:
        """Give `codes` as rows of a matrix.

        Parameters
        ----------
        n_columns : int
            Columns of the matrix, p.

        Returns
        -------
        ndarray of float, shape (m, p)
            NaN in the columns of the customers.
        """
        rows = np.full((len(self.codes), n_columns), np.nan)
        rows[:, self.positions] = self.codes
        return rows

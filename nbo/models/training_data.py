"""The rows a model is trained on, encoded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["TrainingData"]


@dataclass(frozen=True)
class TrainingData:
    """Encoded rows with what is to be learnt.

    Parameters
    ----------
    matrix : ndarray of float, shape (n, p)
        Missing is NaN.
    target : ndarray of float, shape (n,)
        Labels 0 and 1, or amounts.
    weight : ndarray of float, shape (n,), optional
    time : array of shape (n,), optional
        The `as_of` of each row.
    groups : array of shape (n,), optional
        Such as customer ids.
    categories : list of int
        Columns of the matrix that hold codes of categories.
    viewed : ndarray of float, shape (n,), optional
        1 where the offer was seen, else 0.
    """

    matrix: np.ndarray
    target: np.ndarray
    weight: np.ndarray | None = None
    time: Any = None
    groups: Any = None
    categories: tuple[int, ...] = ()
    viewed: np.ndarray | None = None

    def part(self, rows: np.ndarray) -> TrainingData:
        """Take some rows.

        Parameters
        ----------
        rows : ndarray of int or bool
            Row numbers, or which rows.

        Returns
        -------
        TrainingData
        """
        return TrainingData(
            self.matrix[rows],
            self.target[rows],
            None if self.weight is None else self.weight[rows],
            None if self.time is None else self.time[rows],
            None if self.groups is None else self.groups[rows],
            self.categories,
            None if self.viewed is None else self.viewed[rows],
        )

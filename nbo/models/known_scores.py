"""Raw scores that are known, in the place of trees."""

from __future__ import annotations

import numpy as np

from nbo.models.boosting import Boosting

__all__ = ["KnownScores"]


class KnownScores(Boosting):
    """Raw scores of some customers with each offer; a model calibrates them one offer after the other.

    Parameters
    ----------
    scores : ndarray of float, shape (n, k)
        Raw scores.

    Examples
    --------
    >>> known = KnownScores(np.array([[1.0, 2.0], [3.0, 4.0]]))
    >>> known.offer = 1
    >>> known.score(np.zeros((2, 3)))
    array([2., 4.])
    """

    def __init__(self, scores: np.ndarray) -> None:
        super().__init__()
        self.scores = scores
        self.offer = 0

    def score(self, matrix: np.ndarray, n_jobs: int = 1) -> np.ndarray:  # noqa: D102
        return self.scores[:, self.offer]

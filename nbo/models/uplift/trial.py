"""The rows that an effect is learnt from: what they are, what they got, what came of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from nbo.models.training_data import TrainingData

__all__ = ["Trial"]


@dataclass(frozen=True)
class Trial:
    """Encoded rows with their arms.

    Parameters
    ----------
    data : TrainingData
        The rows; the target is the outcome.
    arm : ndarray of int, shape (n,)
        0 for the control, 1 for the first treatment ...
    n_arms : int
        The control and the treatments.
    probability : ndarray of float, shape (n, n_arms)
        How probable each arm was for each row; known, or learnt without the row.
    outcomes : ndarray of float, shape (n, n_arms)
        The expected outcome of each row in each arm, learnt without the row.
    binary : bool
        Whether the outcome is 0 or 1.
    """

    data: TrainingData
    arm: np.ndarray
    n_arms: int
    probability: np.ndarray
    outcomes: np.ndarray
    binary: bool

    def part(self, rows: np.ndarray) -> Trial:
        """Take some rows.

        Parameters
        ----------
        rows : ndarray of int or bool

        Returns
        -------
        Trial
        """
        return replace(
            self,
            data=self.data.part(rows),
            arm=self.arm[rows],
            probability=self.probability[rows],
            outcomes=self.outcomes[rows],
        )

    def pair(self, k: int) -> Trial:
        """Take the rows of the control and of one treatment, as a trial of that treatment alone.

        Parameters
        ----------
        k : int
            The arm of the treatment, 1 or more.

        Returns
        -------
        Trial
            Its arms are 0 and 1, and their probabilities are given that it was one of both.
        """
        part = self.part((self.arm == 0) | (self.arm == k))
        both = part.probability[:, [0, k]]
        return replace(
            part,
            arm=(part.arm == k).astype(int),
            n_arms=2,
            probability=both / both.sum(axis=1, keepdims=True),
            outcomes=part.outcomes[:, [0, k]],
        )

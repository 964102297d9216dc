"""The expected outcome, or an effect, as boosted trees."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from nbo.models.boosting import Boosting, BoostingSettings, Objective, train_boosting
from nbo.models.calibration import sigmoid
from nbo.models.training_data import TrainingData

__all__ = ["Outcome", "fit_outcome"]

# The log-odds of an outcome that never or always came; finite, so that JSON holds it.
_SURE = float(np.log(1e-9))


@dataclass(frozen=True)
class Outcome:
    """Trees that give a mean.

    Parameters
    ----------
    boosting : Boosting
        Gives log-odds of a binary outcome, else the mean itself.
    binary : bool
        Whether the outcome is 0 or 1.
    """

    boosting: Boosting
    binary: bool

    def mean(self, matrix: np.ndarray, n_jobs: int = 1) -> np.ndarray:
        """Give the expected outcome.

        Parameters
        ----------
        matrix : ndarray of float, shape (n, p)
        n_jobs : int, default=1
            Threads.

        Returns
        -------
        ndarray of shape (n,)
            A probability where the outcome is binary.
        """
        score = self.boosting.score(matrix, n_jobs)
        return sigmoid(score) if self.binary else score

    def contributions(self, matrix: np.ndarray, n_jobs: int = 1, approximate: bool = False) -> np.ndarray:
        """Give what each column adds to the raw score: log-odds where the outcome is binary.

        Parameters
        ----------
        matrix : ndarray of float, shape (n, p)
        n_jobs : int, default=1
            Threads.
        approximate : bool, default=False
            Whether to follow each row's path through the trees, in place of TreeSHAP.

        Returns
        -------
        ndarray of shape (n, p + 1)
            The last column is the base.
        """
        explain = self.boosting.path_contributions if approximate else self.boosting.contributions
        return explain(matrix, n_jobs)


def fit_outcome(data: TrainingData, target: np.ndarray, settings: BoostingSettings, binary: bool = False) -> Outcome:
    """Learn a mean.

    Parameters
    ----------
    data : TrainingData
        The rows and their weights.
    target : ndarray of float, shape (n,)
        What is to be learnt, in place of the rows' own target.
    settings : BoostingSettings
        How trees are grown.
    binary : bool, default=False
        Whether the target is 0 or 1.

    Returns
    -------
    Outcome
        A constant where all of the target is.

    Examples
    --------
    >>> settings = BoostingSettings(5, 0.1, 8, 1, 0, 1, 0)
    >>> data = TrainingData(np.arange(4.0)[:, None], np.zeros(4))
    >>> fit_outcome(data, np.full(4, 2.5), settings).mean(np.zeros((1, 1)))
    array([2.5])
    """
    if np.ptp(target) > 0:
        objective: Objective = "binary" if binary else "regression"
        return Outcome(train_boosting(replace(data, target=target), settings, objective), binary)
    level = float(target[0])
    return Outcome(Boosting(constant=(_SURE if level < 0.5 else -_SURE) if binary else level), binary)

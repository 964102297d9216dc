"""One model of the outcome, with the treatment as a column."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nbo.models.boosting import BoostingSettings
from nbo.models.uplift.learner import Learner
from nbo.models.uplift.outcome import fit_outcome
from nbo.models.uplift.trial import Trial

__all__ = ["SLearner"]

_ONE = "outcome"


class SLearner(Learner):
    """One model of the outcome, with a column that says who was treated.

    The effect is what setting that column changes. Where the trees hardly use it, the effect is
    small: this learner shrinks most.
    """

    gives_outcomes = True

    @classmethod
    def fit(cls, trial: Trial, settings: BoostingSettings) -> SLearner:
        """See :meth:`Learner.fit`."""
        data = replace(trial.data, matrix=_with_arm(trial.data.matrix, trial.arm, trial.n_arms))
        return cls({_ONE: fit_outcome(data, data.target, settings, trial.binary)}, trial.n_arms - 1)

    def uplift(self, matrix: np.ndarray, n_jobs: int = 1) -> np.ndarray:
        """See :meth:`Learner.uplift`."""
        means = self.outcomes(matrix, n_jobs)
        return means[:, 1:] - means[:, :1]

    def control(self, matrix: np.ndarray, n_jobs: int = 1) -> np.ndarray:
        """See :meth:`Learner.control`."""
        return self._in_arm(matrix, 0, n_jobs)

    def outcomes(self, matrix: np.ndarray, n_jobs: int = 1) -> np.ndarray:
        """See :meth:`Learner.outcomes`."""
        return np.column_stack([self._in_arm(matrix, a, n_jobs) for a in range(self.n_treatments + 1)])

    def contributions(self, matrix: np.ndarray, k: int, n_jobs: int = 1, approximate: bool = False) -> np.ndarray:
        """See :meth:`Learner.contributions`."""
        treated, not_treated = (
            self.models[_ONE].contributions(_with_arm(matrix, a, self.n_treatments + 1), n_jobs, approximate)
            for a in (k, 0)
        )
        shares = treated - not_treated
        # What the treatment adds by itself is the base of the effect.
        return np.column_stack([shares[:, : matrix.shape[1]], shares[:, matrix.shape[1] :].sum(axis=1)])

    def _in_arm(self, matrix: np.ndarray, arm: int, n_jobs: int) -> np.ndarray:
        return self.models[_ONE].mean(_with_arm(matrix, arm, self.n_treatments + 1), n_jobs)


def _with_arm(matrix: np.ndarray, arm: np.ndarray | int, n_arms: int) -> np.ndarray:
    """Add a column of 0 and 1 for each treatment."""
    arms = np.broadcast_to(np.asarray(arm), len(matrix))
    return np.column_stack([matrix, arms[:, None] == np.arange(1, n_arms)])

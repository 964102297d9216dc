"""One model of the outcome for each arm."""

from __future__ import annotations

import numpy as np

from nbo.models.boosting import BoostingSettings
from nbo.models.uplift.learner import Learner
from nbo.models.uplift.outcome import fit_outcome
from nbo.models.uplift.trial import Trial

__all__ = ["TLearner"]


class TLearner(Learner):
    """One model of the outcome for each arm; the effect is their difference."""

    gives_outcomes = True

    @classmethod
    def fit(cls, trial: Trial, settings: BoostingSettings) -> TLearner:
        """See :meth:`Learner.fit`."""
        models = {}
        for a in range(trial.n_arms):
            data = trial.data.part(trial.arm == a)
            models[f"outcome_{a}"] = fit_outcome(data, data.target, settings, trial.binary)
        return cls(models, trial.n_arms - 1)

    def uplift(self, matrix: np.ndarray, n_jobs: int = 1) -> np.ndarray:
        """See :meth:`Learner.uplift`."""
        means = self.outcomes(matrix, n_jobs)
        return means[:, 1:] - means[:, :1]

    def outcomes(self, matrix: np.ndarray, n_jobs: int = 1) -> np.ndarray:
        """See :meth:`Learner.outcomes`."""
        arms = range(self.n_treatments + 1)
        return np.column_stack([self.models[f"outcome_{a}"].mean(matrix, n_jobs) for a in arms])

    def contributions(self, matrix: np.ndarray, k: int, n_jobs: int = 1, approximate: bool = False) -> np.ndarray:
        """See :meth:`Learner.contributions`."""
        treated, not_treated = (self.models[f"outcome_{a}"].contributions(matrix, n_jobs, approximate) for a in (k, 0))
        return treated - not_treated

"""What the learners of an effect share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np

from nbo.models.boosting import Boosting, BoostingSettings
from nbo.models.uplift.outcome import Outcome, fit_outcome
from nbo.models.uplift.trial import Trial

__all__ = ["CONTROL", "EffectLearner", "Learner"]

# The trees of the outcome without treatment; every learner has them or says it otherwise.
CONTROL = "outcome_0"


class Learner(ABC):
    """Learn the effect of each treatment on each customer. It is not a learner by itself.

    Parameters
    ----------
    models : dict of str to Outcome
        What was learnt, by name.
    n_treatments : int
        Without the control.
    """

    # Whether `outcomes` are what the effect is the difference of.
    gives_outcomes: ClassVar[bool] = False

    def __init__(self, models: dict[str, Outcome], n_treatments: int) -> None:
        self.models = models
        self.n_treatments = n_treatments

    @classmethod
    @abstractmethod
    def fit(cls, trial: Trial, settings: BoostingSettings) -> Learner:
        """Learn from the rows of a trial.

        Parameters
        ----------
        trial : Trial
        settings : BoostingSettings
            How trees are grown.

        Returns
        -------
        Learner
        """

    @abstractmethod
    def uplift(self, matrix: np.ndarray, n_jobs: int = 1) -> np.ndarray:
        """Give the effects.

        Parameters
        ----------
        matrix : ndarray of float, shape (n, p)
        n_jobs : int, default=1
            Threads.

        Returns
        -------
        ndarray of shape (n, n_treatments)
        """

    @abstractmethod
    def contributions(self, matrix: np.ndarray, k: int, n_jobs: int = 1, approximate: bool = False) -> np.ndarray:
        """Give what each column adds to the effect of a treatment.

        Parameters
        ----------
        matrix : ndarray of float, shape (n, p)
        k : int
            The arm of the treatment, 1 or more.
        n_jobs : int, default=1
            Threads.
        approximate : bool, default=False
            Whether to follow each row's path through the trees, in place of TreeSHAP.

        Returns
        -------
        ndarray of shape (n, p + 1)
            The last column is the base.
        """

    def control(self, matrix: np.ndarray, n_jobs: int = 1) -> np.ndarray:
        """Give the outcome expected without treatment.

        Parameters
        ----------
        matrix : ndarray of float, shape (n, p)
        n_jobs : int, default=1
            Threads.

        Returns
        -------
        ndarray of shape (n,)
        """
        return self.models[CONTROL].mean(matrix, n_jobs)

    def outcomes(self, matrix: np.ndarray, n_jobs: int = 1) -> np.ndarray:
        """Give the outcome expected in each arm: without treatment, and that plus each effect.

        Parameters
        ----------
        matrix : ndarray of float, shape (n, p)
        n_jobs : int, default=1
            Threads.

        Returns
        -------
        ndarray of shape (n, n_treatments + 1)
        """
        control = self.control(matrix, n_jobs)
        return np.column_stack([control, control[:, None] + self.uplift(matrix, n_jobs)])

    def trees(self) -> dict[str, Boosting]:
        """Give the trees by name.

        Returns
        -------
        dict of str to Boosting
        """
        return {name: model.boosting for name, model in self.models.items()}

    def binary(self) -> list[str]:
        """Give the names of the trees whose score is the log-odds of an outcome of 0 or 1.

        Returns
        -------
        list of str
        """
        return [name for name, model in self.models.items() if model.binary]


class EffectLearner(Learner):
    """Learn the effect itself, as a regression. It is not a learner by itself."""

    @classmethod
    def fit(cls, trial: Trial, settings: BoostingSettings) -> EffectLearner:
        """See :meth:`Learner.fit`."""
        control = trial.part(trial.arm == 0).data
        models = {CONTROL: fit_outcome(control, control.target, settings, trial.binary)}
        for k in range(1, trial.n_arms):
            models[f"effect_{k}"] = cls.fit_effect(trial, k, settings)
        return cls(models, trial.n_arms - 1)

    @classmethod
    @abstractmethod
    def fit_effect(cls, trial: Trial, k: int, settings: BoostingSettings) -> Outcome:
        """Learn the effect of one treatment.

        Parameters
        ----------
        trial : Trial
            With the outcomes and probabilities of each row.
        k : int
            The arm of the treatment.
        settings : BoostingSettings
            How trees are grown.

        Returns
        -------
        Outcome
        """

    def uplift(self, matrix: np.ndarray, n_jobs: int = 1) -> np.ndarray:
        """See :meth:`Learner.uplift`."""
        effects = [self.models[f"effect_{k}"].mean(matrix, n_jobs) for k in range(1, self.n_treatments + 1)]
        return np.column_stack(effects)

    def contributions(self, matrix: np.ndarray, k: int, n_jobs: int = 1, approximate: bool = False) -> np.ndarray:
        """See :meth:`Learner.contributions`."""
        return self.models[f"effect_{k}"].contributions(matrix, n_jobs, approximate)

"""Effects imputed from the other arm's model."""

from __future__ import annotations

import numpy as np

from nbo.models.boosting import BoostingSettings
from nbo.models.uplift.learner import CONTROL, Learner
from nbo.models.uplift.outcome import Outcome, fit_outcome
from nbo.models.uplift.trial import Trial

__all__ = ["XLearner"]


class XLearner(Learner):
    r"""Impute each row's effect with the model of the other arm, and learn from that [1]_.

    The treated have :math:`y - \mu_0(x)`, the others :math:`\mu_1(x) - y`. Each is learnt, and the two are
    weighed by how probable the other arm is: :math:`e(x) \tau_0(x) + (1 - e(x)) \tau_1(x)`.

    References
    ----------
    .. [1] Künzel, S. R., Sekhon, J. S., Bickel, P. J. and Yu, B. (2019). Metalearners for estimating heterogeneous
       treatment effects using machine learning. Proceedings of the National Academy of Sciences 116.
    """

    @classmethod
    def fit(cls, trial: Trial, settings: BoostingSettings) -> XLearner:
        """See :meth:`Learner.fit`."""
        control = trial.part(trial.arm == 0).data
        without = fit_outcome(control, control.target, settings, trial.binary)
        models = {CONTROL: without}
        for k in range(1, trial.n_arms):
            treated = trial.part(trial.arm == k).data
            treatment = fit_outcome(treated, treated.target, settings, trial.binary)
            gained = treated.target - without.mean(treated.matrix, settings.n_jobs)
            missed = treatment.mean(control.matrix, settings.n_jobs) - control.target
            pair = trial.pair(k)
            models[f"of_treated_{k}"] = fit_outcome(treated, gained, settings)
            models[f"of_control_{k}"] = fit_outcome(control, missed, settings)
            models[f"share_{k}"] = fit_outcome(pair.data, pair.probability[:, 1], settings)
        return cls(models, trial.n_arms - 1)

    def uplift(self, matrix: np.ndarray, n_jobs: int = 1) -> np.ndarray:
        """See :meth:`Learner.uplift`."""
        columns = []
        for k in range(1, self.n_treatments + 1):
            share, of_control, of_treated = (model.mean(matrix, n_jobs) for model in self._parts(k))
            share = share.clip(0, 1)
            columns.append(share * of_control + (1 - share) * of_treated)
        return np.column_stack(columns)

    def contributions(self, matrix: np.ndarray, k: int, n_jobs: int = 1, approximate: bool = False) -> np.ndarray:
        """See :meth:`Learner.contributions`."""
        share, of_control, of_treated = self._parts(k)
        weight = share.mean(matrix, n_jobs).clip(0, 1)[:, None]
        parts = [model.contributions(matrix, n_jobs, approximate) for model in (of_control, of_treated)]
        return weight * parts[0] + (1 - weight) * parts[1]

    def _parts(self, k: int) -> list[Outcome]:
        return [self.models[f"{name}_{k}"] for name in ("share", "of_control", "of_treated")]

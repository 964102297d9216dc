"""The effect that explains what is left of the outcome by what is left of the treatment."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nbo.models.boosting import BoostingSettings
from nbo.models.uplift.learner import EffectLearner
from nbo.models.uplift.outcome import Outcome, fit_outcome
from nbo.models.uplift.trial import Trial

__all__ = ["RLearner"]


class RLearner(EffectLearner):
    r"""Learn the effect from residuals [1]_.

    It minimizes :math:`\sum_i (y_i - m(x_i) - \tau(x_i) (t_i - e(x_i)))^2`, where m is the mean outcome whatever the
    arm: a regression of :math:`(y - m) / (t - e)` with the weights :math:`(t - e)^2`.

    References
    ----------
    .. [1] Nie, X. and Wager, S. (2021). Quasi-oracle estimation of heterogeneous treatment effects. Biometrika 108.
    """

    @classmethod
    def fit_effect(cls, trial: Trial, k: int, settings: BoostingSettings) -> Outcome:
        """See :meth:`EffectLearner.fit_effect`."""
        pair = trial.pair(k)
        treated = pair.arm - pair.probability[:, 1]
        left = pair.data.target - (pair.probability * pair.outcomes).sum(axis=1)
        given = np.ones(len(treated)) if pair.data.weight is None else pair.data.weight
        data = replace(pair.data, weight=given * treated**2)
        return fit_outcome(data, left / treated, settings)

"""The doubly robust scores of the effect, learnt."""

from __future__ import annotations

from nbo.models.boosting import BoostingSettings
from nbo.models.uplift.learner import EffectLearner
from nbo.models.uplift.outcome import Outcome, fit_outcome
from nbo.models.uplift.scores import effect_scores
from nbo.models.uplift.trial import Trial

__all__ = ["DRLearner"]


class DRLearner(EffectLearner):
    """Learn the doubly robust score of each row's effect [1]_.

    Right where either the probabilities of treatment or the models of the outcome are.

    References
    ----------
    .. [1] Kennedy, E. H. (2023). Towards optimal doubly robust estimation of heterogeneous causal effects.
       Electronic Journal of Statistics 17.
    """

    @classmethod
    def fit_effect(cls, trial: Trial, k: int, settings: BoostingSettings) -> Outcome:
        """See :meth:`EffectLearner.fit_effect`."""
        scores = effect_scores(trial.data.target, trial.arm, trial.probability, trial.outcomes)
        return fit_outcome(trial.data, scores[:, k - 1], settings)

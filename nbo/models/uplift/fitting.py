"""The steps of learning an effect, in their order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nbo.errors import InputError
from nbo.models.boosting import Boosting, BoostingSettings
from nbo.models.training_data import TrainingData
from nbo.models.uplift.calibration_slope import calibration_slope
from nbo.models.uplift.cross_fitting import LEARNERS, held_out_outcomes, held_out_uplift
from nbo.models.uplift.folds import make_folds
from nbo.models.uplift.learner import Learner
from nbo.models.uplift.like_effects import LikeEffects
from nbo.models.uplift.means import mean_and_error
from nbo.models.uplift.outcome import Outcome
from nbo.models.uplift.scores import effect_scores
from nbo.models.uplift.treatment_probability import check_overlap, estimate_probability, overlap_report
from nbo.models.uplift.trial import Trial
from nbo.rng import generator

__all__ = ["FittedUplift", "fit_uplift"]

_IMPORTANCE_ROWS = 1000


@dataclass(frozen=True)
class FittedUplift:
    """What was learnt.

    Parameters
    ----------
    learner : Learner
        Gives the effects.
    likes : list of LikeEffects
        For each treatment the mean effect among customers with like predictions.
    average : list of dict
        For each treatment its mean ``effect``, doubly robust, with ``standard_error``, and the ``slope`` of the scores
        on the predictions with ``slope_error``.
    importance : list of list of float
        For each treatment, what each column adds or takes on average.
    overlap : DataFrame
        As from :func:`overlap_report`.
    """

    learner: Learner
    likes: list[LikeEffects]
    average: list[dict[str, float | None]]
    importance: list[list[float]]
    overlap: pd.DataFrame

    def to_dict(self) -> dict[str, Any]:
        """Give all but the trees as JSON values.

        Returns
        -------
        dict
        """
        return {
            "binary": self.learner.binary(),
            "likes": [likes.to_dict() for likes in self.likes],
            "average": self.average,
            "importance": self.importance,
            "overlap": self.overlap.to_dict("list"),
        }

    @classmethod
    def from_dict(cls, name: str, state: dict[str, Any], trees: dict[str, Boosting]) -> FittedUplift:
        """Make it from its state.

        Parameters
        ----------
        name : {"s", "t", "x", "dr", "r"}
            The learner.
        state : dict
            From :meth:`to_dict`.
        trees : dict of str to Boosting

        Returns
        -------
        FittedUplift
        """
        models = {part: Outcome(boosting, part in state["binary"]) for part, boosting in trees.items()}
        return cls(
            LEARNERS[name](models, len(state["likes"])),
            [LikeEffects.from_dict(likes) for likes in state["likes"]],
            state["average"],
            state["importance"],
            pd.DataFrame(state["overlap"]),
        )


def fit_uplift(
    data: TrainingData,
    arm: np.ndarray,
    labels: np.ndarray,
    known: np.ndarray | None,
    name: str,
    settings: BoostingSettings,
    n_folds: int,
    least: float,
    most_outside: float,
) -> FittedUplift:
    """Learn the effect of each treatment, and how sure it is.

    Parameters
    ----------
    data : TrainingData
        The rows; the target is the outcome.
    arm : ndarray of int, shape (n,)
        The arm of each row.
    labels : ndarray of shape (n_arms,)
        The control, then the treatments.
    known : ndarray of float, shape (n, n_arms), or None
        How probable each arm was; learnt if None.
    name : {"s", "t", "x", "dr", "r"}
        The learner.
    settings : BoostingSettings
        How trees are grown.
    n_folds : int
        Folds of cross-fitting.
    least, most_outside : float
        As for :func:`check_overlap`.

    Returns
    -------
    FittedUplift

    Raises
    ------
    InputError
        If an arm has too few rows, or the arms do not overlap.
    """
    rows_of_arm = np.bincount(arm, minlength=len(labels))
    if not rows_of_arm.all():
        empty = labels.tolist()[int((rows_of_arm == 0).argmax())]
        raise InputError(f"each arm must have rows of a weight above zero; {empty!r} has none.")
    fold = make_folds(arm, n_folds, settings.seed, data.groups)
    probability = estimate_probability(data, arm, fold, settings) if known is None else known
    overlap = overlap_report(arm, probability, labels, least)
    probability = check_overlap(probability, least, most_outside)
    binary = bool(np.isin(data.target, (0.0, 1.0)).all())
    kind = LEARNERS[name]
    trial = Trial(data, arm, len(labels), probability, np.zeros(probability.shape), binary)
    trial = held_out_outcomes(trial, kind, fold, settings)
    learner = kind.fit(trial, settings)
    scores = effect_scores(data.target, arm, probability, trial.outcomes)
    uplift = held_out_uplift(trial, kind, fold, settings)
    held_out = [(uplift[:, k], scores[:, k], data.weight) for k in range(len(labels) - 1)]
    return FittedUplift(
        learner,
        [LikeEffects().fit(*rows) for rows in held_out],
        [_average(*rows) for rows in held_out],
        _importance(learner, data.matrix, settings),
        overlap,
    )


def _average(uplift: np.ndarray, scores: np.ndarray, weight: np.ndarray | None) -> dict[str, float | None]:
    mean, error = mean_and_error(scores, np.ones(len(scores)) if weight is None else weight)
    slope, slope_error = calibration_slope(uplift, scores, weight)
    return {"effect": mean, "standard_error": error, "slope": slope, "slope_error": slope_error}


def _importance(learner: Learner, matrix: np.ndarray, settings: BoostingSettings) -> list[list[float]]:
    """Average what each column adds or takes, over some rows."""
    some = generator(settings.seed).permutation(len(matrix))[:_IMPORTANCE_ROWS]
    shares = (learner.contributions(matrix[some], k, settings.n_jobs) for k in range(1, learner.n_treatments + 1))
    return [np.abs(share[:, :-1]).mean(axis=0).tolist() for share in shares]

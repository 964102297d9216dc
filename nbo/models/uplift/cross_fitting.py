"""What is said of each row by models that have not seen it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nbo.models.boosting import BoostingSettings
from nbo.models.uplift.dr_learner import DRLearner
from nbo.models.uplift.learner import Learner
from nbo.models.uplift.r_learner import RLearner
from nbo.models.uplift.s_learner import SLearner
from nbo.models.uplift.t_learner import TLearner
from nbo.models.uplift.trial import Trial
from nbo.models.uplift.x_learner import XLearner

__all__ = ["LEARNERS", "held_out_outcomes", "held_out_uplift"]

LEARNERS: dict[str, type[Learner]] = {"s": SLearner, "t": TLearner, "x": XLearner, "dr": DRLearner, "r": RLearner}


def held_out_outcomes(trial: Trial, learner: type[Learner], fold: np.ndarray, settings: BoostingSettings) -> Trial:
    """Learn the expected outcomes of each row from the rows of the other folds.

    Parameters
    ----------
    trial : Trial
        Its outcomes are not looked at.
    learner : type
        Its own model of the outcomes is taken, if it has one for all arms; else one model for each arm.
    fold : ndarray of int, shape (n,)
        The fold of each row.
    settings : BoostingSettings
        How trees are grown.

    Returns
    -------
    Trial
        With the outcomes.
    """
    model = learner if learner.gives_outcomes else TLearner
    outcomes = np.zeros((len(fold), trial.n_arms))
    for f in range(fold.max() + 1):
        rest = fold == f
        fitted = model.fit(trial.part(~rest), settings)
        outcomes[rest] = fitted.outcomes(trial.data.matrix[rest], settings.n_jobs)
    return replace(trial, outcomes=outcomes)


def held_out_uplift(trial: Trial, learner: type[Learner], fold: np.ndarray, settings: BoostingSettings) -> np.ndarray:
    """Learn the effect on each row from the rows of the other folds.

    Parameters
    ----------
    trial : Trial
        With the outcomes from :func:`held_out_outcomes`.
    learner : type
    fold : ndarray of int, shape (n,)
        The fold of each row.
    settings : BoostingSettings
        How trees are grown.

    Returns
    -------
    ndarray of float, shape (n, n_arms - 1)
    """
    if learner.gives_outcomes:
        return trial.outcomes[:, 1:] - trial.outcomes[:, :1]
    uplift = np.zeros((len(fold), trial.n_arms - 1))
    for f in range(fold.max() + 1):
        rest = fold == f
        fitted = learner.fit(trial.part(~rest), settings)
        uplift[rest] = fitted.uplift(trial.data.matrix[rest], settings.n_jobs)
    return uplift

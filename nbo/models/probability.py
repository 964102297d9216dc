"""A boosted probability: trees, then calibration."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np

from nbo.models.boosting import Boosting, BoostingSettings, train_twice
from nbo.models.calibration import Calibration, CalibrationMethod, fit_calibration
from nbo.models.holdout import Parts
from nbo.models.training_data import TrainingData

__all__ = ["BoostedProbability", "fit_probability"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class BoostedProbability:
    """Trees whose raw score is calibrated.

    Parameters
    ----------
    boosting : Boosting
        Gives log-odds.
    calibration : Calibration
        Makes them come true.
    """

    boosting: Boosting
    calibration: Calibration

    def logit(self, matrix: np.ndarray, n_jobs: int = 1) -> np.ndarray:
        """Give calibrated log-odds.

        Parameters
        ----------
        matrix : ndarray of float, shape (n, p)
        n_jobs : int, default=1
            Threads.

        Returns
        -------
        ndarray of shape (n,)
        """
        return self.calibration.logit(self.boosting.score(matrix, n_jobs))

    def interval_logit(self, matrix: np.ndarray, n_jobs: int = 1) -> np.ndarray:
        """Give the log-odds of both ends of the interval of Venn-Abers calibration.

        Parameters
        ----------
        matrix : ndarray of float, shape (n, p)
        n_jobs : int, default=1
            Threads.

        Returns
        -------
        ndarray of shape (n, 2)

        Raises
        ------
        InputError
            If it is another calibration.
        """
        return self.calibration.interval_logit(self.boosting.score(matrix, n_jobs))


def fit_probability(
    data: TrainingData, parts: Parts, settings: BoostingSettings, method: CalibrationMethod
) -> tuple[BoostedProbability, BoostedProbability]:
    """Train on the earlier rows, calibrate on the later ones, then train anew on all of them.

    The first trees tell how many are enough and how steep their scores are on rows that come
    later. The second ones have seen the newest rows too; they keep the slopes of the
    calibration, and its level is found on the later rows again, since they know part of the
    drift already.

    Where all labels are the same, the probability is the constant (ones + 1) / (rows + 2) of
    Laplace's rule, and a warning is logged.

    Parameters
    ----------
    data : TrainingData
        All rows; the target is 0 or 1.
    parts : Parts
        Which rows are for what.
    settings : BoostingSettings
        How trees are grown.
    method : {"beta", "sigmoid", "isotonic", "venn_abers", "shift", "none"}
        The calibration to try first.

    Returns
    -------
    final, first : BoostedProbability
        Trained on all rows, and the one that has not seen the later rows. Without later rows
        they are the same.
    """
    n_rows, ones = len(data.target), data.target.sum()
    if ones in (0, n_rows):
        rate = (ones + 1) / (n_rows + 2)
        logger.warning("all %d labels are the same; the model is the constant %.3g", n_rows, rate)
        constant = BoostedProbability(Boosting(constant=float(np.log(rate / (1 - rate)))), Calibration())
        return constant, constant
    final, first = train_twice(data, parts, settings, "binary")
    if not parts.later.any():
        return BoostedProbability(final, Calibration()), BoostedProbability(first, Calibration())
    later = data.part(parts.later)
    early = fit_calibration(first.score(later.matrix, settings.n_jobs), later.target, method, later.weight)
    late = early.at_level_of(final.score(later.matrix, settings.n_jobs), later.target, later.weight)
    return BoostedProbability(final, late), BoostedProbability(first, early)

"""A boosted probability: trees, then calibration."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np

from nbo.models.boosting import Boosting, BoostingSettings, train_boosting
from nbo.models.calibration import Calibration, CalibrationMethod, fit_calibration
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


def fit_probability(
    data: TrainingData,
    parts: tuple[np.ndarray, np.ndarray],
    settings: BoostingSettings,
    method: CalibrationMethod,
) -> BoostedProbability:
    """Train on some rows, stop early and calibrate on the later ones.

    Where all labels are the same, the probability is the constant (ones + 1) / (rows + 2) of
    Laplace's rule, and a warning is logged.

    Parameters
    ----------
    data : TrainingData
        All rows; the target is 0 or 1.
    parts : (train, later), ndarrays of bool, shape (n,)
        Which rows are which; `later` may be empty.
    settings : BoostingSettings
        How trees are grown.
    method : {"beta", "sigmoid", "shift", "none"}
        The calibration to try first.

    Returns
    -------
    BoostedProbability
    """
    n_rows, ones = len(data.target), data.target.sum()
    if ones in (0, n_rows):
        rate = (ones + 1) / (n_rows + 2)
        logger.warning("all %d labels are the same; the model is the constant %.3g", n_rows, rate)
        return BoostedProbability(Boosting(constant=float(np.log(rate / (1 - rate)))), Calibration())
    train, later = (data.part(part) for part in parts)
    if not len(later.target):
        return BoostedProbability(train_boosting(train, settings, "binary"), Calibration())
    boosting = train_boosting(train, settings, "binary", later)
    score = boosting.score(later.matrix, settings.n_jobs)
    return BoostedProbability(boosting, fit_calibration(score, later.target, method, later.weight))

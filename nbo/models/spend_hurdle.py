"""Whether anything is spent, and how much if so."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from nbo.models.boosting import Boosting, BoostingSettings
from nbo.models.calibration import Calibration, CalibrationMethod, sigmoid
from nbo.models.holdout import Parts
from nbo.models.probability import BoostedProbability, fit_probability
from nbo.models.spend_amount import SpendAmount, fit_spend_amount
from nbo.models.training_data import TrainingData

__all__ = ["SpendHurdle", "fit_spend_hurdle"]


@dataclass(frozen=True)
class SpendHurdle:
    """The probability that anything is spent, times the amount if so.

    Parameters
    ----------
    probability : BoostedProbability
    amount : SpendAmount
    """

    probability: BoostedProbability
    amount: SpendAmount

    def active(self, matrix: np.ndarray, n_jobs: int = 1) -> np.ndarray:
        """Give the probability that anything is spent; shape (n,)."""
        return sigmoid(self.probability.logit(matrix, n_jobs))

    def mean(self, matrix: np.ndarray, n_jobs: int = 1) -> np.ndarray:
        """Give the expected spend, money; shape (n,)."""
        return self.active(matrix, n_jobs) * self.amount.mean(matrix, n_jobs)

    def trees(self) -> dict[str, Boosting]:
        """Give the trees of both parts by name."""
        return {"active": self.probability.boosting, "spend": self.amount.boosting}

    def to_dict(self) -> dict[str, Any]:
        """Give what is not in the trees, as JSON values."""
        return {"calibration": self.probability.calibration.to_dict(), "shift": self.amount.shift}

    @classmethod
    def from_dict(cls, state: dict[str, Any], trees: dict[str, Boosting]) -> SpendHurdle:
        """Make it of what :meth:`to_dict` and :meth:`trees` gave."""
        calibration = Calibration(**state["calibration"])
        return cls(BoostedProbability(trees["active"], calibration), SpendAmount(trees["spend"], state["shift"]))


def fit_spend_hurdle(
    data: TrainingData,
    parts: Parts,
    settings: BoostingSettings,
    calibration: CalibrationMethod,
    spend: Literal["gamma", "lognormal"],
) -> tuple[SpendHurdle, SpendHurdle]:
    """Learn both parts.

    Parameters
    ----------
    data : TrainingData
        Amounts; those of 0 or less are no spend.
    parts : Parts
        Which rows are for what.
    settings : BoostingSettings
    calibration : {"beta", "sigmoid", "isotonic", "shift", "none"}
    spend : {"gamma", "lognormal"}
        See :func:`~nbo.models.spend_amount.fit_spend_amount`.

    Returns
    -------
    final, first : SpendHurdle
        Trained on all rows, and the one that has not seen the later rows.
    """
    active = replace(data, target=(data.target > 0).astype(float))
    final, first = fit_probability(active, parts, settings, calibration)
    amount, amount_before = fit_spend_amount(data, parts, settings, spend)
    return SpendHurdle(final, amount), SpendHurdle(first, amount_before)

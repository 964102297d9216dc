"""What the models of a probability share: fit, calibrate, predict."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import ClassifierMixin

from nbo.models.boosted_model import BoostedModel
from nbo.models.boosting import Boosting, BoostingSettings
from nbo.models.calibration import Calibration, sigmoid
from nbo.models.holdout import choose_parts
from nbo.models.probability import BoostedProbability, fit_probability
from nbo.models.stages import take_viewed
from nbo.models.targets import take_labels
from nbo.models.training_data import TrainingData
from nbo.models.training_progress import RoundCallback

__all__ = ["BoostedClassifier"]

_TREES = "score"


class BoostedClassifier(ClassifierMixin, BoostedModel):
    """What the models of a probability share. It is not a model by itself."""

    classes_: np.ndarray
    probability_: BoostedProbability

    def predict_proba(self, X: Any) -> np.ndarray:
        """Give the probabilities of both classes.

        Parameters
        ----------
        X : frame or array of shape (n, p)
            The columns of `fit`, in any order; others are ignored.

        Returns
        -------
        ndarray of shape (n, 2)
            In the order of `classes_`; a row sums to 1.

        Raises
        ------
        InputError
            If `X` is not as fitted.
        """
        positive = sigmoid(np.concatenate([self._logit(matrix) for matrix in self._matrices(X)]))
        return np.column_stack([1 - positive, positive])

    def predict(self, X: Any) -> np.ndarray:
        """Give the more probable class.

        Parameters
        ----------
        X : frame or array of shape (n, p)
            As for :meth:`predict_proba`.

        Returns
        -------
        ndarray of shape (n,)
        """
        better = self.predict_proba(X).argmax(axis=1)
        return self.classes_[better]

    def predict_interval(self, X: Any) -> np.ndarray:
        """Give the interval of each probability, of a model with ``calibration="venn_abers"``.

        The wider it is, the less the calibration rows say about scores like that one.

        Parameters
        ----------
        X : frame or array of shape (n, p)
            As for :meth:`predict_proba`.

        Returns
        -------
        ndarray of shape (n, 2)
            p0 and p1, in [0, 1]; the probability lies between them.

        Raises
        ------
        InputError
            If the model has another calibration, or `X` is not as fitted.
        """
        return sigmoid(np.concatenate([self._interval_logit(matrix) for matrix in self._matrices(X)]))

    @property
    def calibration_(self) -> Calibration:
        """The calibration that was fitted on the later rows."""
        return self.probability_.calibration

    def _fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        time: Any,
        groups: Any,
        horizon: pd.Timedelta | None = None,
        callbacks: tuple[RoundCallback, ...] = (),
        viewed: Any = None,
    ) -> None:
        seed = self._seed()
        frame = self._fit_encoder(X)
        settings = self._settings(seed, callbacks)
        target, self.classes_ = take_labels(y, len(frame))
        seen = None if viewed is None else take_viewed(viewed, target)
        self._fit_data(self._training_data(frame, target, sample_weight, time, groups, seen), settings, horizon)

    def _fit_data(self, data: TrainingData, settings: BoostingSettings, horizon: pd.Timedelta | None) -> None:
        self.probability_, _ = self._fit_calibrated(data, settings, horizon)

    def _fit_calibrated(
        self, data: TrainingData, settings: BoostingSettings, horizon: pd.Timedelta | None = None
    ) -> tuple[BoostedProbability, TrainingData]:
        """Fit on all rows; give the later ones as well."""
        parts = choose_parts(data.target, self.calibration_share, settings.seed, data.time, data.groups, horizon)
        probability, _ = fit_probability(data, parts, settings, self.calibration)
        return probability, data.part(parts.later)

    def _logit(self, matrix: np.ndarray) -> np.ndarray:
        return self.probability_.logit(matrix, self._threads())

    def _interval_logit(self, matrix: np.ndarray) -> np.ndarray:
        return self.probability_.interval_logit(matrix, self._threads())

    def _trees(self) -> dict[str, Boosting]:
        return {_TREES: self.probability_.boosting}

    def _state(self) -> dict[str, Any]:
        return {
            "classes": {"dtype": self.classes_.dtype.str, "values": self.classes_.tolist()},
            "calibration": self.calibration_.to_dict(),
        }

    def _restore(self, state: dict[str, Any], trees: dict[str, Boosting]) -> None:
        classes = state["classes"]
        self.classes_ = np.array(classes["values"], dtype=np.dtype(classes["dtype"]))
        self.probability_ = BoostedProbability(trees[_TREES], Calibration(**state["calibration"]))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags

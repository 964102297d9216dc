"""What a model of customer value keeps, and how it is stored."""

from __future__ import annotations

import logging
from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from nbo.checks import check_columns
from nbo.errors import InputError
from nbo.models.boosted_model import BoostedModel
from nbo.models.boosting import Boosting
from nbo.models.btyd.histories import check_unit
from nbo.models.calibration import Calibration
from nbo.models.holdout import Parts
from nbo.models.intervals import DecileIntervals
from nbo.models.purchase_value import HISTORY_COLUMNS, PurchaseValue
from nbo.models.spend_hurdle import SpendHurdle
from nbo.models.training_data import TrainingData
from nbo.models.value_terms import ValueTerms
from nbo.numbers import check_number

__all__ = ["ValuedModel"]

logger = logging.getLogger(__name__)

_HISTORIES = "histories"


class ValuedModel(BoostedModel):
    """What a model of customer value keeps. It is not a model by itself."""

    horizon: Any
    unit: str
    margin: float
    discount_rate: float

    method_: str
    level_ratios_: dict[str, float]
    value_: PurchaseValue | None
    hurdle_: SpendHurdle | None
    intervals_: DecileIntervals | None

    @abstractmethod
    def predict(self, X: Any) -> np.ndarray:
        """Give the expected spend; shape (n,)."""

    def predict_quantiles(self, X: Any, quantiles: Sequence[float]) -> np.ndarray:
        """Give quantiles of the spend of each customer, not of its mean.

        Conformal, within deciles of the predicted spend: of later rows with like predictions,
        the stated share spent no more. Between two of them lies at least what they state; more where
        the lower one is 0, since many spend nothing at all: :meth:`predict_interval` takes that into account.

        Parameters
        ----------
        X : frame or array of shape (n, p)
            As for :meth:`predict`.
        quantiles : sequence of float
            Each in (0, 1).

        Returns
        -------
        ndarray of shape (n, len(quantiles))
            Money, 0 or more, rising with the quantile.

        Raises
        ------
        InputError
            If a quantile is not in (0, 1), `X` is not as fitted, or there was no `y`.
        """
        if np.ndim(quantiles) != 1:
            raise InputError(f"quantiles must be a sequence of numbers, such as [0.1, 0.9]; got {quantiles!r}.")
        prediction, intervals = self.predict(X), self._intervals()
        columns = [intervals.quantile(prediction, q) for q in quantiles]
        return np.column_stack(columns) if columns else np.empty((len(prediction), 0))

    def predict_interval(self, X: Any, level: float = 0.9) -> np.ndarray:
        """Give an interval for the spend of each customer that holds as often as it states.

        Conformal, within deciles of the predicted spend [1]_. Where it begins at 0, as for all who may well spend
        nothing, all that may lie outside lies above.

        Parameters
        ----------
        X : frame or array of shape (n, p)
            As for :meth:`predict`.
        level : float, default=0.9
            In (0, 1).

        Returns
        -------
        ndarray of shape (n, 2)
            Lowest and highest spend, money.

        Raises
        ------
        InputError
            If the level is not in (0, 1), `X` is not as fitted, or there was no `y`.

        References
        ----------
        .. [1] Vovk, V., Gammerman, A. and Shafer, G. (2005). Algorithmic learning in a random
           world. Springer. Chapter 4.5, Mondrian confidence machines.
        """
        check_number(level, "level", "in (0, 1)", lambda value: 0 < value < 1)
        prediction, intervals = self.predict(X), self._intervals()
        tail = (1 - level) / 2
        low, middle, high = (intervals.quantile(prediction, q) for q in (tail, level, 1 - tail))
        return np.column_stack([low, np.where(low > 0, high, middle)])

    def _intervals(self) -> DecileIntervals:
        if self.intervals_ is None:
            raise InputError(
                "intervals need what customers spent: call fit(X, y). Of the number of purchases, "
                "model.value_.purchases.predictive_interval tells without."
            )
        return self.intervals_

    @property
    def level_ratio_(self) -> float:
        """Total predicted over total actual spend on the later rows; NaN without them."""
        return self.level_ratios_[self.method_]

    @property
    def calibration_(self) -> Calibration:
        """The calibration of the probability that anything is spent."""
        return self._grown().probability.calibration

    def to_dir(self, path: str | Path) -> None:  # noqa: D102
        check_is_fitted(self)
        if self.value_ is not None:
            self.value_.to_dir(Path(path) / _HISTORIES)
        super().to_dir(path)

    @classmethod
    def from_dir(cls, path: str | Path) -> Self:  # noqa: D102
        model = super().from_dir(path)
        if model.method_ != "gbm":
            terms = ValueTerms.of(model.horizon, model.margin, model.discount_rate)
            folder, periods = Path(path) / _HISTORIES, terms.periods(model.unit)
            model.value_ = PurchaseValue.from_dir(folder, periods, terms.margin, terms.discount_rate)
        return model

    def _judge(self, found: dict[str, np.ndarray], data: TrainingData, parts: Parts) -> None:
        """Compare predictions with what came out, on the later rows."""
        later = parts.later if parts.later.any() else np.ones(len(data.target), dtype=bool)
        self.intervals_ = DecileIntervals().fit(found[self.method_][later], data.target[later])
        if not parts.later.any():
            return
        rows = data.part(later)
        self.level_ratios_ = {way: _level_ratio(prediction[later], rows) for way, prediction in found.items()}
        logger.info("predicted over actual spend of the later rows: %s", self.level_ratios_)

    def _take(self, X: Any) -> pd.DataFrame:
        frame = super()._take(X)
        if self.method_ != "stacked" or self.value_ is None:
            return frame
        return frame.assign(**self.value_.columns(self._histories(frame)))

    def _histories(self, X: Any) -> pd.DataFrame:
        """Give the rows of X, which hold a purchase summary."""
        check_unit(X, self.unit)
        frame = self.encoder_.take(X)
        check_columns(frame, list(HISTORY_COLUMNS), "X")
        if not len(frame):
            raise InputError(f"X must have at least one row; got the shape {frame.shape}.")
        return frame

    def _grown(self) -> SpendHurdle:
        check_is_fitted(self)
        if self.hurdle_ is None:
            raise InputError(
                "method='btyd' grows no trees; model.value_.columns(X) gives its parts, such as the "
                "probability that a customer still buys."
            )
        return self.hurdle_

    def _trees(self) -> dict[str, Boosting]:
        return {} if self.hurdle_ is None else self.hurdle_.trees()

    def _part(self, part: str | None) -> Boosting:
        self._grown()
        return super()._part(part)

    def _state(self) -> dict[str, Any]:
        ratios = {way: None if np.isnan(ratio) else ratio for way, ratio in self.level_ratios_.items()}
        return {
            "method": self.method_,
            "hurdle": None if self.hurdle_ is None else self.hurdle_.to_dict(),
            "intervals": None if self.intervals_ is None else self.intervals_.to_dict(),
            "level_ratios": ratios,
        }

    def _restore(self, state: dict[str, Any], trees: dict[str, Boosting]) -> None:
        self.method_, self.value_ = state["method"], None
        self.hurdle_ = None if state["hurdle"] is None else SpendHurdle.from_dict(state["hurdle"], trees)
        self.intervals_ = None if state["intervals"] is None else DecileIntervals.from_dict(state["intervals"])
        ratios = state["level_ratios"].items()
        self.level_ratios_ = {way: float("nan") if ratio is None else ratio for way, ratio in ratios}


def _level_ratio(prediction: np.ndarray, rows: TrainingData) -> float:
    weight = np.ones(len(prediction)) if rows.weight is None else rows.weight
    total = weight @ rows.target
    return float(weight @ prediction / total) if total > 0 else float("nan")

"""What a model of effects says of itself, and how it is stored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from nbo.checks import check_one_of
from nbo.models.boosted_model import BoostedModel
from nbo.models.boosting import Boosting
from nbo.models.calibration import CalibrationMethod
from nbo.models.uplift.fitting import FittedUplift

__all__ = ["EffectModel"]


class EffectModel(BoostedModel):
    """What a model of effects says of itself, and how it is stored. It is not a model by itself."""

    # Effects have no calibration of their own, and nothing says when to stop.
    calibration: CalibrationMethod = "none"
    early_stopping_rounds: int = 0
    learner: str

    control_: Any
    treatments_: np.ndarray
    fitted_: FittedUplift

    def feature_importance(self, part: str | None = None) -> pd.DataFrame:
        """Say how much each column moves the effect, not the outcome.

        Parameters
        ----------
        part : label, optional
            Which treatment, where there are several. By default the first.

        Returns
        -------
        DataFrame
            ``feature``, ``contribution`` (mean absolute contribution to the effect over up to 1,000 rows of `fit`, as
            of :meth:`explain`) and ``share`` of their sum, the largest first.

        Raises
        ------
        InputError
            If there is no such treatment.
        """
        check_is_fitted(self)
        moved = np.array(self.fitted_.importance[self._treatment(part) - 1])
        share = moved / max(moved.sum(), 1e-300)
        frame = pd.DataFrame({"feature": self.encoder_.names_, "contribution": moved, "share": share})
        return frame.sort_values(["contribution", "feature"], ascending=[False, True], ignore_index=True)

    @property
    def overlap_(self) -> pd.DataFrame:
        """How well the arms overlap."""
        return self.fitted_.overlap

    @property
    def average_effect_(self) -> pd.DataFrame:
        """Mean effect of each treatment, and whether predictions spread as effects do."""
        table = pd.DataFrame(self.fitted_.average, dtype=float)
        table.insert(0, "treatment", self.treatments_)
        return table

    def _uplift(self, X: Any) -> np.ndarray:
        threads = self._threads()
        return np.concatenate([self.fitted_.learner.uplift(matrix, threads) for matrix in self._matrices(X)])

    def _shares(self, X: Any, part: str | None, approximate: bool) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for matrix in self._matrices(X):
            shares = self.fitted_.learner.contributions(matrix, self._treatment(part), self._threads(), approximate)
            yield matrix, shares

    def _treatment(self, part: Any) -> int:
        treatments = self.treatments_.tolist()
        return 1 if part is None else 1 + treatments.index(check_one_of(part, treatments, "part"))

    def _trees(self) -> dict[str, Boosting]:
        return self.fitted_.learner.trees()

    def _state(self) -> dict[str, Any]:
        labels = {"control": self.control_, "treatments": self.treatments_.tolist()}
        return {**labels, "dtype": self.treatments_.dtype.str, **self.fitted_.to_dict()}

    def _restore(self, state: dict[str, Any], trees: dict[str, Boosting]) -> None:
        self.control_ = state["control"]
        self.treatments_ = np.array(state["treatments"], dtype=np.dtype(state["dtype"]))
        self.fitted_ = FittedUplift.from_dict(self.learner, state, trees)

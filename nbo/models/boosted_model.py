"""What the boosted models share: parameters, chunks of rows, reasons, files."""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from functools import partial
from operator import le
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
from joblib import effective_n_jobs
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from nbo import columns as c
from nbo.checks import check_one_of
from nbo.errors import InputError
from nbo.models.boosting import Boosting, BoostingSettings
from nbo.models.calibration import CALIBRATION_METHODS, CalibrationMethod
from nbo.models.encoding import FrameEncoder, is_frame
from nbo.models.explained_model import ExplainedModel
from nbo.models.monotone import monotone_directions
from nbo.models.splits import take_times
from nbo.models.storage import read_bundle, write_bundle
from nbo.models.targets import take_weights
from nbo.models.training_data import TrainingData
from nbo.models.training_progress import RoundCallback
from nbo.numbers import check_number

__all__ = ["BoostedModel", "row_chunks"]

_CHUNK_ROWS = 100_000


class BoostedModel(ExplainedModel):
    """What the boosted models share. It is not a model by itself.

    A subclass keeps its keyword arguments, learns in ``fit``, and says with ``_trees``,
    ``_state`` and ``_restore`` what it has learnt.
    """

    n_estimators: int
    learning_rate: float
    num_leaves: int
    min_child_samples: int
    calibration: CalibrationMethod
    calibration_share: float
    early_stopping_rounds: int
    n_jobs: int
    random_state: Any
    monotone: Mapping[str, int] | None = None
    linear_share: float = 0.0

    encoder_: FrameEncoder
    n_features_in_: int

    def to_dir(self, path: str | Path) -> None:
        """Write the model into a folder as JSON and LightGBM text.

        Parameters
        ----------
        path : str or Path
            The folder; it is made if it is not there.

        Raises
        ------
        InputError
            If a parameter is not a plain value, such as a `random_state` that is a generator.
        """
        check_is_fitted(self)
        state = {
            "params": {name: _plain(value) for name, value in self.get_params().items()},
            "encoder": self.encoder_.to_dict(),
            "n_features_in": self.n_features_in_,
            "feature_names_in": list(getattr(self, "feature_names_in_", [])),
            **self._state(),
        }
        write_bundle(path, type(self).__name__, state, self._trees())

    @classmethod
    def from_dir(cls, path: str | Path) -> Self:
        """Read a model that :meth:`to_dir` wrote; it predicts the same bits.

        Parameters
        ----------
        path : str or Path
            The folder.

        Returns
        -------
        model
            Fitted.

        Raises
        ------
        BundleError
            If a file is missing or altered, the format is newer, or it is another kind of model.
        """
        state, trees = read_bundle(path, cls.__name__)
        model = cls(**state["params"])
        model.encoder_ = FrameEncoder.from_dict(state["encoder"])
        model.n_features_in_ = state["n_features_in"]
        if state["feature_names_in"]:
            model.feature_names_in_ = np.array(state["feature_names_in"], dtype=object)
        model._restore(state, trees)
        return model

    @abstractmethod
    def _state(self) -> dict[str, Any]:
        """Give what else was learnt, as JSON values."""

    @abstractmethod
    def _restore(self, state: dict[str, Any], trees: dict[str, Boosting]) -> None:
        """Take back what `_state` and `_trees` gave."""

    def _take(self, X: Any) -> pd.DataFrame:
        return self.encoder_.take(X)

    def _fit_encoder(self, X: Any) -> pd.DataFrame:
        self.encoder_ = FrameEncoder(categories=(c.OFFER_ID, c.CHANNEL))
        self.n_features_in_ = self.encoder_.take(X).shape[1]
        # scikit-learn keeps names only where they were texts; a second fit forgets the first.
        self.__dict__.pop("feature_names_in_", None)
        if hasattr(X, "columns") and all(isinstance(name, str) for name in X.columns):
            self.feature_names_in_ = np.array(list(X.columns), dtype=object)
        frame = self._take(X)
        self.encoder_.fit(frame)
        self.encoder_.from_array_ = not is_frame(X)
        return frame

    def _training_data(
        self,
        frame: pd.DataFrame,
        target: np.ndarray,
        sample_weight: Any,
        time: Any,
        groups: Any,
        viewed: np.ndarray | None = None,
    ) -> TrainingData:
        weight = take_weights(sample_weight, len(frame))
        time = None if time is None else take_times(time)
        groups = None if groups is None else np.asarray(groups)
        for what, values in (("time", time), ("groups", groups)):
            if values is not None and len(values) != len(frame):
                raise InputError(f"{what} must have {len(frame)} rows, as X; got {len(values)}.")
        matrix = self.encoder_.transform(frame)
        data = TrainingData(matrix, target, weight, time, groups, tuple(self.encoder_.category_columns), viewed)
        # A row of weight zero is as good as absent, for the later rows too.
        return data if weight is None or weight.all() else data.part(weight > 0)

    def _matrices(self, X: Any) -> Iterator[np.ndarray]:
        check_is_fitted(self)
        frame = self._take(X)
        if not len(frame):
            raise InputError(f"X must have at least one row; got the shape {frame.shape}.")
        for rows in row_chunks(len(frame)):
            yield self.encoder_.transform(frame, rows)

    def _settings(self, seed: int, callbacks: tuple[RoundCallback, ...] = ()) -> BoostingSettings:
        for name, least in (("n_estimators", 1), ("num_leaves", 2), ("min_child_samples", 1)):
            allowed = f"a whole number, at least {least}"
            check_number(getattr(self, name), name, allowed, partial(le, least), whole=True)
        check_number(self.learning_rate, "learning_rate", "in (0, 1]", lambda rate: 0 < rate <= 1)
        check_number(self.linear_share, "linear_share", "in [0, 1]", lambda share: 0 <= share <= 1)
        if self.early_stopping_rounds is not None:
            rounds = self.early_stopping_rounds
            check_number(rounds, "early_stopping_rounds", "a whole number, 0 or more", lambda n: n >= 0, whole=True)
        check_one_of(self.calibration, CALIBRATION_METHODS, "calibration")
        return BoostingSettings(
            self.n_estimators,
            self.learning_rate,
            self.num_leaves,
            self.min_child_samples,
            self.early_stopping_rounds or 0,
            self._threads(),
            seed,
            monotone=monotone_directions(self.monotone, self.encoder_),
            linear_share=self.linear_share,
            callbacks=callbacks,
        )

    def _seed(self) -> int:
        try:
            return int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))
        except ValueError as error:
            raise InputError(f"random_state must be a whole number, a RandomState or None; {error}.") from error

    def _threads(self) -> int:
        if self.n_jobs is not None:
            check_number(self.n_jobs, "n_jobs", "a whole number other than 0", lambda n: n != 0, whole=True)
        return int(effective_n_jobs(self.n_jobs))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        return tags


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    return str(pd.Timedelta(value)) if isinstance(value, dt.timedelta) else value


def row_chunks(n_rows: int) -> Iterator[slice]:
    """Cut rows into chunks, so that memory stays bounded.

    Parameters
    ----------
    n_rows : int

    Yields
    ------
    slice
    """
    for start in range(0, n_rows, _CHUNK_ROWS):
        yield slice(start, min(start + _CHUNK_ROWS, n_rows))

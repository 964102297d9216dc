"""Boosted trees: the one place that trains and calls LightGBM."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np

from nbo.errors import BundleError
from nbo.models.holdout import Parts
from nbo.models.training_data import TrainingData
from nbo.rng import generator

__all__ = ["Boosting", "BoostingSettings", "train_boosting"]

Objective = Literal["binary", "gamma", "regression"]
_HIDDEN_SHARE = 0.1
_METRICS = {"binary": "binary_logloss", "gamma": "gamma", "regression": "l2"}

# Trees where nothing says when to stop: at the usual learning rate they take up about half of what they see.
_FEW_TREES = 15


@dataclass(frozen=True)
class BoostingSettings:
    """How trees are grown.

    Parameters
    ----------
    n_estimators : int
        Most trees.
    learning_rate : float
        Share of each tree that is taken, in (0, 1].
    num_leaves : int
        Most leaves of a tree.
    min_child_samples : int
        Fewest rows in a leaf.
    early_stopping_rounds : int
        Stop after so many trees without improvement on the later rows; 0 never stops.
    n_jobs : int
        Threads.
    seed : int
        Seed of LightGBM.
    hide : int, optional
        A column that is missing in a tenth of the training rows, so that the trees learn what
        the other columns say where it is not known.
    """

    n_estimators: int
    learning_rate: float
    num_leaves: int
    min_child_samples: int
    early_stopping_rounds: int
    n_jobs: int
    seed: int
    hide: int | None = None

    def parameters(self, objective: Objective) -> dict[str, Any]:
        """Give the parameters in LightGBM's words.

        Parameters
        ----------
        objective : {"binary", "gamma", "regression"}

        Returns
        -------
        dict
        """
        return {
            "objective": objective,
            "metric": _METRICS[objective],
            "learning_rate": self.learning_rate,
            "num_leaves": self.num_leaves,
            "min_child_samples": self.min_child_samples,
            # LightGBM's own 100 would hide every category that is rarer.
            "min_data_per_group": self.min_child_samples,
            "num_threads": self.n_jobs,
            "seed": self.seed,
            "deterministic": True,
            "force_row_wise": True,
            "verbosity": -1,
        }


class Boosting:
    """Trees in LightGBM's text format, or one constant score.

    Trees are read back from their text as soon as they are trained, so that a model that was
    stored and loaded gives the same bits.

    Parameters
    ----------
    text : str, default=""
        The trees; no text is a constant score.
    constant : float, default=0
        The raw score where there are no trees.

    Examples
    --------
    >>> Boosting(constant=-2.0).score(np.zeros((2, 3)))
    array([-2., -2.])
    """

    def __init__(self, text: str = "", constant: float = 0.0) -> None:
        self.text = text
        self.constant = constant

    @cached_property
    def _booster(self) -> Any:
        import lightgbm

        try:
            return lightgbm.Booster(model_str=self.text)
        except lightgbm.basic.LightGBMError as error:
            raise BundleError(f"the trees of the stored model can't be read: {error}") from error

    def __getstate__(self) -> dict[str, Any]:
        return {"text": self.text, "constant": self.constant}

    def score(self, matrix: np.ndarray, n_jobs: int = 1) -> np.ndarray:
        """Give raw scores.

        Parameters
        ----------
        matrix : ndarray of float, shape (n, p)
        n_jobs : int, default=1
            Threads; they change no bit.

        Returns
        -------
        ndarray of shape (n,)
            Log-odds of a binary model, log of the mean of a gamma model, the mean of a regression.
        """
        if not self.text or not len(matrix):
            return np.full(len(matrix), self.constant)
        return self._booster.predict(matrix, raw_score=True, num_threads=n_jobs)

    def contributions(self, matrix: np.ndarray, n_jobs: int = 1) -> np.ndarray:
        """Give what each column adds to the raw score, by TreeSHAP [1]_.

        Parameters
        ----------
        matrix : ndarray of float, shape (n, p)
        n_jobs : int, default=1
            Threads.

        Returns
        -------
        ndarray of shape (n, p + 1)
            The last column is the base; a row sums to its raw score.

        References
        ----------
        .. [1] Lundberg, S. M. et al. (2020). From local explanations to global understanding
           with explainable AI for trees. Nature Machine Intelligence 2.
        """
        if not self.text or not len(matrix):
            return np.column_stack([np.zeros(matrix.shape), np.full(len(matrix), self.constant)])
        return self._booster.predict(matrix, pred_contrib=True, num_threads=n_jobs)

    def importance(self, n_columns: int) -> tuple[np.ndarray, np.ndarray]:
        """Say how much each column is used.

        Parameters
        ----------
        n_columns : int
            Columns of the matrix.

        Returns
        -------
        gain, splits : ndarray of shape (n_columns,)
            Total gain in the loss, and the number of splits.
        """
        if not self.text:
            return np.zeros(n_columns), np.zeros(n_columns)
        return self._booster.feature_importance("gain"), self._booster.feature_importance("split")

    @property
    def n_trees(self) -> int:
        """Number of trees."""
        return int(self._booster.num_trees()) if self.text else 0


def train_boosting(
    data: TrainingData, settings: BoostingSettings, objective: Objective, stop: TrainingData | None = None
) -> Boosting:
    """Train trees, silently and with the same bits on every call.

    Parameters
    ----------
    data : TrainingData
        Rows to train on.
    settings : BoostingSettings
        How trees are grown.
    objective : {"binary", "gamma", "regression"}
        Labels, amounts above zero, or any numbers.
    stop : TrainingData, optional
        Other rows, on which early stopping looks.

    Returns
    -------
    Boosting
    """
    import lightgbm

    def dataset(rows: TrainingData, reference: Any = None) -> Any:
        return lightgbm.Dataset(
            rows.matrix,
            label=rows.target,
            weight=rows.weight,
            reference=reference,
            categorical_feature=list(rows.categories),
            params=settings.parameters(objective),
        )

    train = dataset(data if settings.hide is None else _hide(data, settings.hide, settings.seed))
    rounds = settings.early_stopping_rounds if stop is not None else 0
    booster = lightgbm.train(
        settings.parameters(objective),
        train,
        num_boost_round=settings.n_estimators,
        valid_sets=[dataset(stop, train)] if stop is not None and rounds > 0 else [],
        callbacks=[lightgbm.early_stopping(rounds, verbose=False)] if rounds > 0 else [],
    )
    return Boosting(booster.model_to_string(num_iteration=booster.best_iteration if rounds > 0 else None))


def _hide(data: TrainingData, column: int, seed: int) -> TrainingData:
    matrix = data.matrix.copy()
    matrix[generator(seed).random(len(matrix)) < _HIDDEN_SHARE, column] = np.nan
    return replace(data, matrix=matrix)


def train_twice(
    data: TrainingData, parts: Parts, settings: BoostingSettings, objective: Objective
) -> tuple[Boosting, Boosting]:
    """Train on the earlier rows with early stopping, then as many trees on all rows.

    Parameters
    ----------
    data : TrainingData
        All rows.
    parts : Parts
        Which rows are for what; without later rows there is only one training.
    settings : BoostingSettings
        How trees are grown.
    objective : {"binary", "gamma", "regression"}
        Labels, amounts above zero, or any numbers.

    Returns
    -------
    final, first : Boosting
        Trained on all rows, and the one that has not seen the later rows.
    """
    if not parts.later.any():
        few = replace(settings, n_estimators=min(settings.n_estimators, _FEW_TREES))
        only = train_boosting(data, few if parts.few else settings, objective)
        return only, only
    stop = data.part(parts.stop) if parts.stop.any() else None
    first = train_boosting(data.part(parts.train), settings, objective, stop)
    return train_boosting(data, replace(settings, n_estimators=first.n_trees), objective), first

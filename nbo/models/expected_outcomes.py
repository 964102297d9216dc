"""What customers are expected to do next, learnt out of fold, as columns for other models."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import TransformerMixin
from sklearn.utils.validation import check_is_fitted

from nbo.checks import check_columns, check_frame, check_numbers, check_rows
from nbo.errors import InputError
from nbo.models.boosted_model import BoostedModel
from nbo.models.boosting import Boosting, BoostingSettings, train_boosting
from nbo.models.training_data import TrainingData
from nbo.numbers import check_number
from nbo.rng import generator

__all__ = ["ExpectedOutcomes"]

# A name is that of a file as well.
_SAFE = re.compile(r"[\w.+-]+")


class ExpectedOutcomes(TransformerMixin, BoostedModel):
    """Add what customers are expected to do next, as columns for another model.

    Whether an offer is accepted is one bit, and much of it is chance. What a customer does anyway
    afterwards, such as how often and how much he or she buys, says more about him or her, and is known of
    all training rows, whatever they were offered. So models of such outcomes learn more from the
    same rows; what they expect of each row is a column for the model of the offer (surrogates [1]_,
    put into a second model as in stacking [2]_).

    For the rows of training the columns are made out of fold: by trees that have not seen any row
    of the same group. For all other rows trees of all training rows make them.

    Parameters
    ----------
    n_folds : int, default=5
        Parts of the groups, each left out once.
    n_estimators : int, default=100
        Trees of each model.
    learning_rate : float, default=0.05
        Share of each tree that is taken, in (0, 1].
    num_leaves : int, default=31
        Most leaves of a tree.
    min_child_samples : int, default=200
        Fewest rows in a leaf.
    n_jobs : int, default=1
        Threads.
    random_state : int, RandomState or None, default=0
        Seed of the folds.

    Attributes
    ----------
    outcomes_ : list of str
        The outcomes, in the order of `fit`.
    encoder_ : FrameEncoder
        The columns and their categories.

    References
    ----------
    .. [1] Athey, S., Chetty, R., Imbens, G. W. and Kang, H. (2019). The surrogate index: combining short-term
       proxies to estimate long-term treatment effects more rapidly and precisely. NBER working paper 26463.
    .. [2] Wolpert, D. H. (1992). Stacked generalization. Neural Networks 5(2).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"age": rng.integers(18, 80, 4000)})
    >>> later = pd.DataFrame({"visits": rng.poisson(np.where(X["age"] < 50, 4.0, 1.0))})
    >>> expected = ExpectedOutcomes(n_estimators=60)
    >>> columns = expected.fit_transform(X, later)
    >>> len(columns)
    4000
    >>> expected.transform(pd.DataFrame({"age": [30, 60]})).round(0)
       expected__visits
    0               4.0
    1               1.0
    """

    # Outcomes are numbers: nothing is calibrated, held out or started from a line.
    calibration = "none"
    calibration_share = 0.0
    early_stopping_rounds = 0

    outcomes_: list[str]
    trees_: list[Boosting]

    def __init__(
        self,
        n_folds: int = 5,
        n_estimators: int = 100,
        learning_rate: float = 0.05,
        num_leaves: int = 31,
        min_child_samples: int = 200,
        n_jobs: int = 1,
        random_state: Any = 0,
    ) -> None:
        self.n_folds = n_folds
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.num_leaves = num_leaves
        self.min_child_samples = min_child_samples
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(self, X: Any, y: Any, groups: Any = None) -> ExpectedOutcomes:
        """Learn what is to be expected of whom.

        Parameters
        ----------
        X : frame or array of shape (n, p)
            What was known of each row, as for a model: numbers, texts, categories, flags, missing values. Columns
            of the offer may be left out: then one answer serves all offers.
        y : frame of shape (n, k), Series or array
            The outcomes, numbers, one column each: what happened after `as_of`, of training rows only. Missing
            where it is not known, or where there is none, such as the mean basket of who bought nothing. Where
            a model is validated on later time, they must have been known before that.
        groups : array-like of shape (n,), optional
            Such as customer ids: what was learnt from other rows of a group is of no use for new ones.

        Returns
        -------
        ExpectedOutcomes
            Itself.

        Raises
        ------
        InputError
            If an outcome is never known, is infinite or not of numbers, or has no plain name, or `X` is not as
            models take it.
        """
        self._learn(X, y, groups)
        return self

    def fit_transform(self, X: Any, y: Any, groups: Any = None) -> pd.DataFrame:
        """Learn, and give the columns of the training rows, out of fold.

        Parameters
        ----------
        X, y, groups
            As for :meth:`fit`.

        Returns
        -------
        DataFrame of shape (n, k)
            As :meth:`transform`; each row by trees that have not seen its group.
        """
        data, outcomes, settings = self._learn(X, y, groups)
        fold = _folds(data, int(self.n_folds), settings.seed)
        expected = np.empty(outcomes.shape)
        for k in range(int(self.n_folds)):
            out = fold == k
            for place, target in enumerate(outcomes.T):
                trees = _train(data, np.where(out, np.nan, target), settings)
                expected[out, place] = trees.score(data.matrix[out], settings.n_jobs)
        return self._frame(expected, X)

    def transform(self, X: Any) -> pd.DataFrame:
        """Give what is expected of each row.

        Parameters
        ----------
        X : frame or array of shape (n, p)
            The columns of `fit`, in any order; others are ignored.

        Returns
        -------
        DataFrame of shape (n, k)
            A column ``expected__<outcome>`` for each; with the index of `X`, if it is a pandas frame.

        Raises
        ------
        InputError
            If `X` is not as fitted.
        """
        chunks = [
            np.column_stack([trees.score(matrix, self._threads()) for trees in self.trees_])
            for matrix in self._matrices(X)
        ]
        return self._frame(np.concatenate(chunks), X)

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Give the names of the columns.

        Parameters
        ----------
        input_features : object, optional
            Of no effect.

        Returns
        -------
        ndarray of str
        """
        check_is_fitted(self)
        return np.array([f"expected__{name}" for name in self.outcomes_], dtype=object)

    def _learn(self, X: Any, y: Any, groups: Any) -> tuple[TrainingData, np.ndarray, BoostingSettings]:
        check_number(self.n_folds, "n_folds", "a whole number, at least 2", lambda n: n >= 2, whole=True)
        frame = self._fit_encoder(X)
        settings = self._settings(self._seed())
        outcomes = _outcomes(y, len(frame))
        data = self._training_data(frame, np.zeros(len(frame)), None, None, groups)
        self.outcomes_ = [str(name) for name in outcomes.columns]
        targets = outcomes.to_numpy()
        self.trees_ = [_train(data, target, settings) for target in targets.T]
        return data, targets, settings

    def _frame(self, expected: np.ndarray, X: Any) -> pd.DataFrame:
        index = X.index if isinstance(X, pd.DataFrame) else None
        return pd.DataFrame(expected, columns=list(self.get_feature_names_out()), index=index)

    def _trees(self) -> dict[str, Boosting]:
        return dict(zip(self.outcomes_, self.trees_, strict=True))

    def _state(self) -> dict[str, Any]:
        return {"outcomes": self.outcomes_}

    def _restore(self, state: dict[str, Any], trees: dict[str, Boosting]) -> None:
        self.outcomes_ = state["outcomes"]
        self.trees_ = [trees[name] for name in self.outcomes_]


def _outcomes(y: Any, n_rows: int) -> pd.DataFrame:
    frame = check_frame(y, "y")
    if len(frame) != n_rows or not frame.shape[1]:
        raise InputError(
            f"y must have {n_rows} rows, as X, and an outcome in each column; got the shape {frame.shape}."
        )
    check_columns(frame, list(frame.columns), "y")
    columns = {}
    for name in frame.columns:
        if not _SAFE.fullmatch(str(name)):
            raise InputError(f"an outcome must be named by letters, digits, '_', '.', '+' and '-'; got {name!r}.")
        values = columns[str(name)] = check_numbers(frame[name], f"y.{name}")
        check_rows(np.isinf(values), values, f"y.{name}", "finite, or missing")
        if np.isnan(values).all():
            raise InputError(f"the outcome {name} is not known of any of the {n_rows} rows.")
    return pd.DataFrame(columns)


def _train(data: TrainingData, target: np.ndarray, settings: BoostingSettings) -> Boosting:
    known = ~np.isnan(target)
    return train_boosting(replace(data, target=target).part(known), settings, "regression")


def _folds(data: TrainingData, n_folds: int, seed: int) -> np.ndarray:
    n_rows = len(data.target)
    keys = np.arange(n_rows) if data.groups is None else pd.factorize(data.groups, use_na_sentinel=False)[0]
    if keys.max() + 1 < n_folds:
        raise InputError(f"n_folds must not exceed the number of groups, {keys.max() + 1}; got {n_folds}.")
    folds: np.ndarray = generator(seed).permutation(keys.max() + 1)[keys] % n_folds
    return folds

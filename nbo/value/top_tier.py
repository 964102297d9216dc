"""Who will come to belong to the most valuable customers."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from nbo import columns as c
from nbo.errors import InputError
from nbo.models import ChurnModel, CLVModel
from nbo.models.calibration import CalibrationMethod
from nbo.models.storage import read_bundle, write_bundle
from nbo.tables import CustomerTables, Spine
from nbo.value.entered_top_tier import entered_top_tier

__all__ = ["TopTierModel"]

_ENTRY, _VALUE = "entry", "value"


class TopTierModel(ClassifierMixin, BaseEstimator):
    """Predict who enters the top tier of customers within the horizon, and what they will bring.

    It is for customers who are not there yet. Two boosted models on the features at `as_of`: the probability of
    entering, calibrated on the latest rows, and the money within the horizon.

    Parameters
    ----------
    horizon : str or timedelta, default="180D"
        How far to look ahead; also the length of the window before by which the tier is told.
    top : float, default=0.2
        Share of the customers that are in the top tier, in (0, 1).
    column : {"margin", "amount"}, default="margin"
        The money that counts.
    n_estimators : int, default=300
        Most trees, of each part.
    learning_rate : float, default=0.05
        Share of each tree that is taken, in (0, 1].
    num_leaves : int, default=8
        Most leaves of a tree.
    min_child_samples : int, default=20
        Fewest rows in a leaf.
    calibration : {"beta", "sigmoid", "isotonic", "shift", "none"}, default="beta"
        How raw scores become probabilities.
    n_jobs : int, default=1
        Threads.
    random_state : int, RandomState or None, default=0
        Seed of a random holdout.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        The labels; the second one is entering.
    entry_ : ChurnModel
        The classifier of what happens within the horizon: here, entering.
    value_ : CLVModel or None
        What they will bring; None where no values were given.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"orders": rng.integers(0, 5, 3000)})
    >>> value = rng.gamma(2.0, 10.0 * (1 + X["orders"]))
    >>> model = TopTierModel(n_estimators=60).fit(X, value > 120, value=value)
    >>> model.rank(pd.DataFrame({"orders": [0, 4]}, index=["ann", "bob"])).index.tolist()
    ['bob', 'ann']
    """

    def __init__(
        self,
        horizon: Any = "180D",
        top: float = 0.2,
        column: Literal["margin", "amount"] = "margin",
        n_estimators: int = 300,
        learning_rate: float = 0.05,
        num_leaves: int = 8,
        min_child_samples: int = 20,
        calibration: CalibrationMethod = "beta",
        n_jobs: int = 1,
        random_state: Any = 0,
    ) -> None:
        self.horizon = horizon
        self.top = top
        self.column = column
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.num_leaves = num_leaves
        self.min_child_samples = min_child_samples
        self.calibration = calibration
        self.n_jobs = n_jobs
        self.random_state = random_state

    def labels(self, tables: CustomerTables, spine: Spine, until: Any = None) -> pd.DataFrame:
        """Label the customers who are not in the tier yet, and whose window is over.

        Parameters
        ----------
        tables : CustomerTables
            With transactions.
        spine : Spine of n rows
            All customers of each moment.
        until : Timestamp or str, optional
            End of the data.

        Returns
        -------
        DataFrame
            As :func:`entered_top_tier` gives it, with ``customer_id`` and ``as_of``; ``X.loc[found.index]`` are the
            features that belong to it.

        Raises
        ------
        InputError
            If there are no transactions, or a setting is not allowed.
        """
        found = entered_top_tier(tables, spine, self.horizon, self.top, self.column, until=until)
        return spine.frame[[c.CUSTOMER_ID, c.AS_OF]].join(found[~found["already"]], how="inner")

    def fit(
        self, X: Any, y: Any, value: Any = None, sample_weight: Any = None, time: Any = None, groups: Any = None
    ) -> TopTierModel:
        """Learn who enters, and what they bring.

        Parameters
        ----------
        X : frame or array of shape (n, p)
            Features at `as_of` of customers who are not in the tier.
        y : array-like of shape (n,)
            1 (or the second of two labels) where the customer entered.
        value : array-like of shape (n,), optional
            What each brought within the horizon, money.
        sample_weight : array-like of shape (n,), optional
            Weight of each row, 0 or more.
        time : array-like of shape (n,), optional
            The `as_of` of each row, UTC. The latest rows are held out.
        groups : array-like of shape (n,), optional
            Such as customer ids; without `time`, rows of one group stay together.

        Returns
        -------
        TopTierModel
            Itself.

        Raises
        ------
        InputError
            If there are no rows, `X` holds times or infinity, or `y` is not of two classes.
        """
        rows = {"sample_weight": sample_weight, "time": time, "groups": groups}
        self.entry_ = ChurnModel(**self._settings()).fit(X, y, **rows)
        self.value_ = None if value is None else CLVModel(**self._settings(), method="gbm").fit(X, value, **rows)
        self.classes_, self.n_features_in_ = self.entry_.classes_, self.entry_.n_features_in_
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Give the probabilities of staying below and of entering.

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
        check_is_fitted(self)
        return self.entry_.predict_proba(X)

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
        check_is_fitted(self)
        return self.entry_.predict(X)

    def predict_value(self, X: Any) -> np.ndarray:
        """Give the expected money within the horizon.

        Parameters
        ----------
        X : frame or array of shape (n, p)
            As for :meth:`predict_proba`.

        Returns
        -------
        ndarray of shape (n,)
            0 or more.

        Raises
        ------
        InputError
            If the model was fitted without values, or `X` is not as fitted.
        """
        check_is_fitted(self)
        if self.value_ is None:
            raise InputError("the model has learnt no values: call fit(X, y, value=...).")
        return self.value_.predict(X)

    def rank(self, X: pd.DataFrame) -> pd.DataFrame:
        """List customers, the likeliest to enter first.

        Parameters
        ----------
        X : DataFrame of n rows
            As for :meth:`predict_proba`, indexed by customer.

        Returns
        -------
        DataFrame of n rows
            With the index of `X`: ``probability`` and, where values were learnt, ``expected_value``.

        Raises
        ------
        InputError
            If `X` is not as fitted.
        """
        found = pd.DataFrame({"probability": self.predict_proba(X)[:, 1]}, index=X.index)
        if self.value_ is not None:
            found["expected_value"] = self.predict_value(X)
        return found.sort_values("probability", ascending=False, kind="stable")

    def to_dir(self, path: str | Path) -> None:
        """Write the model into a folder as JSON and LightGBM text.

        Parameters
        ----------
        path : str or Path
            The folder; it is made if it is not there.

        Raises
        ------
        InputError
            If a parameter is not a plain value.
        """
        check_is_fitted(self)
        self.entry_.to_dir(Path(path) / _ENTRY)
        if self.value_ is not None:
            self.value_.to_dir(Path(path) / _VALUE)
        params = {**self.get_params(), "horizon": str(self.horizon)}
        write_bundle(path, type(self).__name__, {"params": params, "values": self.value_ is not None}, {})

    @classmethod
    def from_dir(cls, path: str | Path) -> Self:
        """Read a model that :meth:`to_dir` wrote; it predicts the same bits.

        Parameters
        ----------
        path : str or Path
            The folder.

        Returns
        -------
        TopTierModel
            Fitted.

        Raises
        ------
        BundleError
            If a file is missing or altered, the format is newer, or it is another kind of model.
        """
        state, _ = read_bundle(path, cls.__name__)
        model = cls(**state["params"])
        model.entry_ = ChurnModel.from_dir(Path(path) / _ENTRY)
        model.value_ = CLVModel.from_dir(Path(path) / _VALUE) if state["values"] else None
        model.classes_, model.n_features_in_ = model.entry_.classes_, model.entry_.n_features_in_
        return model

    def _settings(self) -> dict[str, Any]:
        """Give what both parts share."""
        shared = self.get_params()
        del shared["top"], shared["column"]
        return shared

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        return tags

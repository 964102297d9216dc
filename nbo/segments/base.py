"""What every segmenter is: labels for customers, a description, and JSON."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from typing import Any, Final, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from nbo import columns as c
from nbo.checks import check_frame
from nbo.errors import InputError
from nbo.states import check_state, plain_value

__all__ = ["Segmenter"]

_FORMAT = 1
# Types of the columns of `table_`; all others hold floats.
_TYPES: Final[dict[str, Any]] = {c.SEGMENT: "str", "rule": "str", "best_offer": "str", "n": "int64"}


class Segmenter(BaseEstimator, ABC):
    """Put customers into named segments by their features.

    Attributes
    ----------
    table_ : DataFrame
        One row per segment, with the columns `segment`, `rule` and whatever the segmenter
        learnt about it.
    """

    table_: pd.DataFrame

    @abstractmethod
    def fit(
        self,
        X: pd.DataFrame,
        accepted: np.ndarray | None = None,
        offer_id: np.ndarray | None = None,
        action_probability: np.ndarray | None = None,
    ) -> Self:
        """Learn the segments.

        Parameters
        ----------
        X : DataFrame of shape (n, any)
            Features; one row per customer, or per decision where answers are given.
        accepted : array-like of shape (n,), optional
            Reward of each decision, in [0, 1].
        offer_id : array-like of shape (n,), optional
            Offer made.
        action_probability : array-like of shape (n,), optional
            Probability with which the offer was drawn, in (0, 1].

        Returns
        -------
        Segmenter
            Itself.

        Raises
        ------
        InputError
            If something that the segmenter needs is missing or not allowed.
        """

    @abstractmethod
    def _labels(self, X: pd.DataFrame) -> np.ndarray:
        """Give the label of each row of a frame that is checked."""

    @abstractmethod
    def _learnt(self) -> dict[str, Any]:
        """Give what `fit` has learnt, except `table_`, as JSON values."""

    @abstractmethod
    def _restore(self, learnt: dict[str, Any]) -> None:
        """Take back what `_learnt` gave."""

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        """Label customers.

        Parameters
        ----------
        X : DataFrame of shape (n, any)
            The columns seen in `fit`, in any order; others may be there too.

        Returns
        -------
        ndarray of str, shape (n,)

        Raises
        ------
        InputError
            If a column is missing or of another type.
        """
        check_is_fitted(self, "table_")
        return self._labels(check_frame(X, "X").reset_index(drop=True))

    def describe(self) -> pd.DataFrame:
        """Say in words what the segments are.

        Returns
        -------
        DataFrame
            One row per segment: `segment`, `rule`, `n` (rows in `fit`), `share` of them, and
            whatever else the segmenter knows.
        """
        check_is_fitted(self, "table_")
        return self.table_.copy()

    @property
    def scheme(self) -> str:
        """Short name of what was learnt, 12 hexadecimal digits: labels of another scheme mean other customers."""
        text = json.dumps(self.to_dict(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def to_dict(self) -> dict[str, Any]:
        """Give the fitted segmenter as JSON values.

        Returns
        -------
        dict
        """
        check_is_fitted(self, "table_")
        return {
            "segmenter": type(self).__name__,
            "format": _FORMAT,
            "parameters": plain_value(self.get_params(deep=False)),
            "learnt": self._learnt(),
            "table": {name: _plain(self.table_[name]) for name in self.table_},
        }

    @classmethod
    def from_dict(cls, state: dict[str, Any]) -> Self:
        """Rebuild a segmenter.

        Parameters
        ----------
        state : dict
            Of :meth:`to_dict`, also after a way through JSON text.

        Returns
        -------
        Segmenter
            Gives the same labels.

        Raises
        ------
        InputError
            If the state is of another segmenter, of another format, or incomplete.
        """
        state = check_state(
            state, "segmenter", cls.__name__, _FORMAT, {"parameters": dict, "learnt": dict, "table": dict}
        )
        unknown = sorted(set(state["parameters"]) - set(cls._get_param_names()))
        if unknown:
            raise InputError(f"state of {cls.__name__} is altered: it has no parameter {unknown[0]!r}.")
        segmenter = cls(**state["parameters"])
        segmenter._restore(state["learnt"])
        table = {name: pd.Series(values, dtype=_TYPES.get(name, "float64")) for name, values in state["table"].items()}
        segmenter.table_ = pd.DataFrame(table)
        return segmenter


def _plain(column: pd.Series) -> list[Any]:
    return [None if pd.isna(value) else value for value in column.tolist()]

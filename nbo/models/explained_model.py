"""Why a boosted model scores as it does: contributions, reasons, importance."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from nbo.checks import check_one_of
from nbo.models.boosting import Boosting
from nbo.models.column_descriptions import describe_columns
from nbo.models.encoding import FrameEncoder
from nbo.models.reasons import top_reasons
from nbo.numbers import check_number

__all__ = ["ExplainedModel"]

_BASE = "base"


class ExplainedModel(BaseEstimator, ABC):
    """What the boosted models share to explain themselves. It is not a model by itself."""

    encoder_: FrameEncoder

    def explain(
        self,
        X: Any,
        part: str | None = None,
        by: Literal["column", "data_type"] = "column",
        features: Any = None,
        approximate: bool = False,
    ) -> pd.DataFrame:
        """Say what each column, or each data type, adds to the raw score of each row.

        The shares are Shapley values of the trees (TreeSHAP [1]_). They explain the raw score,
        in log-odds for a probability and in logs of money for a spend, before calibration. They
        take far longer than the score itself: explain the rows that get an offer.

        Parameters
        ----------
        X : frame or array of shape (n, p)
            As for prediction.
        part : str, optional
            Which trees, where a model has several. By default the first.
        by : {"column", "data_type"}, default="column"
            Whether the shares of the columns of one data type are added up.
        features : FeatureSet, DataFrame or mapping of str to str, optional
            What tells the data types: a fitted set, its ``describe()``, or column to data type. By
            default the names do, ``<table>__...``; the rest is "other".
        approximate : bool, default=False
            Whether to follow each row's path through the trees instead: about two predictions in
            time, and another first reason than TreeSHAP's for a third of the rows.

        Returns
        -------
        DataFrame of shape (n, columns + 1)
            One column per column of the model, or per data type, and ``base``; a row sums to its
            raw score.

        Raises
        ------
        InputError
            If `X` is not as fitted, or there is no such part.

        References
        ----------
        .. [1] Lundberg, S. M. et al. (2020). From local explanations to global understanding
           with explainable AI for trees. Nature Machine Intelligence 2.
        """
        check_one_of(by, ("column", "data_type"), "by")
        names = self._fitted_names()
        shares = [share for _, share in self._shares(X, part, approximate)]
        table = pd.DataFrame(np.concatenate(shares), columns=[*names, _BASE])
        if by == "column":
            return table
        data_types = describe_columns(names, features)["data_type"].tolist()
        return table.T.groupby([*data_types, _BASE], sort=False).sum().T

    def reasons(
        self, X: Any, k: int = 3, features: Any = None, part: str | None = None, approximate: bool = False
    ) -> pd.DataFrame:
        """Give the columns that move each row's score most, in plain words.

        Parameters
        ----------
        X : frame or array of shape (n, p)
            As for prediction.
        k : int, default=3
            Most reasons for a row.
        features : FeatureSet, DataFrame or mapping of str to str, optional
            As for :meth:`explain`; a set or its ``describe()`` also gives the meaning of a column in
            words. By default its name stands for it.
        part : str, optional
            Which trees, where a model has several. By default the first.
        approximate : bool, default=False
            As for :meth:`explain`.

        Returns
        -------
        DataFrame
            ``row`` (0 is the first of `X`), ``rank`` (1 moves the score most), ``column``,
            ``data_type``, ``value`` (as the model takes it: a category it has never seen is
            missing), ``direction`` ("raises" or "lowers"), ``contribution`` (to the raw score)
            and ``sentence``. Up to k rows for a row of `X`; columns that add nothing are no reason.

        Raises
        ------
        InputError
            If k is not a whole number above 0, `X` is not as fitted, or there is no such part.
        """
        check_number(k, "k", "a whole number, at least 1", lambda n: n >= 1, whole=True)
        described = describe_columns(self._fitted_names(), features)
        tables, n_before = [], 0
        for matrix, shares in self._shares(X, part, approximate):
            table = top_reasons(shares[:, :-1], matrix, described, self.encoder_.values_, int(k))
            tables.append(table.assign(row=table["row"] + n_before))
            n_before += len(matrix)
        return pd.concat(tables, ignore_index=True)

    def feature_importance(self, part: str | None = None) -> pd.DataFrame:
        """Say how much each column is used.

        Parameters
        ----------
        part : str, optional
            Which trees, where a model has several. By default the first.

        Returns
        -------
        DataFrame
            ``feature``, ``gain`` (share of the total gain in the loss, in [0, 1]) and ``splits``
            (how many), the most used first.
        """
        boosting = self._part(part)
        gain, splits = boosting.importance(len(self.encoder_.names_))
        frame = pd.DataFrame(
            {"feature": self.encoder_.names_, "gain": gain / max(gain.sum(), 1e-300), "splits": splits.astype(int)}
        )
        return frame.sort_values(["gain", "feature"], ascending=[False, True], ignore_index=True)

    @abstractmethod
    def _trees(self) -> dict[str, Boosting]:
        """Give the trees by name."""

    @abstractmethod
    def _matrices(self, X: Any) -> Iterator[np.ndarray]:
        """Give the encoded rows, in chunks."""

    @abstractmethod
    def _threads(self) -> int:
        """Give how many threads to use."""

    def _fitted_names(self) -> list[str]:
        check_is_fitted(self)
        return self.encoder_.names_

    def _shares(self, X: Any, part: str | None, approximate: bool) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        boosting = self._part(part)
        explain = boosting.path_contributions if approximate else boosting.contributions
        for matrix in self._matrices(X):
            yield matrix, explain(matrix, self._threads())

    def _part(self, part: str | None) -> Boosting:
        check_is_fitted(self)
        trees = self._trees()
        return trees[check_one_of(part or next(iter(trees)), list(trees), "part")]

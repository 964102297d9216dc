"""Customers drawn from a model, and what a single one of them may do."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from nbo.checks import check_frame
from nbo.errors import ConvergenceError, InputError
from nbo.models.btyd.collapsed import Collapsed, collapse
from nbo.models.btyd.covariance import parameter_draws
from nbo.models.btyd.histories import take_columns, take_histories
from nbo.models.btyd.levels import tails
from nbo.models.btyd.mixtures import mixture_quantiles
from nbo.models.btyd.purchase_model import PurchaseModel
from nbo.numbers import check_number
from nbo.rng import generator

__all__ = ["DrawnPurchases"]


class DrawnPurchases(PurchaseModel):
    """A model of purchases that customers can be drawn from. It is not a model by itself.

    A subclass draws the future of customers who are alive (`_draw_future`) and whole histories
    (`_draw_histories`).
    """

    def predictive_interval(
        self, X: Any, t: float, level: float = 0.9, draws: int = 4000, rng: int | np.random.Generator | None = 0
    ) -> np.ndarray:
        """Give the interval in which the number of purchases itself will lie.

        It says what a single customer may do, while :meth:`expectation_interval` says how well
        the mean of such customers is known, and is far narrower. Lives of customers who are alive are
        drawn for each different history; the chance to be alive is exact.

        Parameters
        ----------
        X : DataFrame of shape (n, ...)
            Histories, as for :meth:`fit`.
        t : float
            How far to look ahead, in the time unit of the histories.
        level : float, default=0.9
            Least probability of the interval, in (0, 1).
        draws : int, default=4000
            For each history.
        rng : int, Generator or None, default=0
            Seed.

        Returns
        -------
        ndarray of int, shape (n, 2)
            Lowest and highest number of purchases, both included.

        Raises
        ------
        InputError
            If a row can't be a history, or an argument is not allowed.
        """
        levels = tails(level)
        check_number(draws, "draws", "a whole number, at least 100", lambda value: value >= 100, whole=True)
        rows, generate = self._histories(X, t), generator(rng)
        pairs = self._pairs(rows)
        alive = self._alive(self._values(rows), rows)

        def draw(some: Collapsed) -> np.ndarray:
            return self._draw_future(self._values(some), some, draws, generate)

        return mixture_quantiles(alive, pairs, draw, levels, draws)[rows.inverse]

    def expectation_interval(
        self,
        X: Any,
        t: float,
        level: float = 0.9,
        draws: int = 200,
        rng: int | np.random.Generator | None = 0,
        parameters: pd.DataFrame | None = None,
    ) -> np.ndarray:
        """Give the interval of the expected purchases that comes from not knowing the parameters.

        Parameters
        ----------
        X : DataFrame of shape (n, ...)
            Histories, as for :meth:`fit`.
        t : float
            How far to look ahead, in the time unit of the histories.
        level : float, default=0.9
            In (0, 1).
        draws : int, default=200
            Of the parameters, from the normal approximation of their logs.
        rng : int, Generator or None, default=0
            Seed.
        parameters : DataFrame of shape (draws, k), optional
            Draws to take instead, such as those of :meth:`bootstrap`.

        Returns
        -------
        ndarray of shape (n, 2)

        Raises
        ------
        InputError
            If a row can't be a history, an argument is not allowed, or the data do not tell the
            parameters.
        """
        levels = tails(level)
        rows = self._histories(X, t)
        drawn = self.draw_parameters(draws, rng) if parameters is None else parameters
        table = [
            self._expected(rows, dict(zip(self.params_, row, strict=True)))
            for row in drawn[list(self.params_)].to_numpy().tolist()
        ]
        return np.quantile(np.array(table), levels, axis=0).T[rows.inverse]

    def draw_parameters(self, draws: int = 200, rng: int | np.random.Generator | None = 0) -> pd.DataFrame:
        """Draw parameters as uncertain as the fit leaves them.

        Parameters
        ----------
        draws : int, default=200
        rng : int, Generator or None, default=0
            Seed.

        Returns
        -------
        DataFrame of shape (draws, k)

        Raises
        ------
        InputError
            If the data do not tell the parameters.
        """
        check_is_fitted(self)
        check_number(draws, "draws", "a whole number, at least 1", lambda value: value >= 1, whole=True)
        return parameter_draws(self.params_, self.covariance_, self._names, draws, generator(rng))

    def simulate(
        self, n: int, T: Any, rng: int | np.random.Generator | None = None, covariates: Any = None
    ) -> pd.DataFrame:
        """Draw customers from the fitted model.

        Parameters
        ----------
        n : int
            Customers.
        T : float or array-like of shape (n,)
            How long each is observed.
        rng : int, Generator or None, optional
            Seed.
        covariates : DataFrame of shape (n, ...), optional
            Needed if the model has covariates.

        Returns
        -------
        DataFrame of n rows
            The history, the covariates, whether the customer is still ``alive``, and the hidden rates.

        Raises
        ------
        InputError
            If an argument is not allowed.
        """
        check_number(n, "n", "a whole number, 0 or more", lambda value: value >= 0, whole=True)
        frame = self._empty_histories(np.broadcast_to(np.asarray(T, dtype=float), (n,)), covariates)
        columns = take_histories(frame, self._end, self._covariates(), self._whole)
        rows = collapse(columns)
        values = [np.asarray(value) for value in self._values(rows)]
        each = [np.full(n, value) if value.ndim == 0 else value[rows.inverse] for value in values]
        drawn = self._draw_histories(each, columns[self._end], generator(rng))
        extra = {name: columns[name] for name in self._covariates()}
        history = {"frequency": drawn["frequency"].astype(int), "recency": drawn["recency"]}
        return pd.DataFrame({**history, self._end: columns[self._end], **extra, **drawn} | history)

    def bootstrap(self, X: Any, repeats: int = 100, rng: int | np.random.Generator | None = 0) -> pd.DataFrame:
        """Draw parameters by fitting to customers drawn from the model (parametric bootstrap).

        Parameters
        ----------
        X : DataFrame of shape (n, ...)
            The customers of the fit: how long each was observed, and the covariates, are kept.
        repeats : int, default=100
        rng : int, Generator or None, default=0
            Seed.

        Returns
        -------
        DataFrame of shape (up to repeats, k)
            Draws that carry no fit are left out.

        Raises
        ------
        InputError
            If a row can't be a history.
        """
        check_number(repeats, "repeats", "a whole number, at least 1", lambda value: value >= 1, whole=True)
        frame, generate = check_frame(X, "X"), generator(rng)
        lengths = take_columns(frame, [self._end])[self._end]
        found = []
        for _ in range(repeats):
            drawn = self.simulate(len(frame), lengths, generate, frame if self._covariates() else None)
            try:
                found.append(clone(self).fit(drawn).params_)
            except (InputError, ConvergenceError):
                continue
        return pd.DataFrame(found, columns=list(self.params_))

    @abstractmethod
    def _draw_future(self, values: list[Any], rows: Collapsed, draws: int, rng: np.random.Generator) -> np.ndarray:
        """Draw purchases within the column t of those who are alive, of shape (m, draws)."""

    @abstractmethod
    def _draw_histories(
        self, values: list[np.ndarray], length: np.ndarray, rng: np.random.Generator
    ) -> dict[str, np.ndarray]:
        """Draw frequency, recency, alive and the hidden rates."""

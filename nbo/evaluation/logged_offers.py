"""Offers that were made by chance: what a model earns that makes its best offer to each customer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_probabilities, check_rows
from nbo.errors import InputError
from nbo.evaluation.scores import SCORES, Score

__all__ = ["ABLATION_SCORES", "POLICY_VALUE", "LoggedOffers", "few_agree"]

POLICY_VALUE: Final = "policy_value"
# Rows that agree with a model's choices, weighed by their chance, that a value should rest on.
_FEWEST = 100


@dataclass(frozen=True)
class LoggedOffers:
    """Which offer each row was made, and how likely it was.

    Parameters
    ----------
    offers : Series
        Each offer once, in the type that models see.
    number : ndarray of int, shape (n,)
        Which of them each row was made.
    probability : ndarray of shape (n,)
        With which it was drawn.
    """

    offers: pd.Series
    number: np.ndarray
    probability: np.ndarray

    @classmethod
    def of(cls, X: pd.DataFrame, action_probability: Any, asked: list[str]) -> LoggedOffers:
        """Read offers and probabilities.

        Parameters
        ----------
        X : DataFrame of n rows
        action_probability : array-like of shape (n,)
        asked : list of str
            Columns that all models see.

        Returns
        -------
        LoggedOffers

        Raises
        ------
        InputError
            If not all models see `offer_id`, one is missing, or a probability is not allowed.
        """
        if c.OFFER_ID not in asked:
            raise InputError("policy_value needs the column offer_id in X, and no data type for it: all models choose.")
        if np.shape(action_probability) != (len(X),):
            raise InputError(f"action_probability must have {len(X)} rows, as X; got {np.shape(action_probability)}.")
        probability = check_probabilities(action_probability, "action_probability", zero=False)
        column = X[c.OFFER_ID]
        check_rows(column.isna().to_numpy(), column, "X.offer_id", "there in every row")
        offers = column.drop_duplicates().reset_index(drop=True)
        return cls(offers, pd.Index(offers).get_indexer(column), probability)

    def take(self, rows: np.ndarray) -> LoggedOffers:
        """Give some of the rows."""
        return LoggedOffers(self.offers, self.number[rows], self.probability[rows])

    def asking(self, predict: Callable[[Any, pd.DataFrame], np.ndarray]) -> Callable[[Any, pd.DataFrame], np.ndarray]:
        """Make a question about one offer one about all.

        Parameters
        ----------
        predict : callable
            From a fitted model and t rows to predictions of shape (t,).

        Returns
        -------
        callable
            From a fitted model and t rows to predictions of shape (t, k), were each row made each offer.
        """

        def of_all(model: Any, X: pd.DataFrame) -> np.ndarray:
            same = (self.offers.iloc[np.full(len(X), place)].set_axis(X.index) for place in range(len(self.offers)))
            return np.column_stack([predict(model, X.assign(**{c.OFFER_ID: offer})) for offer in same])

        return of_all

    def weights(self, predictions: np.ndarray) -> np.ndarray:
        """Weigh rows that were made the offer that a model predicts most of, by their chance of being made it.

        Parameters
        ----------
        predictions : ndarray of shape (n, k)
            Of offers that are equally good, each is chosen as often as the others.

        Returns
        -------
        ndarray of shape (n,)
            0 where the model would have chosen another.
        """
        best = predictions == predictions.max(axis=1, keepdims=True)
        chosen = best[np.arange(len(best)), self.number]
        return np.asarray(chosen / best.sum(axis=1) / self.probability)


def few_agree(weights: np.ndarray) -> tuple[str, ...]:
    """Warn where values of policies rest on few rows.

    Parameters
    ----------
    weights : ndarray of shape (k, n)
        Of the rows, for each of k models.

    Returns
    -------
    tuple of str
    """
    squares = np.maximum((weights**2).sum(axis=1), np.finfo(float).tiny)
    least = int((weights.sum(axis=1) ** 2 / squares).min())
    if least >= _FEWEST:
        return ()
    return (f"a {POLICY_VALUE} rests on what {least} rows would say that were all drawn alike; take more test rows.",)


def _policy_value(target: np.ndarray, logged: np.ndarray, part: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Give the mean target where a model's choices were made, self-normalized; `logged` weighs the rows."""
    total = logged @ weights
    return np.divide((logged * target) @ weights, total, out=np.full(total.shape, np.nan), where=total > 0)


ABLATION_SCORES: Final[dict[str, Score]] = {
    **SCORES,
    POLICY_VALUE: Score("policy value", True, 1, ".4g", _policy_value),
}

"""Recency, frequency and money: the classical segments of customers who buy."""

from __future__ import annotations

from typing import Any, Final, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_numbers, check_rows
from nbo.segments.base import Segmenter
from nbo.states import check_parts

__all__ = ["RFMSegmenter"]

_QUANTILES: Final = (0.2, 0.4, 0.6, 0.8)
_NO_PURCHASE: Final = "no_purchase"
# Rows: recency score 1 (long ago) to 5 (just now); columns: mean of frequency and money score, 1 to 5.
_CELLS: Final = np.array(
    [
        ["lost", "lost", "lost", "cannot_lose", "cannot_lose"],
        ["hibernating", "hibernating", "about_to_sleep", "at_risk", "at_risk"],
        ["about_to_sleep", "need_attention", "need_attention", "loyal", "loyal"],
        ["promising", "potential_loyal", "potential_loyal", "champions", "champions"],
        ["new", "potential_loyal", "potential_loyal", "champions", "champions"],
    ],
    dtype=object,
)


class RFMSegmenter(Segmenter):
    """Score recency, frequency and money from 1 to 5 and name the cells.

    The scores are quintiles of the customers seen in `fit` who have bought [1]_: a score is 1 plus
    the number of quintile limits below the value, so equal values always have equal scores, and a
    value on a limit has the lower one. For recency it is reversed: the most recent have 5.
    With many equal values some scores stay empty; where nobody in `fit` has bought, every buyer
    is ``new``. A customer without recency has never bought and is in the segment ``no_purchase``;
    a missing count or sum counts as 0.

    Parameters
    ----------
    recency : str, default="transactions__recency_days"
        Feature with the days since the last purchase; missing for who never bought.
    frequency : str, default="transactions__count__365D"
        Feature with the number of purchases.
    monetary : str, default="transactions__amount__sum__365D"
        Feature with the money spent.

    Attributes
    ----------
    limits_ : dict of str to ndarray of shape (4,)
        Quintile limits of the three features; empty where nobody in `fit` has bought.

    References
    ----------
    .. [1] Hughes, A. M. (1994). Strategic Database Marketing. Probus.

    Examples
    --------
    >>> X = pd.DataFrame({"transactions__recency_days": [1.0, 10, 100, 200, 300, None],
    ...                   "transactions__count__365D": [9, 7, 5, 3, 1, 0],
    ...                   "transactions__amount__sum__365D": [90.0, 70, 50, 30, 10, 0]})
    >>> RFMSegmenter().fit(X).predict(X).tolist()
    ['champions', 'champions', 'need_attention', 'hibernating', 'lost', 'no_purchase']
    """

    def __init__(
        self,
        recency: str = "transactions__recency_days",
        frequency: str = "transactions__count__365D",
        monetary: str = "transactions__amount__sum__365D",
    ) -> None:
        self.recency = recency
        self.frequency = frequency
        self.monetary = monetary

    def fit(
        self,
        X: pd.DataFrame,
        accepted: np.ndarray | None = None,
        offer_id: np.ndarray | None = None,
        action_probability: np.ndarray | None = None,
    ) -> Self:
        """See :meth:`Segmenter.fit`; answers are not needed."""
        values = self._values(check_frame(X, "X").reset_index(drop=True))
        bought = values[values[self.recency].notna()]
        # Without any buyer there is nothing to compare with, and whoever buys first is new.
        self.limits_ = {name: np.quantile(bought[name], _QUANTILES) if len(bought) else np.empty(0) for name in values}
        counts = pd.Series(self._labels(values)).value_counts()
        names = [*dict.fromkeys(_CELLS[::-1, ::-1].ravel()), _NO_PURCHASE]
        n = counts.reindex(names, fill_value=0).to_numpy()
        self.table_ = pd.DataFrame(
            {
                c.SEGMENT: pd.array(names, dtype="str"),
                "rule": pd.array([_rule(name) for name in names], dtype="str"),
                "n": n,
                "share": n / max(len(values), 1),
            }
        )
        return self

    def scores(self, X: pd.DataFrame) -> pd.DataFrame:
        """Score customers.

        Parameters
        ----------
        X : DataFrame of shape (n, any)

        Returns
        -------
        DataFrame of shape (n, 3)
            Columns `recency`, `frequency`, `monetary` in 1 to 5, with the index of `X`; 0 in all
            for who never bought.

        Raises
        ------
        InputError
            If a column is missing or not of numbers.
        """
        check_is_fitted(self, "limits_")
        values = self._values(check_frame(X, "X"))
        below = {name: np.searchsorted(self.limits_[name], values[name]) for name in values}
        never = values[self.recency].isna()
        scores = {
            "recency": 5 - below[self.recency],
            "frequency": 1 + below[self.frequency],
            "monetary": 1 + below[self.monetary],
        }
        return pd.DataFrame(scores, index=values.index).mask(never, 0)

    def _labels(self, X: pd.DataFrame) -> np.ndarray:
        scores = self.scores(X)
        both = (scores["frequency"] + scores["monetary"] + 1) // 2
        never = (scores["recency"] == 0).to_numpy()
        labels = _CELLS[scores["recency"].to_numpy() - 1, both.to_numpy() - 1]
        return np.where(never, _NO_PURCHASE, labels).astype(str)

    def _values(self, X: pd.DataFrame) -> pd.DataFrame:
        names = [self.recency, self.frequency, self.monetary]
        check_columns(X, names, "X")
        values = pd.DataFrame({name: check_numbers(X[name], f"X.{name}") for name in names}, index=X.index)
        for name in values:
            check_rows(np.isinf(values[name]).to_numpy(), values[name], f"X.{name}", "finite numbers, or missing")
        return values.fillna({self.frequency: 0.0, self.monetary: 0.0})

    def _learnt(self) -> dict[str, Any]:
        return {str(name): limits.tolist() for name, limits in self.limits_.items()}

    def _restore(self, learnt: dict[str, Any]) -> None:
        # As JSON knows names as texts only, they are looked up by those of the parameters.
        names = [self.recency, self.frequency, self.monetary]
        check_parts(learnt, "RFMSegmenter", dict.fromkeys(map(str, names), list))
        self.limits_ = {name: np.array(learnt[str(name)], dtype=float) for name in names}


def _rule(name: str) -> str:
    """Name the scores of a cell: "recency 4 to 5, frequency and money 4 to 5"."""
    if name == _NO_PURCHASE:
        return "never bought"
    rows, columns = np.nonzero(np.equal(_CELLS, name))
    parts = []
    for row in np.unique(rows):
        reach = columns[rows == row]
        parts.append(f"recency {row + 1}, frequency and money {reach.min() + 1} to {reach.max() + 1}")
    return "; or ".join(parts)

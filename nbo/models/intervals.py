"""Quantiles of an outcome around a prediction, by what came out for like predictions."""

from __future__ import annotations

from typing import Any

import numpy as np

from nbo.errors import InputError

__all__ = ["DecileIntervals"]

_MOST_SCORES = 999


class DecileIntervals:
    """Conformal quantiles within deciles of the prediction (Mondrian).

    In each decile of the later rows' predictions, the outcomes are divided by the predictions
    and sorted. The quantile of a new prediction is the order statistic of its decile's ratios,
    times the prediction. So the share of outcomes under it holds for the customers with high
    predictions too, where a constant width would fail [1]_.

    Parameters
    ----------
    bins : int, default=10
        Most groups of predictions.
    fewest_rows : int, default=50
        Fewest rows of a group.

    References
    ----------
    .. [1] Vovk, V., Gammerman, A. and Shafer, G. (2005). Algorithmic learning in a random
       world. Springer. Chapter 4.5, Mondrian confidence machines.

    Examples
    --------
    >>> prediction = np.repeat([10.0, 100.0], 99)
    >>> actual = np.concatenate([np.arange(1, 100) / 5, np.arange(1, 100) * 2])
    >>> DecileIntervals(bins=2).fit(prediction, actual).quantile(np.array([10.0, 100.0]), 0.9).round(6)
    array([ 18., 180.])
    """

    def __init__(self, bins: int = 10, fewest_rows: int = 50) -> None:
        self.bins = bins
        self.fewest_rows = fewest_rows

    def fit(self, prediction: np.ndarray, actual: np.ndarray) -> DecileIntervals:
        """Learn the ratios of each decile.

        Parameters
        ----------
        prediction : ndarray of shape (n,)
            Not negative, of rows that the model was not trained on.
        actual : ndarray of shape (n,)
            What came out; below zero counts as zero.

        Returns
        -------
        DecileIntervals
            Itself.
        """
        bins = max(1, min(self.bins, len(prediction) // self.fewest_rows))
        # Ties of predictions merge deciles.
        self.edges_ = np.unique(np.quantile(prediction, np.arange(1, bins) / bins)) if bins > 1 else np.empty(0)
        self.offset_ = float(prediction.mean() / 100) or 1.0
        ratio = np.maximum(actual, 0.0) / (prediction + self.offset_)
        group = self._group(prediction)
        self.ratios_ = [_thin(np.sort(ratio[group == i])) for i in range(len(self.edges_) + 1)]
        # A group may be empty where its edge is the largest prediction.
        whole = _thin(np.sort(ratio))
        self.ratios_ = [ratios if len(ratios) else whole for ratios in self.ratios_]
        return self

    def quantile(self, prediction: np.ndarray, q: float) -> np.ndarray:
        """Give one quantile for each prediction.

        Parameters
        ----------
        prediction : ndarray of shape (n,)
        q : float
            In (0, 1). Below a half it is rounded down to an order statistic, else up, so that
            the interval between two of them covers at least what they state.

        Returns
        -------
        ndarray of shape (n,)
            Not negative, rising in `q`.

        Raises
        ------
        InputError
            If `q` is not in (0, 1).
        """
        if not 0 < q < 1:
            raise InputError(f"quantiles must be in (0, 1); got {q!r}.")
        levels = np.array([_order_statistic(ratios, q) for ratios in self.ratios_])
        return levels[self._group(prediction)] * (prediction + self.offset_)

    def to_dict(self) -> dict[str, Any]:
        """Give the state as JSON values.

        Returns
        -------
        dict
        """
        return {
            "bins": self.bins,
            "fewest_rows": self.fewest_rows,
            "edges": self.edges_.tolist(),
            "offset": self.offset_,
            "ratios": [ratios.tolist() for ratios in self.ratios_],
        }

    @classmethod
    def from_dict(cls, state: dict[str, Any]) -> DecileIntervals:
        """Make it from its state.

        Parameters
        ----------
        state : dict
            From :meth:`to_dict`.

        Returns
        -------
        DecileIntervals
        """
        intervals = cls(state["bins"], state["fewest_rows"])
        intervals.edges_ = np.array(state["edges"])
        intervals.offset_ = state["offset"]
        intervals.ratios_ = [np.array(ratios) for ratios in state["ratios"]]
        return intervals

    def _group(self, prediction: np.ndarray) -> np.ndarray:
        return np.searchsorted(self.edges_, prediction, side="right")


def _order_statistic(ratios: np.ndarray, q: float) -> float:
    # Guard the product against floating point: 0.9 x 100 is the 90th, not the 91st.
    rank = round(q * (len(ratios) + 1), 9)
    place = np.floor(rank) if q < 0.5 else np.ceil(rank)
    if place < 1:
        return 0.0
    return float(ratios[int(min(place, len(ratios))) - 1])


def _thin(ratios: np.ndarray) -> np.ndarray:
    # Evenly spaced order statistics say the same, and a stored model keeps no long list of outcomes.
    if len(ratios) <= _MOST_SCORES:
        return ratios
    return ratios[np.linspace(0, len(ratios) - 1, _MOST_SCORES).round().astype(int)]

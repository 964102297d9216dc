"""The mean effect among customers with like predicted uplift, with its interval."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from nbo.models.uplift.means import mean_and_error

__all__ = ["LikeEffects"]


class LikeEffects:
    """The mean effect among customers with like predicted uplift.

    Predictions and doubly robust scores, both made without the row, are put in groups of equal size by the
    prediction. The mean score of a group is its effect, and the spread of the scores its standard error.

    Parameters
    ----------
    groups : int, default=10
        Most groups.
    fewest_rows : int, default=100
        Fewest rows of a group.

    Examples
    --------
    >>> uplift = np.repeat([0.1, 0.3], 200)
    >>> likes = LikeEffects(groups=2).fit(uplift, np.where(np.arange(400) % 2, uplift + 0.5, uplift - 0.5))
    >>> likes.interval(np.array([0.1, 0.3]), 0.95).round(3)
    array([[0.031, 0.169],
           [0.231, 0.369]])
    """

    def __init__(self, groups: int = 10, fewest_rows: int = 100) -> None:
        self.groups = groups
        self.fewest_rows = fewest_rows

    def fit(self, uplift: np.ndarray, scores: np.ndarray, weight: np.ndarray | None = None) -> LikeEffects:
        """Learn the effect of each group.

        Parameters
        ----------
        uplift, scores : ndarray of float, shape (n,)
            Predicted uplift, and score of the effect.
        weight : ndarray of float, shape (n,), optional

        Returns
        -------
        LikeEffects
            Itself.
        """
        groups = max(1, min(self.groups, len(uplift) // self.fewest_rows))
        edges = np.unique(np.quantile(uplift, np.arange(1, groups) / groups))
        self.edges_ = _wide_enough(edges, np.sort(uplift), self.fewest_rows)
        place = self._place(uplift)
        weight = np.ones(len(uplift)) if weight is None else weight
        means = [mean_and_error(scores[place == g], weight[place == g]) for g in range(len(self.edges_) + 1)]
        self.effect_, self.standard_error_ = np.array(means).T
        return self

    def interval(self, uplift: np.ndarray, level: float) -> np.ndarray:
        """Give the interval of the group that each prediction falls in.

        Parameters
        ----------
        uplift : ndarray of float, shape (n,)
        level : float
            In (0, 1).

        Returns
        -------
        ndarray of shape (n, 2)
        """
        place = self._place(uplift)
        reach = special.ndtri((1 + level) / 2) * self.standard_error_
        return np.column_stack([(self.effect_ - reach)[place], (self.effect_ + reach)[place]])

    def to_dict(self) -> dict[str, Any]:
        """Give the state as JSON values.

        Returns
        -------
        dict
        """
        return {
            "groups": self.groups,
            "fewest_rows": self.fewest_rows,
            "edges": self.edges_.tolist(),
            "effect": self.effect_.tolist(),
            "standard_error": self.standard_error_.tolist(),
        }

    @classmethod
    def from_dict(cls, state: dict[str, Any]) -> LikeEffects:
        """Make it from its state.

        Parameters
        ----------
        state : dict
            From :meth:`to_dict`.

        Returns
        -------
        LikeEffects
        """
        likes = cls(state["groups"], state["fewest_rows"])
        likes.edges_ = np.array(state["edges"])
        likes.effect_ = np.array(state["effect"])
        likes.standard_error_ = np.array(state["standard_error"])
        return likes

    def _place(self, uplift: np.ndarray) -> np.ndarray:
        return np.searchsorted(self.edges_, uplift, side="right")


def _wide_enough(edges: np.ndarray, ordered: np.ndarray, fewest: int) -> np.ndarray:
    """Keep the edges between groups of enough rows: ties may leave some with few, or none."""
    kept, before = [], 0
    for edge, below in zip(edges, np.searchsorted(ordered, edges, side="left"), strict=True):
        if below - before >= fewest and len(ordered) - below >= fewest:
            kept.append(edge)
            before = below
    return np.array(kept)

"""Who is related to a customer as of a moment, how, and how strongly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.features.builders.circles import Circles
from nbo.features.history import History
from nbo.features.past import Past
from nbo.features.slices import set_out
from nbo.features.window import ALL
from nbo.tables import TableColumns

__all__ = ["Neighbors", "turned_too"]


def turned_too(edges: TableColumns) -> TableColumns:
    """Add each edge once more, seen from its other end.

    Parameters
    ----------
    edges : TableColumns of m rows
        Of `relationships`.

    Returns
    -------
    TableColumns of 2 m rows
    """
    turned = {c.CUSTOMER_ID: c.RELATED_ID, c.RELATED_ID: c.CUSTOMER_ID}

    def read(name: str) -> pd.Series:
        return pd.concat([edges[name], edges[turned.get(name, name)]], ignore_index=True)

    return TableColumns(edges.name, list(edges.columns), 2 * len(edges), read)


@dataclass(frozen=True)
class Neighbors:
    """The edges that hold for each question, each pair and kind once.

    Parameters
    ----------
    n : int
        Number of questions.
    question, neighbor : ndarray of int, shape (m,)
        Number of the question, and of the customer at the other end.
    kind : ndarray of int, shape (m,)
        Number of the kind, -1 where it is not stated.
    weight : ndarray of float, shape (m,)
        NaN where it is not stated.
    customers : Series
        Who each number of `neighbor` is.
    kinds : list of str
        What each number of `kind` is.
    """

    n: int
    question: np.ndarray
    neighbor: np.ndarray
    kind: np.ndarray
    weight: np.ndarray
    customers: pd.Series
    kinds: list[str]

    @classmethod
    def of(cls, past: Past, both_ends: bool) -> Neighbors:
        """Find the edges that held before each question's moment and were known.

        An edge holds until a later row of the same pair and kind; one of weight 0 ends it. Nobody is
        a neighbor of itself.

        Parameters
        ----------
        past : Past
            Of n questions.
        both_ends : bool
            Whether an edge counts for both of its ends.

        Returns
        -------
        Neighbors
        """
        edges = past.table("relationships")
        history = past.history_of(turned_too(edges) if both_ends else edges)
        question, position = set_out(*history.bounds(ALL))
        others = history.table.codes(c.RELATED_ID)
        neighbor = others.codes[history.rows[position]].astype(np.int64)
        kinds, kind = _kinds(history)
        kind, weight = kind[position], _weights(history)[position]
        order = np.lexsort((weight, history.times[position], kind, neighbor, question))
        last = np.ones(len(order), dtype=bool)
        same = [np.diff(part[order]) == 0 for part in (question, neighbor, kind)]
        last[:-1] = ~np.logical_and.reduce(same)
        own = pd.Index(others.values).get_indexer(past.questions[c.CUSTOMER_ID])
        kept = order[last]
        kept = kept[(neighbor[kept] >= 0) & (neighbor[kept] != own[question[kept]]) & (weight[kept] != 0)]
        return cls(len(past), question[kept], neighbor[kept], kind[kept], weight[kept], others.values, kinds)

    def degree(self) -> np.ndarray:
        """Count the neighbors of each question, whatever the number of edges."""
        return np.bincount(self._pairs()[0], minlength=self.n)

    def count(self, kind: str) -> np.ndarray:
        """Count the neighbors of a kind."""
        return np.bincount(self.question[self._is(kind)], minlength=self.n)

    def weights(self, kind: str = "") -> np.ndarray:
        """Add up the weights of all edges, or those of a kind; a missing one counts 0."""
        some = ~np.isnan(self.weight) & (self._is(kind) if kind else True)
        question, weight = self.question[some], self.weight[some]
        # In the order of their size: who is numbered how changes no bit.
        order = np.lexsort((weight, question))
        return np.bincount(question[order], weights=weight[order], minlength=self.n).astype(float)

    def circles(self) -> Circles:
        """Give the neighbors of each question as its circle; a question without any has none."""
        question, neighbor = self._pairs()
        of = np.where(self.degree() > 0, np.arange(self.n), -1)
        return Circles(of, question, pd.Series(self.customers.array.take(neighbor)))

    def _is(self, kind: str) -> np.ndarray:
        return self.kind == (self.kinds.index(kind) if kind in self.kinds else len(self.kinds))

    def _pairs(self) -> tuple[np.ndarray, np.ndarray]:
        k = max(len(self.customers), 1)
        pairs = np.unique(self.question.astype(np.int64) * k + self.neighbor)
        return pairs // k, pairs % k


def _kinds(history: History) -> tuple[list[str], np.ndarray]:
    if c.KIND not in history.table:
        return [], np.full(len(history.rows), -1)
    kinds, rank = history.table.codes(c.KIND).alphabet
    return kinds, np.append(rank, -1)[history.codes(c.KIND)]


def _weights(history: History) -> np.ndarray:
    if c.WEIGHT not in history.table:
        return np.full(len(history.rows), np.nan)
    return history.table.numbers(c.WEIGHT)[history.rows]

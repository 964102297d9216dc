"""Fine segments that differ in an outcome, found on one half of the customers and measured on the other."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_numbers, check_rows
from nbo.errors import InputError
from nbo.numbers import check_number
from nbo.segments.design import Design
from nbo.segments.labels.same_order import check_same_order
from nbo.segments.tree import Tree
from nbo.segments.tree_segmenter import TreeSegmenter
from nbo.segments.tree_size import best_size
from nbo.wilson import wilson_interval

__all__ = ["MicroSegmenter"]


class MicroSegmenter(TreeSegmenter):
    """Part customers into fine segments by an outcome or a value.

    A shallow regression tree parts one half of the customers; the other half, which had no say in it, tells the mean
    of each leaf with an interval. So a segment that is there by chance looks like all others [1]_. The number of leaves
    is the smallest that explains rows not used for growing as well as the best does, within one standard
    error: without evidence there is one segment.

    Parameters
    ----------
    target : str, optional
        Column of `X` with the outcome or value; `predict` does not need it. By default it is `accepted` of `fit`.
    max_segments : int, default=32
        Most segments, 1 or more.
    min_customers : int, default=100
        Fewest customers of a segment in each half, but for a tree of one leaf; 1 or more.
    max_depth : int, default=6
        Most conditions on the way to a segment.
    level : float, default=0.95
        Of each interval, in (0, 1).
    random_state : int, default=0
        Seed of the halves.

    Attributes
    ----------
    design_ : Design
        Encoding of the features.
    tree_ : Tree
        The tree; its leaves from left to right are "s01", "s02" ...
    table_ : DataFrame
        What :meth:`describe` gives: also `measured` (customers of the other half), `mean` of their outcome in its unit,
        `low` and `high` (Wilson's interval where all outcomes are 0 or 1, else Student's), and `lift`, the mean over
        that of all (NaN where that is not above 0).

    References
    ----------
    .. [1] Athey, S. and Imbens, G. (2016). Recursive partitioning for heterogeneous causal effects. PNAS 113,
       7353-7360.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"age": rng.uniform(20, 60, 4000), "visits": rng.poisson(3, 4000)})
    >>> bought = rng.random(4000) < np.where(X["age"] < 40, 0.4, 0.1)
    >>> micro = MicroSegmenter().fit(X, bought)
    >>> micro.predict(pd.DataFrame({"age": [25, 55], "visits": 3})).tolist()
    ['s01', 's02']
    """

    def __init__(
        self,
        target: str | None = None,
        max_segments: int = 32,
        min_customers: int = 100,
        max_depth: int = 6,
        level: float = 0.95,
        random_state: int = 0,
    ) -> None:
        self.target = target
        self.max_segments = max_segments
        self.min_customers = min_customers
        self.max_depth = max_depth
        self.level = level
        self.random_state = random_state

    def fit(
        self,
        X: pd.DataFrame,
        accepted: np.ndarray | None = None,
        offer_id: np.ndarray | None = None,
        action_probability: np.ndarray | None = None,
    ) -> Self:
        """Grow the tree; see :meth:`Segmenter.fit`.

        Without `target`, `accepted` is needed. Rows without outcome are left out.
        """
        for name in ("max_segments", "min_customers", "max_depth"):
            check_number(getattr(self, name), name, "1 or more", lambda number: number >= 1, whole=True)
        check_number(self.level, "level", "in (0, 1)", lambda level: 0 < level < 1)
        X = check_frame(X, "X")
        check_same_order(accepted, X.index, "accepted")
        X = X.reset_index(drop=True)
        outcome = self._outcome(X, accepted)
        known = ~np.isnan(outcome)
        features = X[[name for name in X if name != self.target]]
        self.design_ = Design.of(features)
        matrix, outcome = self.design_.matrix(features)[known], outcome[known]
        grown = np.random.default_rng(self.random_state).permutation(len(outcome)) % 2 == 0
        self.tree_ = self._honest(matrix, outcome, grown)
        self.table_ = self._described(matrix, outcome, grown)
        return self

    def _outcome(self, X: pd.DataFrame, accepted: Any) -> np.ndarray:
        if self.target is None and accepted is None:
            raise InputError("fit needs `accepted`, or a column of X named as `target`.")
        if self.target is not None:
            check_columns(X, [self.target], "X")
        name, given = ("accepted", accepted) if self.target is None else (f"X.{self.target}", X[self.target])
        outcome = check_numbers(given, name)
        check_rows(np.isinf(outcome), outcome, name, "finite")
        if len(outcome) != len(X):
            raise InputError(f"accepted must have one value for each of the {len(X)} rows of X; got {len(outcome)}.")
        return outcome

    def _honest(self, matrix: np.ndarray, outcome: np.ndarray, grown: np.ndarray) -> Tree:
        """Grow on one half as far as it bears, and cut back until the other half fills each leaf."""
        own = outcome[grown]
        output = ((own - own.mean()) / own.std())[:, None] if len(own) and own.std() > 0 else np.zeros((len(own), 0))
        if not output.shape[1]:
            return Tree.leaf()
        size = best_size(self._grow_half, matrix[grown], output, self.max_segments, self.random_state)
        tree = self._grow(matrix[grown], output, size, self.min_customers)
        while size > 1:
            pruned = tree.pruned(size)
            leaf = pd.Series(pruned.apply(matrix[~grown])).value_counts().reindex(pruned.leaves, fill_value=0)
            if leaf.min() >= self.min_customers:
                return pruned
            size -= 1
        return Tree.leaf()

    @property
    def _depth(self) -> int | None:
        return self.max_depth

    def _described(self, matrix: np.ndarray, outcome: np.ndarray, grown: np.ndarray) -> pd.DataFrame:
        leaves = self.tree_.leaves
        rules = self.tree_.rules(self.design_, np.isnan(matrix).any(axis=0))
        leaf = self.tree_.apply(matrix)
        position = pd.Index(leaves).get_indexer(pd.Index(leaf))
        n = np.bincount(position, minlength=len(leaves))
        measured = np.bincount(position[~grown], minlength=len(leaves))
        low, mean, high = _intervals(position[~grown], outcome[~grown], len(leaves), self.level)
        everybody = outcome[~grown].mean() if len(outcome[~grown]) else np.nan
        return pd.DataFrame(
            {
                c.SEGMENT: pd.array(self._names(), dtype="str"),
                "rule": pd.array([rules[node] for node in leaves], dtype="str"),
                "n": n,
                "share": n / max(len(outcome), 1),
                "measured": measured.astype(float),
                "mean": mean,
                "low": low,
                "high": high,
                "lift": mean / everybody if everybody > 0 else np.full(len(leaves), np.nan),
            }
        )


def _intervals(
    position: np.ndarray, outcome: np.ndarray, size: int, level: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Bound the mean outcome of each leaf; NaN where it cannot be told."""
    from scipy import stats

    n = np.bincount(position, minlength=size).astype(float)
    total = np.bincount(position, weights=outcome, minlength=size)
    mean = np.divide(total, n, out=np.full(size, np.nan), where=n > 0)
    if np.isin(outcome, (0, 1)).all():
        low, high = wilson_interval(total, n, level)
        return low, mean, high
    square = np.bincount(position, weights=(outcome - mean[position]) ** 2, minlength=size)
    error = np.sqrt(np.divide(square, n * (n - 1), out=np.full(size, np.nan), where=n > 1))
    reach = error * stats.t.ppf((1 + level) / 2, np.maximum(n - 1, 1))
    return mean - reach, mean, mean + reach

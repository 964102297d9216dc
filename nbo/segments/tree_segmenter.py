"""Segments that are the leaves of a tree."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.tree import DecisionTreeRegressor

from nbo.segments.base import Segmenter
from nbo.segments.design import Design
from nbo.segments.tree import Tree
from nbo.states import check_parts

__all__ = ["TreeSegmenter"]


class TreeSegmenter(Segmenter):
    """Segments that are the leaves of a tree, named "s01", "s02" ... from left to right.

    Attributes
    ----------
    design_ : Design
        Encoding of the features.
    tree_ : Tree
        The tree.
    """

    design_: Design
    tree_: Tree
    # Parameters of all segmenters by a tree.
    max_segments: int
    min_customers: int
    random_state: int

    @property
    def _depth(self) -> int | None:
        """Most conditions on the way to a leaf; None for any number."""
        return None

    def _grow_half(self, matrix: np.ndarray, output: np.ndarray) -> Tree:
        return self._grow(matrix, output, self.max_segments, max(self.min_customers // 2, 1))

    def _grow(self, matrix: np.ndarray, output: np.ndarray, size: int, fewest: int) -> Tree:
        if size < 2 or len(matrix) < 2 * fewest or not output.shape[1]:
            return Tree.leaf()
        tree = DecisionTreeRegressor(
            max_leaf_nodes=size, max_depth=self._depth, min_samples_leaf=fewest, random_state=self.random_state
        )
        return Tree.of(tree.fit(matrix, output))

    def _names(self) -> list[str]:
        count = len(self.tree_.leaves)
        width = max(2, len(str(count)))
        return [f"s{number + 1:0{width}}" for number in range(count)]

    def _labels(self, X: pd.DataFrame) -> np.ndarray:
        names = np.full(len(self.tree_.column), "", dtype=object)
        names[self.tree_.leaves] = self._names()
        used = np.unique(self.tree_.column[self.tree_.column >= 0]).tolist()
        return names[self.tree_.apply(self.design_.matrix(X, used))].astype(str)

    def _learnt(self) -> dict[str, Any]:
        return {"design": self.design_.to_dict(), "tree": self.tree_.to_dict()}

    def _restore(self, learnt: dict[str, Any]) -> None:
        check_parts(learnt, type(self).__name__, {"design": dict, "tree": dict})
        self.design_ = Design.from_dict(learnt["design"])
        self.tree_ = Tree.from_dict(learnt["tree"])

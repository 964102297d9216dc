"""A decision tree as arrays: walked without scikit-learn, stored as JSON, told in words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from nbo.segments.design import Design
from nbo.segments.number_words import number_words

__all__ = ["Tree"]

# Column, threshold, whether the path goes left, and whether missing values do.
_Step = tuple[int, float, bool, bool]


@dataclass(frozen=True)
class Tree:
    """Nodes of a binary tree; node 0 is the root.

    Parameters
    ----------
    column : ndarray of int, shape (n_nodes,)
        Column of the matrix on which a node splits; -1 for a leaf.
    threshold : ndarray of float, shape (n_nodes,)
        Values up to it go left. Infinite where a node parts known from missing values.
    left, right : ndarray of int, shape (n_nodes,)
        Children.
    missing_left : ndarray of bool, shape (n_nodes,)
        Whether missing values go left.
    """

    column: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    missing_left: np.ndarray

    @classmethod
    def leaf(cls) -> Tree:
        """Make a tree without any split.

        Returns
        -------
        Tree
        """
        return cls(np.array([-1]), np.array([0.0]), np.array([-1]), np.array([-1]), np.array([False]))

    @classmethod
    def of(cls, fitted: Any) -> Tree:
        """Take the nodes of a scikit-learn tree.

        Parameters
        ----------
        fitted : sklearn.tree.DecisionTreeRegressor

        Returns
        -------
        Tree
        """
        nodes = fitted.tree_
        inner = nodes.children_left >= 0
        return cls(
            np.where(inner, nodes.feature, -1),
            np.where(inner, nodes.threshold, 0.0),
            nodes.children_left.copy(),
            nodes.children_right.copy(),
            nodes.missing_go_to_left.astype(bool) & inner,
        )

    @property
    def leaves(self) -> list[int]:
        """Nodes without children, from left to right."""
        order, stack = [], [0]
        while stack:
            node = stack.pop()
            if self.column[node] < 0:
                order.append(node)
            else:
                stack += [int(self.right[node]), int(self.left[node])]
        return order

    def pruned(self, size: int) -> Tree:
        """Undo the last splits of a tree that was grown best first.

        Parameters
        ----------
        size : int
            Most leaves, 1 or more.

        Returns
        -------
        Tree
            The tree that would have been grown with so few leaves; its nodes keep their numbers.
        """
        inner = np.flatnonzero(self.column >= 0)
        # Growing best first numbers the children of each split when it is made.
        late = inner[np.argsort(self.left[inner])][size - 1 :]
        column = self.column.copy()
        column[late] = -1
        return replace(self, column=column)

    def apply(self, matrix: np.ndarray) -> np.ndarray:
        """Find the leaf of each row, level by level.

        Parameters
        ----------
        matrix : ndarray of float32, shape (n, n_columns)

        Returns
        -------
        ndarray of int, shape (n,)
            Node number of the leaf.
        """
        node = np.zeros(len(matrix), dtype=np.intp)
        rows = np.arange(len(matrix)) if self.column[0] >= 0 else np.arange(0)
        while len(rows):
            here = node[rows]
            value = matrix[rows, self.column[here]]
            goes_left = np.where(np.isnan(value), self.missing_left[here], value <= self.threshold[here])
            node[rows] = np.where(goes_left, self.left[here], self.right[here])
            rows = rows[self.column[node[rows]] >= 0]
        return node

    def rules(self, design: Design, has_missing: np.ndarray) -> dict[int, str]:
        """Tell in words who comes to each leaf.

        Parameters
        ----------
        design : Design
            Says what the columns are.
        has_missing : ndarray of bool, shape (n_columns,)
            Columns for which a missing value is worth a word.

        Returns
        -------
        dict of int to str
            Rule of each leaf, such as ``"10 < age <= 30 and channel is web"``.
        """
        rules: dict[int, str] = {}
        stack: list[tuple[int, tuple[_Step, ...]]] = [(0, ())]
        while stack:
            node, path = stack.pop()
            if self.column[node] < 0:
                rules[node] = _told(path, design, has_missing)
                continue
            for child, is_left in ((self.left[node], True), (self.right[node], False)):
                step = (int(self.column[node]), float(self.threshold[node]), is_left, bool(self.missing_left[node]))
                stack.append((int(child), (*path, step)))
        return rules

    def to_dict(self) -> dict[str, list[Any]]:
        """Give JSON values; an infinite threshold is None.

        Returns
        -------
        dict of list
        """
        return {
            "column": self.column.tolist(),
            "threshold": [value if np.isfinite(value) else None for value in self.threshold.tolist()],
            "left": self.left.tolist(),
            "right": self.right.tolist(),
            "missing_left": self.missing_left.tolist(),
        }

    @classmethod
    def from_dict(cls, state: dict[str, list[Any]]) -> Tree:
        """Rebuild from :meth:`to_dict`.

        Parameters
        ----------
        state : dict of list

        Returns
        -------
        Tree
        """
        threshold = [np.inf if value is None else value for value in state["threshold"]]
        nodes = (np.array(state[name], dtype=np.intp) for name in ("column", "left", "right"))
        column, left, right = nodes
        return cls(column, np.array(threshold, dtype=float), left, right, np.array(state["missing_left"], dtype=bool))


def _told(path: tuple[_Step, ...], design: Design, has_missing: np.ndarray) -> str:
    parts = []
    for column in dict.fromkeys(step[0] for step in path):
        name, category = design.columns[column]
        steps = [step for step in path if step[0] == column]
        if category is None:
            parts.append(_range(name, steps, bool(has_missing[column])))
        else:
            parts.append(f"{name} is {'not ' if steps[0][2] else ''}{category}")
    return " and ".join(parts) or "everyone"


def _range(name: str, steps: list[_Step], has_missing: bool) -> str:
    """Join the steps on one number: an interval, and whether missing values are in it."""
    low = max((step[1] for step in steps if not step[2]), default=-np.inf)
    high = min((step[1] for step in steps if step[2]), default=np.inf)
    missing = has_missing and all(step[2] == step[3] for step in steps)
    if low == np.inf:
        return f"{name} is missing"
    text = f"{name} <= {number_words(high)}" if high < np.inf else name
    text = f"{number_words(low)} < {text}" if high < np.inf and low > -np.inf else text
    text = f"{name} > {number_words(low)}" if high == np.inf and low > -np.inf else text
    if low == -np.inf and high == np.inf:
        return f"{name} is known"
    return f"({text} or missing)" if missing else text

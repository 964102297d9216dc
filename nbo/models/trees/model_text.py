"""LightGBM's text format, read as arrays."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

__all__ = ["Tree", "read_trees"]


@dataclass(frozen=True)
class Tree:
    """One tree in LightGBM's words. A child below zero is the leaf -child - 1; a node stands before its children.

    Parameters
    ----------
    split_feature, threshold, decision_type, left_child, right_child, internal_value : ndarray of shape (n_nodes,)
        Which column is asked and what goes left; for a category the threshold is the number of its
        bit set. Bit 0 of the decision type is a category, bit 1 whether missing goes left, and bits 2
        and 3 what is missing: nothing (0), zero (1) or NaN (2).
    leaf_value : ndarray of shape (n_leaves,)
        What a leaf adds to the score.
    cat_boundaries, cat_threshold : ndarray
        Where each bit set begins and ends, and words of 32 bits, one for each category: whether it goes left.
    is_linear : ndarray of shape (0,) or (1,)
        1 where a leaf is a linear model.
    """

    split_feature: np.ndarray
    threshold: np.ndarray
    decision_type: np.ndarray
    left_child: np.ndarray
    right_child: np.ndarray
    internal_value: np.ndarray
    leaf_value: np.ndarray
    cat_boundaries: np.ndarray
    cat_threshold: np.ndarray
    is_linear: np.ndarray

    def categories(self, node: int) -> np.ndarray:
        """Give the categories that a node sends to the left.

        Parameters
        ----------
        node : int
            A node that asks for a category.

        Returns
        -------
        ndarray of int, rising
        """
        which = int(self.threshold[node])
        words = self.cat_threshold[self.cat_boundaries[which] : self.cat_boundaries[which + 1]]
        return np.flatnonzero((words[:, None] >> np.arange(32)) & 1)


_NAMES = {field.name for field in fields(Tree)}
_NUMBERS = {"threshold", "leaf_value", "internal_value"}


def read_trees(text: str) -> list[Tree]:
    r"""Read the trees of a model.

    Parameters
    ----------
    text : str
        Trees in LightGBM's text format.

    Returns
    -------
    list of Tree
        What the text doesn't name is empty.

    Examples
    --------
    >>> [tree.leaf_value.tolist() for tree in read_trees("Tree=0\nleaf_value=-1 0.5\n\nend of trees")]
    [[-1.0, 0.5]]
    """
    return [_read(tree) for tree in f"\n{text}".partition("end of trees")[0].split("\nTree=")[1:]]


def _read(text: str) -> Tree:
    lines = (line.partition("=") for line in text.splitlines())
    arrays = {name: _array(name, values.split()) for name, _, values in lines if name in _NAMES}
    return Tree(**{name: arrays.get(name, _array(name, [])) for name in _NAMES})


def _array(name: str, values: list[str]) -> np.ndarray:
    return np.array(values, dtype=float if name in _NUMBERS else np.int64)

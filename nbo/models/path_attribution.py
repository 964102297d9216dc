"""What each column adds to a score along the path of a row: fast, and approximate."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix

from nbo.models.trees import Tree, read_trees

__all__ = ["PathAttribution"]


class PathAttribution:
    r"""Attribute each step of a row's path through a tree to the column that was asked.

    Each node holds the mean score of its training rows. What a step changes in it is put to the
    column of its split [1]_. All that a leaf attributes is known beforehand, so a row costs about
    two predictions, where TreeSHAP costs two hundred. It is not fair to columns that are asked
    late: on a model of 100 columns, its first reason was that of TreeSHAP for two thirds of the rows.

    Parameters
    ----------
    text : str
        Trees in LightGBM's text format.
    n_columns : int
        Columns of the matrix.

    References
    ----------
    .. [1] Saabas, A. (2014). Interpreting random forests.

    Examples
    --------
    >>> text = "Tree=0\nnum_leaves=2\nsplit_feature=1\nleft_child=-1\nright_child=-2\n"
    >>> text += "leaf_value=-1 0.5\ninternal_value=0.25\n\nend of trees"
    >>> PathAttribution(text, 2).of(np.array([[0], [1]]))
    array([[ 0.  , -1.25,  0.25],
           [ 0.  ,  0.25,  0.25]])
    """

    def __init__(self, text: str, n_columns: int) -> None:
        tables = [_leaf_table(tree, n_columns) for tree in read_trees(text)]
        self._starts = np.cumsum([0, *(len(table) for table in tables)])
        self._table = np.concatenate(tables)

    def of(self, leaves: np.ndarray) -> np.ndarray:
        """Give what each column adds.

        Parameters
        ----------
        leaves : ndarray of int, shape (n, n_trees)
            The leaf of each row in each tree.

        Returns
        -------
        ndarray of shape (n, n_columns + 1)
            The last column is the base; a row sums to its raw score.
        """
        n_rows, n_trees = leaves.shape
        where = (leaves + self._starts[:-1]).ravel()
        ends = np.arange(0, n_rows * n_trees + 1, n_trees)
        return csr_matrix((np.ones(len(where)), where, ends), (n_rows, len(self._table))) @ self._table


def _leaf_table(tree: Tree, n_columns: int) -> np.ndarray:
    table = np.zeros((len(tree.leaf_value), n_columns + 1))
    inner = tree.internal_value
    if not len(inner):
        table[:, -1] = tree.leaf_value
        return table
    sums = np.zeros((len(inner), n_columns + 1))
    sums[0, -1] = inner[0]
    # A node always stands before its children; a child below zero is the leaf -child - 1.
    for node, column in enumerate(tree.split_feature):
        for child in (int(tree.left_child[node]), int(tree.right_child[node])):
            values, row, at = (inner, sums, child) if child >= 0 else (tree.leaf_value, table, -child - 1)
            row[at] = sums[node]
            row[at, column] += values[at] - inner[node]
    return table

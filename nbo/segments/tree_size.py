"""How many leaves the data support."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nbo.segments.tree import Tree

__all__ = ["best_size"]


def best_size(
    grow: Callable[[np.ndarray, np.ndarray], Tree], matrix: np.ndarray, output: np.ndarray, most: int, random_state: int
) -> int:
    """Choose the number of leaves by two halves of the rows that measure each other.

    A tree predicts the mean of the leaf, shrunk by the factor that fits the other half best, for
    few rows make leaves' means too far apart although the leaves are right. The smallest
    tree is taken that explains the other half as well as the best one does, within one standard
    error of the difference [1]_.

    Parameters
    ----------
    grow : callable
        Makes a tree, best split first, of rows of `matrix` and of `output`.
    matrix : ndarray of float32, shape (n, n_columns)
    output : ndarray of float, shape (n, n_outputs)
        Of mean 0.
    most : int
        Largest number of leaves.
    random_state : int
        Seed of the halves.

    Returns
    -------
    int
        In [1, most].

    References
    ----------
    .. [1] Breiman, L., Friedman, J. H., Olshen, R. A. and Stone, C. J. (1984). Classification and
       regression trees. Wadsworth. Section 3.4.
    """
    half = np.random.default_rng(random_state).permutation(len(matrix)) % 2
    agreement, square = np.zeros((2, most, len(matrix)))
    for fold in (0, 1):
        grown, measured = half != fold, half == fold
        tree = grow(matrix[grown], output[grown])
        for size in range(1, most + 1):
            mean = _leaf_means(tree.pruned(size), matrix, output, grown)[measured]
            agreement[size - 1, measured] = (output[measured] * mean).sum(axis=1)
            square[size - 1, measured] = (mean**2).sum(axis=1)
    total = square.sum(axis=1)
    shrink = np.divide(agreement.sum(axis=1), total, out=np.zeros(most), where=total > 0).clip(0, 1)[:, None]
    # By how much the squared error of a row is less than without any tree.
    gain = 2 * shrink * agreement - shrink**2 * square
    behind = gain[gain.sum(axis=1).argmax()] - gain
    near = behind.sum(axis=1) <= behind.std(axis=1) * np.sqrt(len(matrix))
    return int(near.argmax()) + 1


def _leaf_means(tree: Tree, matrix: np.ndarray, output: np.ndarray, grown: np.ndarray) -> np.ndarray:
    """Give each row the mean output that its leaf had in the rows it was grown on."""
    leaf = tree.apply(matrix)
    n = np.bincount(leaf[grown], minlength=len(tree.column))
    total = np.zeros((len(tree.column), output.shape[1]))
    np.add.at(total, leaf[grown], output[grown])
    return (total / np.maximum(n, 1)[:, None])[leaf]

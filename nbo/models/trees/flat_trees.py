"""Trees as tests on small integers, whose answers are bit masks over the leaves."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nbo.models.trees.model_text import Tree

__all__ = ["FlatTrees", "Leaves", "OfferGroups", "lay_out_leaves", "leaf_spans", "word_starts"]

WORD = 32
FULL = 0xFFFFFFFF
# The five highest bits of its product with a power of two below 2^32 are different for each of them.
DE_BRUIJN = 0x077CB531


class FlatTrees(NamedTuple):
    """The questions of trees. Row by row, they cross out the leaves that a row does not reach.

    Each column is turned into codes: how many of the thresholds that are asked lie below the
    value. A test compares a code with the rank of its threshold; where it is above, the row goes
    right, and all leaves on the left are crossed out. The first leaf that is left is that of the row [1]_.
    Missing values have the lowest code in one column, where they go left, and the highest in
    another. Leaves stand in words of 32 bits; a tree has one or more words.

    References
    ----------
    .. [1] Lucchese, C. et al. (2015). QuickScorer: a fast algorithm to rank documents with
       additive ensembles of regression trees. SIGIR.
    """

    n_columns: int
    # One search for each column, what is missing in it, and its thresholds, filled up to 2^m - 1 by infinity.
    search_feature: np.ndarray
    search_missing: np.ndarray
    search_start: np.ndarray
    search_half: np.ndarray
    search_low: np.ndarray
    search_high: np.ndarray
    thresholds: np.ndarray
    # One for each column of categories, and those that any node names.
    category_feature: np.ndarray
    category_start: np.ndarray
    categories: np.ndarray
    # Tests of each word: column of codes, rank of the threshold, leaves that stay when it is above.
    test_start: np.ndarray
    test_column: np.ndarray
    test_rank: np.ndarray
    test_mask: np.ndarray
    # Tables of each word: the leaves that stay, by category; the last place is of all others.
    lookup_start: np.ndarray
    lookup_column: np.ndarray
    lookup_offset: np.ndarray
    lookup_mask: np.ndarray


class Leaves(NamedTuple):
    """What leaves add. Tree t has the words `word_start[t]` to `word_start[t + 1]`, each with 32 places."""

    word_start: np.ndarray
    value: np.ndarray


class OfferGroups(NamedTuple):
    """In each tree, the offers whose tests cross out the same leaves."""

    n_offers: int
    # The groups of each tree; of each group the leaves that stay, word by word, and the offers.
    group_start: np.ndarray
    mask_start: np.ndarray
    masks: np.ndarray
    member_start: np.ndarray
    members: np.ndarray


def word_starts(trees: list[Tree]) -> np.ndarray:
    """Give the first word of each tree, and the end."""
    return np.cumsum([0, *(-(-len(tree.leaf_value) // WORD) for tree in trees)])


def lay_out_leaves(trees: list[Tree]) -> Leaves:
    """Put the values of leaves where the product with the de Bruijn number finds them.

    Parameters
    ----------
    trees : list of Tree

    Returns
    -------
    Leaves
    """
    starts = word_starts(trees)
    slots = ((DE_BRUIJN << np.arange(WORD)) & FULL) >> 27
    value = np.zeros((int(starts[-1]), WORD))
    for tree, word in zip(trees, starts.tolist(), strict=False):
        n_leaves = len(tree.leaf_value)
        place = leaf_spans(tree)[n_leaves - 1 :, 0]
        value[word + place // WORD, slots[place % WORD]] = tree.leaf_value
    return Leaves(starts, value.ravel())


def leaf_spans(tree: Tree) -> np.ndarray:
    """Count the leaves from left to right, and say which lie under each node.

    Parameters
    ----------
    tree : Tree

    Returns
    -------
    ndarray of int, shape (n_nodes + n_leaves, 3)
        Begin, end of those on the left, and end, of the nodes and then the leaves.
    """
    n_nodes = len(tree.leaf_value) - 1
    left, right = (
        np.where(child < 0, n_nodes - child - 1, child).tolist() for child in (tree.left_child, tree.right_child)
    )
    size, begin = [1] * (2 * n_nodes + 1), [0] * (2 * n_nodes + 1)
    for node in range(n_nodes - 1, -1, -1):
        size[node] = size[left[node]] + size[right[node]]
    for node in range(n_nodes):
        begin[left[node]] = begin[node]
        begin[right[node]] = begin[node] + size[left[node]]
    middle = [begin[node] + size[left[node]] for node in range(n_nodes)] + begin[n_nodes:]
    return np.column_stack([begin, middle, np.add(begin, size)])

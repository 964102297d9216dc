"""Trees to tests on small integers."""

from __future__ import annotations

import numpy as np

from nbo.models.trees.flat_trees import FULL, WORD, FlatTrees, leaf_spans, word_starts
from nbo.models.trees.model_text import Tree

__all__ = ["flatten"]

# Tests are asked four by four; no code is above the rank that fills them up.
_TESTS_AT_ONCE, _NEVER = 4, 255
# A column of codes of eight bits tells so many thresholds apart.
_MOST_THRESHOLDS = 255
_CATEGORY, _MISSING_LEFT = 1, 2


def flatten(trees: list[Tree], features: np.ndarray) -> FlatTrees:
    """Take the tests of some columns out of trees.

    Parameters
    ----------
    trees : list of Tree
    features : ndarray of bool, shape (p,)
        Which columns; tests of the others are left out, and cross out no leaf.

    Returns
    -------
    FlatTrees
    """
    nodes = _Nodes(trees, features)
    numbers = np.flatnonzero(nodes.decision & _CATEGORY == 0)
    columns = _Columns()
    column, rank = columns.add(nodes, numbers)
    start, order = _by_word(nodes.word[numbers], nodes.n_words, _TESTS_AT_ONCE)
    # The last place is the test that fills up.
    mask = np.append(nodes.mask[numbers], FULL).astype(np.uint32)
    lookups = _Lookups(trees, nodes, np.flatnonzero(nodes.decision & _CATEGORY))
    parts = [
        columns.n,
        *columns.searches(),
        *lookups.categories(),
        start,
        np.append(column, 0).astype(np.int32)[order],
        np.append(rank, _NEVER).astype(np.uint8)[order],
        mask[order],
        *lookups.tables(),
    ]
    return FlatTrees._make(parts)


class _Nodes:
    """All nodes of all trees that ask for some columns, once for each word that they cross out leaves of."""

    def __init__(self, trees: list[Tree], features: np.ndarray) -> None:
        starts = word_starts(trees)
        self.n_words = int(starts[-1])
        tree = np.repeat(np.arange(len(trees)), [len(each.leaf_value) - 1 for each in trees])
        node = np.concatenate([np.arange(len(each.leaf_value) - 1) for each in trees])
        spans = np.concatenate([leaf_spans(each)[: len(each.leaf_value) - 1] for each in trees])
        begin, end = (spans[:, :2] + WORD * starts[tree][:, None]).T
        times = (end - 1) // WORD - begin // WORD + 1
        times[~features[_joined(trees, "split_feature")]] = 0
        where = np.repeat(np.arange(len(tree)), times)
        self.word = begin[where] // WORD + np.arange(len(where)) - np.repeat(np.cumsum(times) - times, times)
        low, high = (np.clip(each[where] - WORD * self.word, 0, WORD) for each in (begin, end))
        self.mask = FULL ^ ((1 << high) - (1 << low))
        self.tree, self.node = tree[where], node[where]
        self.feature = _joined(trees, "split_feature")[where]
        self.threshold = _joined(trees, "threshold")[where]
        self.decision = _joined(trees, "decision_type")[where]


class _Columns:
    """The columns of codes, and the searches that fill them."""

    def __init__(self) -> None:
        self.n = 0
        self._searches: list[tuple[int, int, int, int, int, int]] = []
        self._thresholds: list[np.ndarray] = []

    def add(self, nodes: _Nodes, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Give the column and the rank of each test."""
        missing = nodes.decision[numbers] >> 2 & 3
        # Where nothing is missing, it does not matter where it would go.
        left = (nodes.decision[numbers] & _MISSING_LEFT > 0) | (missing == 0)
        column, rank = np.zeros((2, len(numbers)), dtype=np.int64)
        key = nodes.feature[numbers] * 4 + missing
        for each in np.unique(key):
            mine = np.flatnonzero(key == each)
            values = np.unique(nodes.threshold[numbers[mine]])
            place = np.searchsorted(values, nodes.threshold[numbers[mine]])
            rank[mine] = place % _MOST_THRESHOLDS
            for begin in range(0, len(values), _MOST_THRESHOLDS):
                here = mine[place // _MOST_THRESHOLDS == begin // _MOST_THRESHOLDS]
                columns = self._search(int(each), values[begin : begin + _MOST_THRESHOLDS], left[here])
                column[here] = np.where(left[here], *columns)
        return column, rank

    def _search(self, key: int, values: np.ndarray, left: np.ndarray) -> tuple[int, int]:
        half = 1 << (len(values).bit_length() - 1)
        low, high = -1, -1
        if left.any():
            low, self.n = self.n, self.n + 1
        if not left.all():
            high, self.n = self.n, self.n + 1
        start = sum(map(len, self._thresholds))
        self._searches.append((key // 4, key % 4, start, half, low, high))
        self._thresholds.append(np.append(values, np.full(2 * half - 1 - len(values), np.inf)))
        return low, high

    def searches(self) -> tuple[np.ndarray, ...]:
        """Give the parts of `FlatTrees` that fill the columns."""
        table = np.array(self._searches, dtype=np.int64).reshape(-1, 6)
        return (*(column.copy() for column in table.T), np.concatenate([*self._thresholds, np.empty(0)]))


class _Lookups:
    """The tables of nodes that ask for categories."""

    def __init__(self, trees: list[Tree], nodes: _Nodes, which: np.ndarray) -> None:
        self._left = [trees[nodes.tree[i]].categories(int(nodes.node[i])) for i in which]
        self._mask = nodes.mask[which].astype(np.uint32)
        self._features, self._column = np.unique(nodes.feature[which], return_inverse=True)
        self._known = [
            np.unique(np.concatenate([left for left, mine in zip(self._left, self._column == i, strict=True) if mine]))
            for i in range(len(self._features))
        ]
        self._start, self._order = _by_word(nodes.word[which], nodes.n_words)

    def categories(self) -> tuple[np.ndarray, ...]:
        """Give the parts of `FlatTrees` that turn values into the places of categories."""
        starts = np.cumsum([0, *map(len, self._known)])
        return self._features.astype(np.int64), starts, np.concatenate([*self._known, np.empty(0)]).astype(np.int64)

    def tables(self) -> tuple[np.ndarray, ...]:
        """Give the parts of `FlatTrees` that look masks up."""
        parts = [np.empty(0, dtype=np.uint32)]
        for i in self._order:
            known = self._known[self._column[i]]
            # Who is not sent to the left goes right, and so does the last place.
            goes_left = np.append(np.isin(known, self._left[i]), False)
            parts.append(np.where(goes_left, np.uint32(FULL), self._mask[i]))
        offsets = np.cumsum([len(part) for part in parts])[:-1]
        return self._start, self._column[self._order].astype(np.int64), offsets, np.concatenate(parts)


def _joined(trees: list[Tree], name: str) -> np.ndarray:
    return np.concatenate([getattr(tree, name) for tree in trees])


def _by_word(word: np.ndarray, n_words: int, at_once: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Sort by word, and fill each word up with the place behind the last."""
    count = np.bincount(word, minlength=n_words)
    filled = -(-count // at_once) * at_once
    start = np.append(0, np.cumsum(filled))
    order = np.full(int(start[-1]), len(word), dtype=np.int64)
    by_word = np.argsort(word, kind="stable")
    within = np.arange(len(word)) - np.repeat(np.cumsum(count) - count, count)
    order[start[word[by_word]] + within] = by_word
    return start, order

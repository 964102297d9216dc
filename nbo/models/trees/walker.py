"""Raw scores of trees: the same bits as LightGBM's, many times faster."""

from __future__ import annotations

from typing import Any

import numpy as np

from nbo.models.offer_codes import OfferCodes
from nbo.models.row_threads import in_threads
from nbo.models.trees.flat_trees import WORD, FlatTrees, OfferGroups, lay_out_leaves
from nbo.models.trees.flatten import flatten
from nbo.models.trees.model_text import Tree

__all__ = ["TreeWalker"]

# Rows whose codes stay in the cache.
_ROWS_AT_ONCE = 2048
_NO_PICKS = np.empty((0, 0), dtype=np.int64)


class TreeWalker:
    """Trees that score rows, or customers with all offers at once.

    The tests on the columns of the customers are asked once for a customer, those of the offers
    once for an offer. What both leave of a tree is the leaf of the customer with the offer.

    Parameters
    ----------
    trees : list of Tree
    n_features : int
        Columns of the matrix.

    Raises
    ------
    ImportError
        If numba is not installed.
    """

    def __init__(self, trees: list[Tree], n_features: int) -> None:
        # Compiled only where it pays: it takes seconds.
        from nbo.models.trees import kernels

        self._kernels: Any = kernels
        self.trees, self._n_features = trees, n_features
        self._leaves = lay_out_leaves(trees)
        # By the columns of offers: the tests of both kinds, and the last offers, for who scores customer by customer.
        self._splits: dict[tuple[int, ...], tuple[FlatTrees, FlatTrees]] = {}
        self._groups: dict[tuple[int, ...], tuple[bytes, OfferGroups]] = {}

    def score(self, matrix: np.ndarray, n_jobs: int = 1) -> np.ndarray:
        """Give the raw scores of rows.

        Parameters
        ----------
        matrix : ndarray of float, shape (n, p)
        n_jobs : int, default=1
            Threads; they change no bit.

        Returns
        -------
        ndarray of shape (n,)
        """
        return self.score_offers(matrix, OfferCodes([], np.empty((1, 0))), n_jobs)[:, 0]

    def score_offers(self, matrix: np.ndarray, offers: OfferCodes, n_jobs: int = 1) -> np.ndarray:
        """Give the raw scores of customers with each offer.

        Parameters
        ----------
        matrix : ndarray of float, shape (n, p)
            Customers; what stands in the columns of the offers is of no effect.
        offers : OfferCodes
        n_jobs : int, default=1
            Threads; they change no bit.

        Returns
        -------
        ndarray of shape (n, k)
        """
        flat, groups = self._prepare(offers)
        scores = np.empty((len(matrix), offers.n_offers))

        def work(rows: slice) -> None:
            for start in range(rows.start, rows.stop, _ROWS_AT_ONCE):
                part = slice(start, min(start + _ROWS_AT_ONCE, rows.stop))
                picks = offers.of(part).picks
                picks = _NO_PICKS if picks is None else np.require(picks, np.int64, ("C", "A", "W"))
                codes, places = self._code(flat, matrix[part])
                self._kernels.walk(flat, self._leaves, groups, codes, places, picks, scores[part])

        in_threads(work, len(matrix), n_jobs)
        return scores

    def _code(self, flat: FlatTrees, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        # Arrays of another layout would be compiled for anew.
        matrix = np.require(matrix, float, ("C", "A", "W"))
        codes = np.zeros((max(flat.n_columns, 1), len(matrix)), dtype=np.uint8)
        places = np.empty((len(flat.category_feature), len(matrix)), dtype=np.int64)
        self._kernels.code_numbers(flat, matrix, codes)
        self._kernels.code_categories(flat, matrix, places)
        return codes, places

    def _prepare(self, offers: OfferCodes) -> tuple[FlatTrees, OfferGroups]:
        positions, codes = tuple(offers.positions), offers.codes.tobytes()
        split = self._splits.get(positions)
        if split is None:
            of_offers = np.zeros(self._n_features, dtype=bool)
            of_offers[offers.positions] = True
            split = flatten(self.trees, ~of_offers), flatten(self.trees, of_offers)
            self._splits[positions] = split
        customers, theirs = split
        known = self._groups.get(positions)
        if known is None or known[0] != codes:
            left = np.empty((len(self._leaves.value) // WORD, len(offers.codes)), dtype=np.uint32)
            self._kernels.cross_out(theirs, *self._code(theirs, offers.rows(self._n_features)), left)
            known = codes, _group(left, self._leaves.word_start)
            self._groups[positions] = known
        return customers, known[1]


def _group(left: np.ndarray, word_start: np.ndarray) -> OfferGroups:
    """Group offers, tree by tree, by the leaves of shape (n_words, n_offers) that they leave."""
    group_start, mask_start, member_start = [0], [0], [0]
    masks: list[np.ndarray] = []
    members: list[int] = []
    for begin, end in zip(word_start[:-1].tolist(), word_start[1:].tolist(), strict=True):
        by_mask: dict[bytes, list[int]] = {}
        words = np.ascontiguousarray(left[begin:end].T)
        for offer, mask in enumerate(words):
            by_mask.setdefault(mask.tobytes(), []).append(offer)
        for mine in by_mask.values():
            masks.append(words[mine[0]])
            members += mine
            mask_start.append(mask_start[-1] + end - begin)
            member_start.append(len(members))
        group_start.append(len(member_start) - 1)
    starts = (np.array(each, dtype=np.int64) for each in (group_start, mask_start))
    joined = np.concatenate([*masks, np.empty(0, dtype=np.uint32)])
    ends = (np.array(each, dtype=np.int64) for each in (member_start, members))
    return OfferGroups._make([left.shape[1], *starts, joined, *ends])

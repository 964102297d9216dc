"""A walker that is used only while it gives LightGBM's own bits."""

from __future__ import annotations

import logging
import sys
from typing import Any

import numpy as np

from nbo.models.offer_codes import OfferCodes
from nbo.models.trees.hard_rows import hard_rows
from nbo.models.trees.model_text import Tree, read_trees
from nbo.models.trees.walker import TreeWalker

__all__ = ["CheckedWalker"]

logger = logging.getLogger(__name__)

_KERNELS = "nbo.models.trees.kernels"

# A walk is one row through one tree, some 40 ns of LightGBM's time. Compiling takes as long as the first number
# of them, reading and checking the trees of a model as long as the second; so who waits for that waits twice at most.
_WALKS_TO_COMPILE = 100_000_000
_WALKS_TO_LAY_OUT = 5_000_000
# Fewer scores are not worth a block.
_LEAST_SCORES = 16

_CHECK_SCORES = 512
_CHECK_OFFERS = 16
# More words of bit sets in one tree make tables that are too large; LightGBM asks the bits.
_MOST_CATEGORY_WORDS = 1024


class CheckedWalker:
    """A walker of the trees of a model, or none where it is not as LightGBM.

    At its first use, and at the first use with the columns of offers, its scores of some hundreds
    of hard rows are compared with LightGBM's, bit by bit. Where they differ, a warning is logged,
    and it answers None from then on; so it does, without a word, where numba is not installed.

    Parameters
    ----------
    text : str
        Trees in LightGBM's text format.
    booster : lightgbm.Booster
        Of the same text.
    """

    def __init__(self, text: str, booster: Any) -> None:
        self._text, self._booster = text, booster
        self._n_features, self._n_trees = booster.num_feature(), booster.num_trees()
        self._walker: TreeWalker | None = None
        self._checked: set[tuple[int, ...]] = set()
        self._asked = 0
        self._given_up = "num_tree_per_iteration=1\n" not in text.partition("Tree=")[0]

    def score_offers(self, matrix: np.ndarray, offers: OfferCodes, n_jobs: int = 1) -> np.ndarray | None:
        """Give the raw scores of customers with each offer.

        Parameters
        ----------
        matrix : ndarray of float, shape (n, p)
        offers : OfferCodes
        n_jobs : int, default=1
            Threads; they change no bit.

        Returns
        -------
        ndarray of shape (n, k), or None
            None where LightGBM has to be asked: it is too little work, numba is not installed, or
            the bits were not the same.
        """
        if matrix.shape[1] != self._n_features or not self._pays(len(matrix) * offers.n_offers):
            return None
        walker = self._ready(offers)
        return None if walker is None else walker.score_offers(matrix, offers, n_jobs)

    def _pays(self, n_scores: int) -> bool:
        if self._given_up:
            return False
        if self._walker is not None:
            return n_scores >= _LEAST_SCORES
        self._asked += n_scores * self._n_trees
        return self._asked >= (_WALKS_TO_LAY_OUT if _KERNELS in sys.modules else _WALKS_TO_COMPILE)

    def _ready(self, offers: OfferCodes) -> TreeWalker | None:
        key = tuple(offers.positions)
        if key not in self._checked:
            problem = self._problem(offers)
            self._given_up = problem is not None
            if problem:
                logger.warning("LightGBM scores in place of the compiled trees: %s", problem)
            self._checked.add(key)
        return None if self._given_up else self._walker

    def _problem(self, offers: OfferCodes) -> str | None:
        """Say why LightGBM has to be asked: nothing where it has not, an empty text where that is as it should be."""
        try:
            if self._walker is None:
                trees = read_trees(self._text)
                if len(trees) != self._n_trees or not all(map(_can_walk, trees)):
                    return ""
                self._walker = TreeWalker(trees, self._n_features)
            same = self._agrees(self._walker, offers)
        except ImportError:
            return ""
        except Exception as error:  # Whatever a compiler stumbles over, LightGBM does the work.
            return f"{type(error).__name__}: {error}"
        return None if same else "the scores of some hundreds of rows are not the same"

    def _agrees(self, walker: TreeWalker, offers: OfferCodes) -> bool:
        few = OfferCodes(offers.positions, offers.codes[:_CHECK_OFFERS])
        rows = hard_rows(walker.trees, self._n_features, max(_CHECK_SCORES // few.n_offers, 1))
        found = walker.score_offers(rows, few)
        for k in range(few.n_offers):
            few.put(rows, k)
            if not np.array_equal(found[:, k], self._booster.predict(rows, raw_score=True, num_threads=1)):
                return False
        return True


def _can_walk(tree: Tree) -> bool:
    small = len(tree.cat_threshold) <= _MOST_CATEGORY_WORDS
    return small and not tree.is_linear.any() and not np.isnan(tree.threshold).any()

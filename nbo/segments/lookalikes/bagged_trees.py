"""Trees that tell known members from draws of everybody else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np

from nbo.segments.tree import Tree

__all__ = ["BaggedTrees"]

_LEAVES: Final = 32
_FEWEST: Final = 5
# So many rows at once, so that what a tree looks at stays in the processor's cache.
_CHUNK: Final = 50_000


@dataclass(frozen=True)
class BaggedTrees:
    """Trees that tell known members from draws of everybody else, after Mordelet and Vert [1]_.

    Among those who are not known as members some may be. So no tree takes all of them for strangers: each sees a
    draw of them and a draw, with replacement, of the members, in equal number, of one of two random halves of all. The
    score is the mean share of members in the leaves.

    Parameters
    ----------
    trees : tuple of Tree
    shares : tuple of ndarray of shape (n_nodes,)
        Share of members among the rows of each node, by tree.

    References
    ----------
    .. [1] Mordelet, F. and Vert, J.-P. (2014). A bagging SVM to learn from positive and unlabeled examples.
       Pattern Recognition Letters 37, 201-209.
    """

    trees: tuple[Tree, ...]
    shares: tuple[np.ndarray, ...]

    @classmethod
    def fit(
        cls, matrix: np.ndarray, member: np.ndarray, n_trees: int, most: int, seed: int
    ) -> tuple[Self, np.ndarray, np.ndarray]:
        """Grow the trees.

        Parameters
        ----------
        matrix : ndarray of float32, shape (n, p)
        member : ndarray of bool, shape (n,)
            At least two members and two others.
        n_trees : int
            Trees of each half.
        most : int
            Most members, and most others, that a tree sees.
        seed : int

        Returns
        -------
        trees : BaggedTrees
        held_out : ndarray of shape (n,)
            Score of each row by the trees of the half that it is not in.
        half : ndarray of int, shape (n,)
            Half of each row, 0 or 1.
        """
        from sklearn.tree import DecisionTreeClassifier

        rng = np.random.default_rng(seed)
        half = _halves(member, rng)
        trees, shares = [], []
        held_out = np.zeros(len(matrix))
        for number in range(2 * n_trees):
            held = half == number % 2
            own, rest = np.flatnonzero(member & ~held), np.flatnonzero(~member & ~held)
            n_own = min(len(own), most)
            bag = np.concatenate([rng.choice(own, n_own), rng.choice(rest, min(n_own, len(rest)), replace=False)])
            grown = DecisionTreeClassifier(
                max_leaf_nodes=_LEAVES,
                min_samples_leaf=_FEWEST,
                max_features="sqrt",
                class_weight="balanced",
                random_state=int(rng.integers(2**31)),
            ).fit(matrix[bag], member[bag])
            trees.append(Tree.of(grown))
            shares.append(grown.tree_.value[:, 0, 1].copy())
            held_out[held] += shares[-1][grown.apply(matrix[held])] / n_trees
        return cls(tuple(trees), tuple(shares)), held_out, half

    def scores(self, matrix: np.ndarray) -> np.ndarray:
        """Score rows.

        Parameters
        ----------
        matrix : ndarray of float32, shape (n, p)

        Returns
        -------
        ndarray of shape (n,)
            In [0, 1]; no probability yet.
        """
        found = np.zeros(len(matrix))
        for start in range(0, len(matrix), _CHUNK):
            part = matrix[start : start + _CHUNK]
            for tree, share in zip(self.trees, self.shares, strict=True):
                found[start : start + _CHUNK] += share[tree.apply(part)]
        return found / max(len(self.trees), 1)

    @property
    def columns(self) -> list[int]:
        """Columns of the matrix that some tree looks at."""
        return sorted({int(column) for tree in self.trees for column in tree.column if column >= 0})

    def to_dict(self) -> dict[str, Any]:
        """Give JSON values.

        Returns
        -------
        dict
        """
        return {"trees": [tree.to_dict() for tree in self.trees], "shares": [share.tolist() for share in self.shares]}

    @classmethod
    def from_dict(cls, state: dict[str, Any]) -> Self:
        """Rebuild from :meth:`to_dict`.

        Parameters
        ----------
        state : dict

        Returns
        -------
        BaggedTrees
        """
        trees = tuple(Tree.from_dict(tree) for tree in state["trees"])
        return cls(trees, tuple(np.array(share) for share in state["shares"]))


def _halves(member: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Part the rows by chance, members and others each into equal halves."""
    half = np.zeros(len(member), dtype=np.int64)
    for rows in (np.flatnonzero(member), np.flatnonzero(~member)):
        half[rows] = rng.permutation(len(rows)) % 2
    return half

"""Rows that lie where walkers of trees go wrong."""

from __future__ import annotations

import numpy as np

from nbo.models.trees.model_text import Tree

__all__ = ["hard_rows"]

_CATEGORY = 1
_ODD = [np.nan, 0.0, -0.0, 1e-36, -1e-36, 1e-35, 2e-35, np.inf, -np.inf, -1.0, -0.5, 0.5, 1e10, 3e38]


def hard_rows(trees: list[Tree], n_features: int, n_rows: int) -> np.ndarray:
    """Draw values at the thresholds and next to them, categories and unknown ones, and odd numbers.

    Parameters
    ----------
    trees : list of Tree
    n_features : int
        Columns, p.
    n_rows : int

    Returns
    -------
    ndarray of float, shape (n_rows, p)
        The same for the same trees.
    """
    rng = np.random.default_rng(0)
    asked: list[list[float]] = [[] for _ in range(n_features)]
    for tree in trees:
        for node, feature in enumerate(tree.split_feature.tolist()):
            if tree.decision_type[node] & _CATEGORY:
                known = tree.categories(node)
                asked[feature] += [*known.tolist(), known.max(initial=0) + 1.0, known.max(initial=0) + 0.5]
            else:
                asked[feature].append(float(tree.threshold[node]))
    rows = np.empty((n_rows, n_features))
    for feature, values in enumerate(asked):
        exact = np.unique(values)
        near = np.concatenate([exact, np.nextafter(exact, np.inf), np.nextafter(exact, -np.inf)])
        pool = np.where(
            rng.random(n_rows) < 0.8, rng.choice(near, n_rows) if len(near) else 1.0, rng.choice(_ODD, n_rows)
        )
        rows[:, feature] = pool
    return rows

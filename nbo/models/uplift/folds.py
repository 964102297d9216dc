"""Folds for cross-fitting: what is learnt of a row is learnt from other rows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbo.errors import InputError
from nbo.rng import generator

__all__ = ["make_folds"]


def make_folds(arm: np.ndarray, n_folds: int, seed: int, groups: np.ndarray | None = None) -> np.ndarray:
    """Cut rows into folds that are as good as equal in size and in arms.

    Parameters
    ----------
    arm : ndarray of int, shape (n,)
        The arm of each row.
    n_folds : int
        At most; fewer where an arm has fewer rows, but two.
    seed : int
        The cut is at random.
    groups : ndarray of shape (n,), optional
        Such as customer ids; rows of one group are in one fold.

    Returns
    -------
    ndarray of int, shape (n,)
        The fold of each row.

    Raises
    ------
    InputError
        If an arm has a single row, or all its rows are of one group.

    Examples
    --------
    >>> sorted(make_folds(np.array([0, 0, 1, 1]), 2, seed=0).tolist())
    [0, 0, 1, 1]
    """
    keys = np.arange(len(arm)) if groups is None else pd.factorize(groups, use_na_sentinel=False)[0]
    rows_of_arm = np.bincount(arm)
    by_rarity = np.argsort(np.argsort(rows_of_arm, kind="stable"))
    # A group counts to the rarest arm that it has rows in; each arm is dealt out in turn.
    rarest = np.full(keys.max() + 1, len(rows_of_arm))
    np.minimum.at(rarest, keys, by_rarity[arm])
    order = np.lexsort([generator(seed).random(len(rarest)), rarest])
    folds = max(2, min(n_folds, int(rows_of_arm.min())))
    fold = np.empty(len(rarest), dtype=int)
    fold[order] = np.arange(len(rarest)) % folds
    cut = fold[keys]
    _check(arm, cut, "rows" if groups is None else "groups")
    return cut


def _check(arm: np.ndarray, fold: np.ndarray, what: str) -> None:
    for a in range(arm.max() + 1):
        if len(np.unique(fold[arm == a])) < 2:
            raise InputError(
                f"each arm must have 2 {what} or more, for what is said of a row is learnt from others; "
                f"an arm of {int((arm == a).sum())} rows (n_samples = {len(arm)} in all) has not."
            )

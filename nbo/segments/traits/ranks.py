"""Tests of one feature in all segments at once."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from scipy import special, stats

__all__ = ["RankTest", "category_p_values"]

# With fewer values than this apart from the commonest one, expected in a segment or outside it, the
# normal limit of rank sums is not to be trusted.
_FEW: Final = 10.0


def category_p_values(has: np.ndarray, n: np.ndarray, all_have: int, all_n: int) -> np.ndarray:
    """Test whether a share differs between each group and all others, exactly.

    Twice the smaller tail of Fisher's exact test [1]_.

    Parameters
    ----------
    has, n : ndarray of int, shape (k,)
        Customers of each group that have the category, and all of it.
    all_have, all_n : int
        The same of everybody.

    Returns
    -------
    ndarray of shape (k,)
        In [0, 1].

    References
    ----------
    .. [1] Fisher, R. A. (1935). The logic of inductive inference. Journal of the Royal
       Statistical Society 98, 39-54.
    """
    low = stats.hypergeom.cdf(has, all_n, all_have, n)
    high = stats.hypergeom.sf(has - 1, all_n, all_have, n)
    return np.asarray(np.minimum(1.0, 2 * np.minimum(low, high)))


class RankTest:
    """Mann and Whitney's test of each group against all others [1]_, with ties.

    Where too few values differ from the commonest one, as in rare counts, the test is Fisher's exact one of
    having that value or another.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
        Finite.
    code : ndarray of int, shape (n,)
        Group of each value, in [0, k).
    k : int
        Number of groups.

    References
    ----------
    .. [1] Mann, H. B. and Whitney, D. R. (1947). On a test of whether one of two random variables
       is stochastically larger than the other. The Annals of Mathematical Statistics 18, 50-60.
    """

    def __init__(self, values: np.ndarray, code: np.ndarray, k: int) -> None:
        self._values, self._code, self._k = values, code, k
        self._n = np.bincount(code, minlength=k).astype(float)
        self._rest = len(values) - self._n
        order = np.argsort(values, kind="stable")
        self._order, ordered = order, values[order]
        start = np.flatnonzero(np.append(True, np.diff(ordered) != 0))
        self._ties = np.diff(np.append(start, len(values))).astype(float)
        ranks = np.empty(len(values))
        ranks[order] = np.repeat(start + (self._ties + 1) / 2, self._ties.astype(int))
        self._ranks = ranks
        self._commonest = ordered[start[self._ties.argmax()]]

    def table(self) -> pd.DataFrame:
        """Give one row for each group; p_value is NaN where a group or the rest is empty.

        Returns
        -------
        DataFrame of shape (k, 5)
            measure, here, others, effect, p_value.
        """
        pairs = np.where((self._n > 0) & (self._rest > 0), self._n * self._rest, np.nan)
        u = np.bincount(self._code, weights=self._ranks, minlength=self._k) - self._n * (self._n + 1) / 2
        total = float(len(self._values))
        ties = (self._ties**3 - self._ties).sum() / (total * (total - 1))
        spread = np.sqrt(pairs / 12 * (total + 1 - ties))
        p_value = 2 * special.ndtr(-np.maximum(np.abs(u - pairs / 2) - 0.5, 0) / spread)
        other = self._values != self._commonest
        expected = np.minimum(self._n, self._rest) * other.mean()
        has = np.bincount(self._code[other], minlength=self._k)
        exact = category_p_values(has, self._n.astype(int), int(other.sum()), len(other))
        if self._ties.max() > total / 2:
            # One value is so common that the sum of few ranks is far from normal.
            p_value = np.where(np.isnan(pairs) | (expected >= _FEW), p_value, exact)
        effect = 2 * u / pairs - 1
        return pd.DataFrame(self._typical(effect)).assign(effect=effect, p_value=np.minimum(p_value, 1.0))

    def _typical(self, effect: np.ndarray) -> dict[str, np.ndarray | list[str]]:
        """Give medians, or means where the medians do not show the effect."""
        by_size, own = self._values[self._order], self._code[self._order]
        sums = np.bincount(self._code, weights=self._values, minlength=self._k)
        with np.errstate(invalid="ignore", divide="ignore"):
            means = sums / self._n, (sums.sum() - sums) / self._rest
        here, others = (np.full(self._k, np.nan) for _ in range(2))
        for group in np.flatnonzero((self._n > 0) & (self._rest > 0)):
            inside = own == group
            here[group], others[group] = _middle(by_size[inside]), _middle(by_size[~inside])
        same = (here == others) | (np.sign(here - others) != np.sign(effect))
        return {
            "measure": np.where(same, "mean", "median").tolist(),
            "here": np.where(same, means[0], here),
            "others": np.where(same, means[1], others),
        }


def _middle(ordered: np.ndarray) -> float:
    """Give the median of values in order."""
    return float(ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2

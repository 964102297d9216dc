"""How far apart customers are in features of any type, and who is in the middle."""

from __future__ import annotations

from typing import Final, Self

import numpy as np
import pandas as pd

__all__ = ["ProfileSpace"]

# Pairs of profiles compared in one go.
_CHUNK: Final = 4_000_000
# Numbers further out, in ranges, are all alike.
_FAR: Final = 1e6


class ProfileSpace:
    r"""Profiles as points whose distance is the mean difference of their features, after Gower [1]_.

    Two numbers differ by :math:`|x - y| / r`, at most 1, where r is the range from their 5 % to their 95 % quantile, so
    that a single outlier does not make all others equal; two categories by 0 or 1. Where one is
    missing they differ by 1, where both are by 0.

    Parameters
    ----------
    numbers : ndarray of float32, shape (n, p)
        In units of r.
    codes : ndarray of int32, shape (n, q)
        -1 where missing.

    References
    ----------
    .. [1] Gower, J. C. (1971). A general coefficient of similarity and some of its properties. Biometrics 27, 857-871.
    """

    def __init__(self, numbers: np.ndarray, codes: np.ndarray) -> None:
        self._numbers, self._codes = numbers, codes

    @classmethod
    def of(cls, X: pd.DataFrame) -> Self:
        """Take features.

        Parameters
        ----------
        X : DataFrame of shape (n, any)
            Numbers, flags, texts and categories. Features without different values do not count.

        Returns
        -------
        ProfileSpace
        """
        numbers, codes = [], []
        for name in X.columns:
            column = X[name]
            if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype):
                values = column.to_numpy(dtype=float, na_value=np.nan)
                low, reach = _reach(values[np.isfinite(values)])
                if reach > 0:
                    scaled = np.where(np.isfinite(values), (values - low) / reach, np.nan)
                    numbers.append(np.clip(scaled, -_FAR, _FAR).astype(np.float32))
            else:
                codes.append(pd.factorize(column.astype(object))[0].astype(np.int32))
        return cls(_stacked(numbers, len(X), np.float32), _stacked(codes, len(X), np.int32))

    def distances(self, some: np.ndarray, others: np.ndarray) -> np.ndarray:
        """Measure how far profiles are apart.

        Parameters
        ----------
        some, others : ndarray of int, of lengths a and b
            Places of the profiles.

        Returns
        -------
        ndarray of shape (a, b)
            In [0, 1].
        """
        sums = np.zeros((len(some), len(others)), dtype=np.float32)
        for place in range(self._numbers.shape[1]):
            left, right = self._numbers[some, place], self._numbers[others, place]
            apart = np.abs(left[:, None] - right[None, :])
            strange = np.isnan(left)[:, None] != np.isnan(right)[None, :]
            sums += np.where(strange, 1.0, np.minimum(np.nan_to_num(apart), 1.0)).astype(np.float32)
        for place in range(self._codes.shape[1]):
            sums += self._codes[some, place][:, None] != self._codes[others, place][None, :]
        return sums / max(self._numbers.shape[1] + self._codes.shape[1], 1)

    def nearest(self, some: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Find the nearest of the others for each profile; of equals the first.

        Parameters
        ----------
        some, others : ndarray of int, of lengths a and b
            Places; b is 1 or more.

        Returns
        -------
        place : ndarray of int, shape (a,)
            Among all profiles.
        distance : ndarray of float, shape (a,)
        """
        step = max(_CHUNK // len(others), 1)
        found, apart = np.zeros(len(some), dtype=np.int64), np.zeros(len(some))
        for start in range(0, len(some), step):
            distances = self.distances(some[start : start + step], others)
            best = distances.argmin(axis=1)
            found[start : start + step] = others[best]
            apart[start : start + step] = distances[np.arange(len(best)), best]
        return found, apart

    def medoid(self, members: np.ndarray, most: int = 500) -> int:
        """Find the profile with the smallest mean distance to the others of its group; of equals the first.

        Parameters
        ----------
        members : ndarray of int, shape (m,)
            Places, 1 or more, in an order that chance has made.
        most : int, default=500
            In larger groups, so many profiles next to the medians and modes are looked at, by their
            distance to the first so many.

        Returns
        -------
        int
        """
        reference = members[:most]
        candidates = members
        if len(members) > most:
            center = ProfileSpace(
                np.vstack([self._numbers[members], _medians(self._numbers[members])]),
                np.vstack([self._codes[members], _modes(self._codes[members])]),
            )
            apart = center.distances(np.arange(len(members)), np.array([len(members)])).ravel()
            candidates = members[np.sort(np.argsort(apart, kind="stable")[:most])]
        return int(candidates[self.distances(candidates, reference).mean(axis=1, dtype=float).argmin()])


def _reach(known: np.ndarray) -> tuple[float, float]:
    """Give where the bulk of values begins, and how far it reaches."""
    if not len(known):
        return 0.0, 0.0
    low, high = np.quantile(known, [0.05, 0.95])
    return float(low), float(high - low) or float(np.ptp(known))


def _stacked(columns: list[np.ndarray], n: int, kind: type) -> np.ndarray:
    return np.column_stack(columns) if columns else np.zeros((n, 0), dtype=kind)


def _medians(numbers: np.ndarray) -> np.ndarray:
    """Give the median of each column; NaN where most rows are missing."""
    result = np.full(numbers.shape[1], np.nan, dtype=np.float32)
    for place in range(numbers.shape[1]):
        known = numbers[~np.isnan(numbers[:, place]), place]
        if 2 * len(known) > len(numbers):
            result[place] = np.median(known)
    return result


def _modes(codes: np.ndarray) -> np.ndarray:
    """Give the most frequent code of each column."""
    return np.array([np.bincount(column + 1).argmax() - 1 for column in codes.T], dtype=np.int32)

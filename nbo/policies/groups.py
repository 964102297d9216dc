"""Rows that need the same probabilities."""

from __future__ import annotations

import numpy as np
import pandas as pd

__all__ = ["equal_rows", "group_rows"]

# Odd, so that no bit of a number is lost when it is multiplied modulo 2**64.
_ODD = np.uint64(0x9E3779B97F4A7C15)


def group_rows(segments: np.ndarray | pd.Series, eligible: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Group rows of equal segment and equal eligible offers, in linear time.

    Parameters
    ----------
    segments : ndarray or Series of str, shape (n,)
    eligible : ndarray of bool, shape (n, k)

    Returns
    -------
    group : ndarray of int, shape (n,)
        Number of the row's group, in [0, n_groups).
    first : ndarray of int, shape (n_groups,)
        First row of each group.

    Examples
    --------
    >>> group, first = group_rows(np.array(["a", "b", "a"]), np.array([[True], [True], [True]]))
    >>> group.tolist(), first.tolist()
    ([0, 1, 0], [0, 1])
    """
    group, _ = pd.factorize(segments)
    if not eligible.all():
        group = _with_offers(group, eligible)
    first = np.empty(group.max(initial=-1) + 1, dtype=np.intp)
    # The last to write is the first row.
    first[group[::-1]] = np.arange(len(group))[::-1]
    return group, first


def _with_offers(group: np.ndarray, eligible: np.ndarray) -> np.ndarray:
    packed = np.packbits(eligible, axis=1)
    # Seven bytes make a number below 2**56. Numbers are counted off before they meet the groups.
    for start in range(0, packed.shape[1], 7):
        part = packed[:, start : start + 7].astype(np.int64)
        code, words = pd.factorize(part @ (256 ** np.arange(part.shape[1], dtype=np.int64)))
        group, _ = pd.factorize(group.astype(np.int64) * len(words) + code)
    return group


def equal_rows(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Group equal rows of a matrix, in linear time.

    Parameters
    ----------
    matrix : ndarray of shape (n, p)
        Numbers or flags, none missing.

    Returns
    -------
    group : ndarray of int, shape (n,)
        Number of the row's group, in [0, n_groups), by first appearance.
    first : ndarray of int, shape (n_groups,)
        First row of each group.

    Examples
    --------
    >>> group, first = equal_rows(np.array([[0.5, 0.5], [1.0, 0.0], [0.5, 0.5]]))
    >>> group.tolist(), first.tolist()
    ([0, 1, 0], [0, 1])
    """
    n, p = matrix.shape
    # 0.0 and -0.0 are equal, but not their bits.
    bits = (matrix.astype(float, order="C") + 0.0).view(np.uint64) if n * p else np.zeros((n, 1), dtype=np.uint64)
    code = np.zeros(n, dtype=np.uint64)
    for column in bits.T:
        code = (code ^ column) * _ODD
        code ^= code >> np.uint64(29)
    group, _ = pd.factorize(code)
    first = np.empty(group.max(initial=-1) + 1, dtype=np.intp)
    first[group[::-1]] = np.arange(n)[::-1]
    if np.array_equal(bits[first[group]], bits):
        return group, first
    # Two different rows have met in one code.
    _, first, group = np.unique(bits, axis=0, return_index=True, return_inverse=True)
    return group.ravel(), first

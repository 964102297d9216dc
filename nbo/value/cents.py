"""Money in whole cents: integers, so that sums are exact in any order."""

from __future__ import annotations

from typing import Final

import numpy as np

from nbo.checks import check_rows

__all__ = ["money", "shared_out", "sums", "whole_cents"]

# A sum of ten million of the largest amounts still fits in 64 bits.
_LARGEST: Final = 2.0**39
_WAY_OUT: Final = "Give amounts in a larger unit, such as thousands."


def whole_cents(amounts: np.ndarray, what: str) -> np.ndarray:
    """Round each amount to whole cents; one that is missing counts as 0.

    Each row is rounded by itself, a half to the even cent, before anything is summed. Every sum of them is then a sum
    of integers.

    Parameters
    ----------
    amounts : ndarray of float, shape (m,)
        Money; NaN where missing.
    what : str
        Name for messages.

    Returns
    -------
    ndarray of int64, shape (m,)

    Raises
    ------
    InputError
        If an amount is 5,497,558,138 or more either way.

    Examples
    --------
    >>> whole_cents(np.array([0.1, 0.2, -9.125, np.nan]), "amount").tolist()
    [10, 20, -912, 0]
    """
    hundredths = np.rint(np.nan_to_num(amounts * 100))
    check_rows(np.abs(hundredths) >= _LARGEST, amounts, what, "below 5,497,558,138 either way", _WAY_OUT)
    return hundredths.astype(np.int64)


def money(cents: np.ndarray) -> np.ndarray:
    """Give cents as money, the float next to it; ``rint(100 * money)`` gives back the cents.

    Parameters
    ----------
    cents : ndarray of int64

    Returns
    -------
    ndarray of float

    Examples
    --------
    >>> money(np.array([30, -1000])).tolist()
    [0.3, -10.0]
    """
    return cents / 100


def sums(groups: np.ndarray, cents: np.ndarray, n: int) -> np.ndarray:
    """Add up cents by group, exactly.

    Parameters
    ----------
    groups : ndarray of int, shape (m,)
        From 0 to `n`; rows below 0 belong to none.
    cents : ndarray of int64, shape (m,)
    n : int

    Returns
    -------
    ndarray of int64, shape (n,)

    Examples
    --------
    >>> sums(np.array([0, 2, 0, -1]), np.array([10, 5, 1, 99]), 3).tolist()
    [11, 0, 5]
    """
    # Those of no group go to one more at the end, which is taken off.
    total = np.zeros(n + 1, dtype=np.int64)
    np.add.at(total, np.where(groups < 0, n, groups), cents)
    return total[:n]


def shared_out(total: int, weights: np.ndarray) -> np.ndarray:
    """Share out a sum in proportion to weights, in whole cents that add up to it.

    The running shares are rounded, so each share is less than a cent from its proportion.

    Parameters
    ----------
    total : int
        Cents.
    weights : ndarray of shape (n,)
        0 or more, some above 0.

    Returns
    -------
    ndarray of int64, shape (n,)

    Examples
    --------
    >>> shared_out(100, np.array([1, 1, 1])).tolist()
    [33, 34, 33]
    """
    reached = np.cumsum(weights, dtype=float)
    running = np.rint(total * (reached / reached[-1])).astype(np.int64)
    # A float is not exact from 2**53 on.
    running[-1] = total
    return np.diff(running, prepend=0)

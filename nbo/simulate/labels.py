"""Texts for numbers: ids and names, made fast for many rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

__all__ = ["draw_labels", "named", "numbered"]


def named(labels: Sequence[str] | pd.api.extensions.ExtensionArray, numbers: np.ndarray) -> pd.Series:
    """Give each number its label.

    Parameters
    ----------
    labels : sequence or array of str
    numbers : ndarray of int, shape (n,)
        Positions in `labels`; -1 gives a missing value.

    Returns
    -------
    Series of str, shape (n,)
    """
    texts = labels if isinstance(labels, pd.api.extensions.ExtensionArray) else pd.array(list(labels), dtype="str")
    return pd.Series(texts.take(np.asarray(numbers, dtype=np.int64), allow_fill=True))


def numbered(prefix: str, numbers: np.ndarray, width: int) -> pd.Series:
    """Make ids such as ``C0000042``.

    Parameters
    ----------
    prefix : str
    numbers : ndarray of int, shape (n,)
        A negative number gives a missing value.
    width : int
        Digits, with zeros in front.

    Returns
    -------
    Series of str, shape (n,)
    """
    ids = prefix + pd.Series(numbers).astype("str").str.zfill(width)
    return ids.where(np.asarray(numbers) >= 0)


def draw_labels(rng: np.random.Generator, labels: Sequence[str], shares: Sequence[float], n: int) -> pd.Series:
    """Draw labels with given shares.

    Parameters
    ----------
    rng : Generator
    labels : sequence of str
    shares : sequence of float
        One a label; they need not sum to 1.
    n : int

    Returns
    -------
    Series of str, shape (n,)
    """
    edges = np.cumsum(shares) / np.sum(shares)
    return named(labels, np.searchsorted(edges[:-1], rng.random(n), side="right"))

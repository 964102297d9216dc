"""The one place where a stated probability becomes a choice."""

from __future__ import annotations

import numpy as np

__all__ = ["picked_columns", "picked_in_groups"]

# Groups with fewer rows on average than this are laid out row by row.
_FEW = 8


def picked_columns(probabilities: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    """Choose one column of each row, each as often as its probability says.

    Parameters
    ----------
    probabilities : ndarray of shape (n, k)
        Rows sum to 1; a sum that is a rounding error away counts as 1.
    uniform : ndarray of shape (n,)
        One number in [0, 1) for each row, such as those of
        :func:`~nbo.policies.draws.row_uniforms`.

    Returns
    -------
    ndarray of int, shape (n,)
        Columns in [0, k), never one with probability 0.

    Examples
    --------
    >>> picked_columns(np.array([[0.25, 0.75, 0.0]] * 3), np.array([0.2, 0.25, 0.99])).tolist()
    [0, 1, 1]
    """
    cumulative = probabilities.cumsum(axis=1)
    chosen = (cumulative <= uniform[:, None] * cumulative[:, -1:]).sum(axis=1)
    last = probabilities.shape[1] - 1 - (probabilities[:, ::-1] > 0).argmax(axis=1)
    return np.minimum(chosen, last)


def picked_in_groups(probabilities: np.ndarray, group: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    """Choose one column for each row, where many rows share their probabilities.

    Parameters
    ----------
    probabilities : ndarray of shape (n_groups, k)
    group : ndarray of int, shape (n,)
        Row of `probabilities`.
    uniform : ndarray of shape (n,)
        In [0, 1).

    Returns
    -------
    ndarray of int, shape (n,)
        The same columns, to the bit, as those of :func:`picked_columns` row by row.

    Examples
    --------
    >>> picked_in_groups(np.array([[0.25, 0.75], [1.0, 0.0]]), np.array([0, 1, 0]), np.array([0.2, 0.9, 0.3])).tolist()
    [0, 0, 1]
    """
    if len(group) < _FEW * len(probabilities):
        return picked_columns(probabilities[group], uniform)
    cumulative = probabilities.cumsum(axis=1)
    last = probabilities.shape[1] - 1 - (probabilities[:, ::-1] > 0).argmax(axis=1)
    # Numbers of 16 bits are sorted in linear time.
    order = np.argsort(group.astype(np.uint16) if len(probabilities) < 2**16 else group, kind="stable")
    ends = np.bincount(group, minlength=len(probabilities)).cumsum()
    chosen = np.empty(len(group), dtype=np.intp)
    start = 0
    for steps, most, end in zip(cumulative, last, ends.tolist(), strict=True):
        rows = order[start:end]
        chosen[rows] = np.minimum(np.searchsorted(steps, uniform[rows] * steps[-1], side="right"), most)
        start = end
    return chosen

"""The one place where a stated probability becomes a choice."""

from __future__ import annotations

import numpy as np

__all__ = ["picked_columns"]


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

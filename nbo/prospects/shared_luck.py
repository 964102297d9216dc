"""How much good and bad times move all opportunities of a pipeline together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = ["shared_luck"]

_FEWEST = 3


def shared_luck(sums: Sequence[np.ndarray], steps: int) -> np.ndarray:
    r"""Estimate by how much what pipelines brought varies beyond independent wins, as a share of what was expected.

    With e expected of a pipeline in a period, v the variance of independent wins, and w won, the share is the root of
    the mean of (w - e)\ :sup:`2` - v over the mean of e\ :sup:`2`, by moments; 0 where independent wins vary as much.

    Parameters
    ----------
    sums : sequence of ndarray of shape (3, k)
        Of each past pipeline and its k steps that are over: e, v and w.
    steps : int
        Steps ahead.

    Returns
    -------
    ndarray of shape (steps,)
        Of steps with fewer than three pipelines it is that of the step before, at first 0.

    Examples
    --------
    >>> past = [np.array([[100.0], [25.0], [won]]) for won in (90.0, 110.0, 110.0, 90.0)]
    >>> shared_luck(past, 2).round(3).tolist()      # (100 - 25) x 4 / 3, for the mean was fitted; its root over 100
    [0.1, 0.1]
    """
    found = np.zeros(steps)
    for step in range(steps):
        seen = np.array([each[:, step] for each in sums if each.shape[1] > step]).reshape(-1, 3)
        n = len(seen)
        if n < _FEWEST:
            found[step] = found[step - 1] if step else 0.0
            continue
        expected, variance, won = seen.T
        beyond = ((won - expected) ** 2 - variance).sum() / (n - 1)
        size = (expected**2).mean()
        found[step] = np.sqrt(max(beyond, 0.0) / size) if size > 0 else 0.0
    return found

"""How many ones and zeros are reached by going down a ranking."""

from __future__ import annotations

import numpy as np

__all__ = ["ranked_totals"]


def ranked_totals(
    target: np.ndarray, p: np.ndarray, weight: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Count the ones and zeros whose prediction is at least a threshold, for every threshold.

    Rows of the same prediction come in no order, so they are reached together.

    Parameters
    ----------
    target : ndarray of shape (n,)
        0 and 1.
    p : ndarray of shape (n,)
        Predictions; the highest come first.
    weight : ndarray of shape (n,), optional
        Of each row, 0 or more.

    Returns
    -------
    threshold : ndarray of shape (m + 1,)
        The different predictions from high to low, after infinity, which nobody reaches.
    ones, zeros : ndarray of shape (m + 1,)
        Weight reached, from 0 on.

    Examples
    --------
    >>> ranked_totals(np.array([1, 0, 0, 1]), np.array([0.9, 0.2, 0.2, 0.8]))
    (array([inf, 0.9, 0.8, 0.2]), array([0., 1., 2., 2.]), array([0., 0., 0., 2.]))
    """
    each = np.ones(len(p)) if weight is None else weight
    order = np.argsort(-p, kind="stable")
    last_of_equals = np.flatnonzero(np.diff(p[order], append=-np.inf))
    ones, zeros = ((each * (target == label))[order].cumsum()[last_of_equals] for label in (1, 0))
    return np.append(np.inf, p[order][last_of_equals]), np.append(0.0, ones), np.append(0.0, zeros)

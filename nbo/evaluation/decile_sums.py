"""What lies in each tenth of a ranking, for many weightings of the same rows at once."""

from __future__ import annotations

import numpy as np

from nbo.evaluation.ranked_groups import ranked_groups

__all__ = ["decile_sums"]

_TENTHS = np.arange(11) / 10


def decile_sums(score: np.ndarray, part: np.ndarray, weights: np.ndarray, values: list[np.ndarray]) -> np.ndarray:
    """Add up weighted values in each tenth of the weight, the highest predictions first.

    A tenth that ends among rows of one prediction takes of each the share that it takes of them all,
    as if they came in no order. The tenths are those of each test part, added up.

    Parameters
    ----------
    score : ndarray of shape (n,)
        Predictions.
    part : ndarray of int, shape (n,)
        Test part of each row.
    weights : ndarray of shape (n, b)
        0 or more.
    values : list of q ndarrays of shape (n,)

    Returns
    -------
    ndarray of shape (1 + q, 10, b)
        The weight itself, then the values.

    Examples
    --------
    >>> score, part = np.arange(20.0), np.zeros(20, dtype=int)
    >>> decile_sums(score, part, np.ones((20, 1)), [score])[1, :, 0].tolist()
    [37.0, 33.0, 29.0, 25.0, 21.0, 17.0, 13.0, 9.0, 5.0, 1.0]
    """
    groups = ranked_groups(-score, part)
    sums = np.stack([groups.sums(weights), *(groups.sums(weights * value[:, np.newaxis]) for value in values)])
    found = np.zeros((len(sums), 10, weights.shape[1]))
    for rows in groups.slices():
        reached = np.pad(sums[:, rows].cumsum(axis=1), ((0, 0), (1, 0), (0, 0)))
        for b in range(weights.shape[1]):
            weight = reached[0, :, b]
            cuts = _TENTHS * weight[-1]
            found[:, :, b] += [np.diff(np.interp(cuts, weight, value)) for value in reached[:, :, b]]
    return found

"""How well scores tell two groups apart, with an interval."""

from __future__ import annotations

import numpy as np
from scipy import special, stats

__all__ = ["auc_interval"]


def auc_interval(scores: np.ndarray, member: np.ndarray, part: np.ndarray, level: float) -> tuple[float, float, float]:
    """Give the chance that a member has a higher score than another of the same part, after DeLong and others [1]_.

    Parameters
    ----------
    scores : ndarray of shape (n,)
    member : ndarray of bool, shape (n,)
    part : ndarray of int, shape (n,)
        Scores of different parts, by different models, are not compared; the mean of the parts is given.
    level : float
        Of the interval, in (0, 1).

    Returns
    -------
    tuple of float
        The area under the ROC curve, and its bounds, in [0, 1].

    References
    ----------
    .. [1] DeLong, E. R., DeLong, D. M. and Clarke-Pearson, D. L. (1988). Comparing the areas under two or more
       correlated receiver operating characteristic curves: a nonparametric approach. Biometrics 44, 837-845.

    Examples
    --------
    >>> auc_interval(np.array([1.0, 2, 3, 4]), np.array([False, True, False, True]), np.zeros(4), 0.95)[0]
    0.75
    """
    found = [_one(scores[part == number], member[part == number]) for number in np.unique(part)]
    auc = float(np.mean([area for area, _ in found]))
    # The parts were judged by models of each other, so their errors go together.
    error = np.mean([np.sqrt(variance) for _, variance in found])
    reach = float(special.ndtri((1 + level) / 2) * error)
    return auc, max(auc - reach, 0.0), min(auc + reach, 1.0)


def _one(scores: np.ndarray, member: np.ndarray) -> tuple[float, float]:
    """Give the area and its variance."""
    ranks, own, rest = stats.rankdata(scores), scores[member], scores[~member]
    beaten = (ranks[member] - stats.rankdata(own)) / len(rest)
    beaten_by = 1 - (ranks[~member] - stats.rankdata(rest)) / len(own)
    return float(beaten.mean()), float(beaten.var(ddof=1) / len(own) + beaten_by.var(ddof=1) / len(rest))

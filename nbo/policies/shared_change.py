"""How likely it is that all offers changed when one did."""

from __future__ import annotations

import numpy as np

__all__ = ["chance_of_shared_change"]

# After a change an offer's rate has another effect: the standard deviation of its logarithm, sqrt(2) times .5.
_CHANGED_SD = 0.7
# Without one it may be off by so much: what seemed best was chosen, and then falls short of it.
_UNCHANGED_SD = 0.15
# An acceptance rate is expected as if so many decisions had gone as the offer did in all segments.
_STRENGTH = 50.0
# Before any decision: an acceptance rate of 4 %, worth as many decisions.
_FIRST_RATE, _FIRST_STRENGTH = 0.04, 50.0


def chance_of_shared_change(n: np.ndarray, accepted: np.ndarray, new_n: np.ndarray, new_accepted: np.ndarray) -> float:
    r"""Weigh what came of other offers since one has changed.

    Either only that offer changed or all did, as likely before anything is seen. The others' acceptances since
    then, less what was expected from the decisions before it, segment by segment, have a variance V, which includes
    that of the expectation; a change of all adds that of new effects. The ratio of the two normal densities,
    multiplied over offers, is the Bayes factor [1]_. An offer that was hardly made since then says nothing.

    Parameters
    ----------
    n, accepted : ndarray of shape (n_segments, n_offers)
        Decisions of the other offers until the change, and acceptances among them.
    new_n, new_accepted : ndarray of shape (n_segments, n_offers)
        The same since it.

    Returns
    -------
    float
        In (0, 1).

    References
    ----------
    .. [1] Kass, R. E. and Raftery, A. E. (1995). Bayes factors. Journal of the American Statistical Association 90,
       773-795.

    Examples
    --------
    Nothing was seen of another offer since then, or it goes as before, or half as well.

    >>> n, accepted = np.array([[10_000.0]]), np.array([[400.0]])
    >>> new = [(0.0, 0.0), (5_000.0, 200.0), (5_000.0, 100.0)]
    >>> [round(chance_of_shared_change(n, accepted, np.full((1, 1), m), np.full((1, 1), x)), 2) for m, x in new]
    [0.5, 0.2, 0.93]
    """
    rate = (accepted.sum(axis=0) + _FIRST_RATE * _FIRST_STRENGTH) / (n.sum(axis=0) + _FIRST_STRENGTH)
    size = n + _STRENGTH
    expected = (accepted + _STRENGTH * rate) / size
    within = expected * (1 - expected)
    shared = (new_n * _STRENGTH / size).sum(axis=0) ** 2 * rate * (1 - rate) / (n.sum(axis=0) + _FIRST_STRENGTH)
    total = (new_n * expected).sum(axis=0)
    chance = (new_n * within * (1 + new_n / (size + 1))).sum(axis=0) + shared
    unchanged, changed = (chance + (sd * total) ** 2 for sd in (_UNCHANGED_SD, _CHANGED_SD))
    seen = new_n.sum(axis=0) > 0
    unchanged, changed = unchanged[seen], changed[seen]
    residual = (new_accepted.sum(axis=0) - total)[seen]
    log_factor = 0.5 * (np.log(unchanged / changed) + residual**2 * (1 / unchanged - 1 / changed)).sum()
    return float(1 / (1 + np.exp(-np.clip(log_factor, -50.0, 50.0))))

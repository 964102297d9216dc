"""How far a calibrated probability may be off, as far as later rows tell."""

from __future__ import annotations

from typing import Any

import numpy as np

from nbo.checks import check_probabilities
from nbo.errors import InputError
from nbo.models.metrics import like_probabilities
from nbo.models.targets import take_labels
from nbo.numbers import check_number
from nbo.wilson import wilson_interval

__all__ = ["probability_interval"]


def probability_interval(
    y: Any, p: Any, new: Any, level: float = 0.9, groups: int = 10
) -> tuple[np.ndarray, np.ndarray]:
    """Bound probabilities by what came of later rows of like probability.

    Later rows are put into groups of like probability. In each, Wilson's interval [1]_ bounds the rate at which it
    came true. A new probability takes the interval of the group that it falls into, moved along on the scale of
    log-odds from the group's mean probability to its own. Where the model promised too much, the interval lies
    below the probability, and need not hold it.

    Parameters
    ----------
    y : array-like of shape (n,)
        What came of rows that the model was not trained on: labels of two classes; the second one came true.
    p : array-like of shape (n,)
        Their probabilities, in [0, 1].
    new : array-like of shape (m,)
        Probabilities to bound, in [0, 1].
    level : float, default=0.9
        How often the interval of a group shall hold its true rate, in (0, 1).
    groups : int, default=10
        Number of groups, at most, as even in rows as ties allow.

    Returns
    -------
    low : ndarray of shape (m,)
        In [0, 1].
    high : ndarray of shape (m,)
        In [0, 1].

    Raises
    ------
    InputError
        If there are no later rows, a probability is missing or outside [0, 1], or `groups` is below 1.

    References
    ----------
    .. [1] Wilson, E. B. (1927). Probable inference, the law of succession, and statistical
       inference. Journal of the American Statistical Association 22(158), 209-212.

    Examples
    --------
    >>> low, high = probability_interval([0] * 5 + [1] * 5, [0.5] * 10, [0.5], level=0.95)
    >>> low.round(4).tolist(), high.round(4).tolist()      # of 5 in 10
    ([0.2366], [0.7634])
    """
    seen, asked = check_probabilities(p, "p"), check_probabilities(new, "new")
    if not len(seen):
        raise InputError("p must have at least one later row; got none.")
    check_number(groups, "groups", "1 or more", lambda n: n >= 1, whole=True)
    target, _ = take_labels(y, len(seen))
    group = like_probabilities(seen, groups)
    n = np.bincount(group)
    there = np.flatnonzero(n)
    ones, total = (np.bincount(group, weights=values)[there] for values in (target, seen))
    low, high = wilson_interval(ones, n[there], level)
    # A new probability beyond the edge between two groups belongs to the upper one.
    highest = np.array([seen[group == each].max() for each in there])
    place = np.minimum(np.searchsorted(highest, asked, side="left"), len(there) - 1)
    moved = _log_odds(asked) - _log_odds(total / n[there])[place]
    return _moved(low[place], moved), _moved(high[place], moved)


def _log_odds(p: np.ndarray) -> np.ndarray:
    inside = np.clip(p, 1e-12, 1 - 1e-12)
    return np.log(inside) - np.log1p(-inside)


def _moved(bound: np.ndarray, by: np.ndarray) -> np.ndarray:
    """Move bounds on the scale of log-odds; 0 and 1 stay where they are."""
    from scipy.special import expit

    return np.where((bound <= 0) | (bound >= 1), bound, expit(_log_odds(bound) + by))

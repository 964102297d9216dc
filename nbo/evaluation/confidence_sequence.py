"""An interval after every decision, valid at all of them together."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_frame, check_one_of
from nbo.errors import OverlapError
from nbo.evaluation.bernstein_interval import check_max_weight, check_reward_range
from nbo.evaluation.log import Log
from nbo.evaluation.overlap import Overlap
from nbo.evaluation.reading import read_log
from nbo.evaluation.support import Support
from nbo.numbers import check_number
from nbo.policies import Policy
from nbo.times import check_times

__all__ = ["confidence_sequence"]

# The largest must stay below 1; the least suits some billions of decisions.
_BETS = 0.8 / 2.0 ** np.arange(16)
_STEPS = 6
_BLOCK = 4096


def confidence_sequence(
    policy_or_probabilities: Policy | np.ndarray,
    feedback: pd.DataFrame,
    reward: str = c.REWARD,
    level: float = 0.95,
    *,
    offers: list[str] | None = None,
    reward_range: tuple[float, float] | None = None,
    max_weight: float | None = None,
    repeats: str = "first",
    support: Support = Support(),  # noqa: B008 -- frozen
) -> pd.DataFrame:
    r"""Bound a policy's value after every logged decision, for whoever looks as often as they like.

    An ordinary interval holds at one moment that was chosen beforehand. Whoever looks every day, and
    stops when it says what was hoped for, is wrong far more often. These intervals hold at all moments
    together: with probability `level` none of them misses the value. For rewards in [0, 1] and
    :math:`x_i = w_i r_i`, the lower bound is the
    largest value m so far with

    .. math:: \sum_k \frac{1}{K} \exp \sum_{i \le t} \Big(\lambda_k (x_i - m)
              - (x_i - \hat x_{i-1})^2 \big(-\ln(1 - \lambda_k) - \lambda_k\big)\Big)
              \ge \frac{2}{1 - level}

    with a mean :math:`\hat x_{i-1}` of earlier decisions: what a gambler would own who splits a stake over
    K bets :math:`\lambda_k` that the value is above m [1]_ [2]_ [3]_. The upper bound is the same for -x, with
    bets that stay below 1 over the largest weight. Where that is not known, it is 1 minus the lower bound for
    1 - r, as weights have the mean 1; it holds too, but is wide where weights vary. The logging policy may have
    learnt on the way.

    Parameters
    ----------
    policy_or_probabilities : Policy, ndarray of shape (n, k) or ndarray of shape (n,)
        As for :func:`nbo.evaluate`. It must be chosen without these decisions.
    feedback : DataFrame of n rows
        As for :func:`nbo.evaluate`; in the order of `decided_at` where it is there, else as it is.
    reward : str, default="reward"
        Column of the rewards.
    level : float, default=0.95
        Of all intervals together, in (0, 1).
    offers : list of str, optional
        Names of the columns of a matrix of probabilities.
    reward_range : (float, float), optional
        Least and largest reward that there can be. By default [0, 1] if all rewards are in it.
    max_weight : float, optional
        Largest weight that there can be, such as 1 over the least action probability. By default from
        `candidates`, if they tell.
    repeats : {"first", "all"}, default="first"
        Whether of each `customer_id` only the first decision counts, or all do. The decisions of a customer
        are alike, and then the intervals are too narrow.
    support : Support, optional
        Thresholds of uncovered actions, missing probabilities and the mean weight. Weights may be large: they
        make the intervals wide.

    Returns
    -------
    DataFrame
        One row per decision that counts: `decisions` so far, `decided_at` if it is there, `value` by
        inverse propensity scoring so far, `low` and `high`. A low above high says that the value has changed
        on the way.

    Raises
    ------
    InputError
        As :func:`nbo.evaluate`, or if rewards are outside of their range.
    OverlapError
        If weights do not have the mean 1: actions are uncovered, or probabilities missing or wrong.

    References
    ----------
    .. [1] Howard, S. R., Ramdas, A., McAuliffe, J. and Sekhon, J. (2021). Time-uniform, nonparametric,
       nonasymptotic confidence sequences. The Annals of Statistics 49, 1055-1080.
    .. [2] Waudby-Smith, I. and Ramdas, A. (2024). Estimating means of bounded random variables by
       betting. Journal of the Royal Statistical Society B 86, 1-27.
    .. [3] Waudby-Smith, I., Wu, L., Ramdas, A., Karampatziakis, N. and Mineiro, P. (2024). Anytime-valid
       off-policy inference for contextual bandits. ACM/IMS Journal of Data Science 1.

    Examples
    --------
    >>> feedback = pd.DataFrame({"action_probability": 0.5, "reward": [1.0, 0.0] * 2000})
    >>> found = confidence_sequence(np.full(4000, 0.5), feedback)
    >>> found.iloc[-1].round(2).to_dict()
    {'decisions': 4000.0, 'value': 0.5, 'low': 0.47, 'high': 0.53}
    """
    check_number(level, "level", "in (0, 1)", lambda share: 0 < share < 1)
    check_one_of(repeats, ("first", "all"), "repeats")
    feedback = check_frame(feedback, "feedback").reset_index(drop=True)
    log, moments = _in_time_order(read_log(policy_or_probabilities, feedback, reward, offers, 0), feedback)
    lacks = replace(support, min_effective=0.0).lacks(Overlap.of(log, log.weights))
    if lacks:
        raise OverlapError(f"no confidence sequence: {'; '.join(lacks)}.")
    least, most = check_reward_range(log.reward, reward_range)
    known = check_max_weight(log, max_weight)
    counts = _counted(log, repeats)
    weights, rewards = log.weights[counts], log.reward[counts]
    tail, span = (1 - level) / 2, most - least
    scaled, ones = weights * (rewards - least) / span, np.ones(len(weights))
    low = np.maximum(_lower_bounds(scaled, 0.5, ones, tail), 0.0)
    if known is None:
        high = 1 - _lower_bounds(weights - scaled, 0.5, ones, tail)
    else:
        high = -_lower_bounds(-scaled, -0.5, np.maximum(known[counts], 1.0), tail)
    decisions = np.arange(1, len(weights) + 1)
    return pd.DataFrame(
        {
            "decisions": decisions,
            **({} if moments is None else {c.DECIDED_AT: moments[counts]}),
            "value": (weights * rewards).cumsum() / decisions,
            "low": least + span * np.maximum.accumulate(low),
            "high": least + span * np.minimum.accumulate(np.minimum(high, 1.0)),
        }
    )


def _in_time_order(log: Log, feedback: pd.DataFrame) -> tuple[Log, np.ndarray | None]:
    if c.DECIDED_AT not in feedback:
        return log, None
    moments = check_times(feedback[c.DECIDED_AT], f"feedback.{c.DECIDED_AT}").to_numpy()
    moments = moments if log.usable is None else moments[log.usable]
    order = moments.argsort(kind="stable")
    names = ("reward", "action_probability", "target_probability", "customer", "largest")
    given = {name: getattr(log, name) for name in names}
    moved: dict[str, Any] = {name: None if array is None else array[order] for name, array in given.items()}
    return replace(log, **moved, choices=None), moments[order]


def _counted(log: Log, repeats: str) -> np.ndarray:
    counts = np.ones(len(log.reward), dtype=bool)
    if log.customer is not None and repeats == "first":
        counts[:] = False
        counts[np.unique(log.customer, return_index=True)[1]] = True
    return counts


def _lower_bounds(parts: np.ndarray, guess: float, span: np.ndarray, tail: float) -> np.ndarray:
    """Bound the common mean of parts from below at all times together.

    Means are between 0 and 1 on the side of the guess; a part is below what its mean may be by `span` at most.
    """
    # Before the first row, the mean is a guess worth one row.
    earlier = (guess + np.append(0.0, parts.cumsum()[:-1])) / np.arange(1, len(parts) + 1)
    squares = (parts - np.clip(earlier, min(2 * guess, 0.0), max(2 * guess, 0.0))) ** 2
    bets = np.minimum(_BETS, _BETS[0] / span[:, np.newaxis])
    shares = bets * span[:, np.newaxis]
    price = (squares / span**2)[:, np.newaxis] * (-np.log1p(-shares) - shares)
    gain, stake = (bets * parts[:, np.newaxis] - price).cumsum(axis=0), bets.cumsum(axis=0)
    goal = np.log(len(_BETS) / tail)
    # Blocks, so that what is worked on stays in the processor's cache.
    starts = range(0, len(parts), _BLOCK)
    return np.concatenate([_mixed(gain[i : i + _BLOCK], stake[i : i + _BLOCK], goal) for i in starts])


def _mixed(gain: np.ndarray, stake: np.ndarray, goal: float) -> np.ndarray:
    """Solve for the value at which all bets together own what is asked."""
    # What one bet alone shows is a bound; Newton's steps come nearer to that of all, and never beyond, as
    # the logarithm of the sum is convex and falls.
    bounds = ((gain - goal) / stake).max(axis=1)
    for _step in range(_STEPS):
        owned = gain - bounds[:, np.newaxis] * stake
        most = owned.max(axis=1, keepdims=True)
        shares = np.exp(owned - most)
        total = shares.sum(axis=1)
        bounds += (most[:, 0] + np.log(total) - goal) * total / (shares * stake).sum(axis=1)
    return bounds

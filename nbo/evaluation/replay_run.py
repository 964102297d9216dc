"""The value of a policy that learns on the way, from a uniformly random log."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_probabilities, check_rows
from nbo.errors import InputError
from nbo.evaluation.asked import Asked
from nbo.evaluation.candidates import eligible_offers
from nbo.evaluation.estimate import Estimate
from nbo.evaluation.estimated import estimated
from nbo.evaluation.log import Log
from nbo.evaluation.reading import check_once
from nbo.evaluation.terms import Terms
from nbo.numbers import check_number
from nbo.policies import Policy
from nbo.progress import track
from nbo.rng import generator
from nbo.times import check_times

__all__ = ["ReplayRun", "replay_run"]


@dataclass(frozen=True)
class ReplayRun:
    """What a replay came to.

    Parameters
    ----------
    estimate : Estimate
        Mean reward of the matched decisions; each counts once.
    curve : DataFrame
        One row per batch: `decisions` walked so far, `matched` among them, sum of their
        `reward`, and `value`, the mean so far (NaN before the first match).
    policy : Policy
        A copy of the policy that has learnt from the matched decisions.
    """

    estimate: Estimate
    curve: pd.DataFrame
    policy: Policy


def replay_run(
    policy: Policy,
    feedback: pd.DataFrame,
    batch: int = 500,
    rng: int | np.random.Generator = 0,
    level: float = 0.95,
) -> ReplayRun:
    """Walk a uniformly random log in time order with a policy that learns.

    For each decision the policy draws an action. Where it is the logged one, the answer is
    learnt and counted; all others are passed over. The matched decisions then are distributed
    as if the policy had made them [1]_. Learning happens after each batch.

    Parameters
    ----------
    policy : Policy
        Where it starts; it is not changed itself.
    feedback : DataFrame of n rows
        Columns `decision_id`, `offer_id`, `action_probability`, `reward` in [0, 1] and what
        the policy needs, such as `segment`. Walked by `decided_at` if that is there, else in
        the order of the rows. With `candidates`, the offers eligible by row.
    batch : int, default=500
        Number of logged decisions between two updates.
    rng : int or numpy.random.Generator, default=0
        For the draws.
    level : float, default=0.95
        Of the confidence interval, in (0, 1).

    Returns
    -------
    ReplayRun

    Raises
    ------
    InputError
        If the log was not drawn uniformly from the eligible offers, it has no row, a decision comes
        twice, or as :meth:`nbo.policies.Policy.learn`.

    References
    ----------
    .. [1] Li, L., Chu, W., Langford, J. and Wang, X. (2011). Unbiased offline evaluation of
       contextual-bandit-based news article recommendation algorithms. WSDM.

    Examples
    --------
    >>> from nbo.policies import Uniform
    >>> log = pd.DataFrame({"decision_id": range(4), "offer_id": "card", "action_probability": 1.0,
    ...                     "reward": [1.0, 0.0, 0.0, 0.0]})
    >>> replay_run(Uniform(["card"]), log).estimate.value
    0.25
    """
    check_number(batch, "batch", "1 or more", lambda size: size >= 1, whole=True)
    check_number(level, "level", "in (0, 1)", lambda share: 0 < share < 1)
    log = _in_time_order(check_frame(feedback, "feedback"))
    eligible = _eligible(log, list(policy.offers))
    learner, draws = type(policy).from_state(policy.to_state()), generator(rng)
    matched = np.zeros(len(log), dtype=bool)
    for start in track(range(0, len(log), batch), "replay", unit="batches"):
        rows = slice(start, start + batch)
        drawn = learner.draw(log[rows], eligible[rows], rng=draws)
        matched[rows] = (drawn[c.OFFER_ID].astype(str) == log[c.OFFER_ID][rows].astype(str)).to_numpy()
        learner.learn(log[rows][matched[rows]])
    return ReplayRun(_estimate(log, matched, level), _curve(log, matched, batch), learner)


def _in_time_order(feedback: pd.DataFrame) -> pd.DataFrame:
    check_columns(feedback, (c.DECISION_ID, c.OFFER_ID, c.ACTION_PROBABILITY, c.REWARD), "feedback")
    if not len(feedback):
        raise InputError("feedback must have at least one row; got none.")
    log = feedback.reset_index(drop=True)
    check_once(log)
    if c.DECIDED_AT in log:
        moments = check_times(log[c.DECIDED_AT], f"feedback.{c.DECIDED_AT}")
        log = log.iloc[moments.argsort(kind="stable")].reset_index(drop=True)
    check_probabilities(log[c.REWARD], f"feedback.{c.REWARD}")
    return log


def _eligible(log: pd.DataFrame, offers: list[str]) -> np.ndarray:
    """Say what was eligible, and refuse a log that was not drawn uniformly from it."""
    eligible = np.ones((len(log), len(offers)), dtype=bool)
    if c.CANDIDATES in log:
        eligible = eligible_offers(log[c.CANDIDATES], offers)
    stated = check_probabilities(log[c.ACTION_PROBABILITY], f"feedback.{c.ACTION_PROBABILITY}", zero=False)
    uneven = ~np.isclose(stated * eligible.sum(axis=1), 1.0, rtol=1e-6)
    check_rows(
        uneven,
        stated,
        f"feedback.{c.ACTION_PROBABILITY}",
        "1 / number of the policy's eligible offers",
        "Replay of a learning policy needs a log drawn uniformly from the same offers.",
    )
    return eligible


def _estimate(log: pd.DataFrame, matched: np.ndarray, level: float) -> Estimate:
    kept, reward = matched.astype(float), log[c.REWARD].to_numpy(dtype=float)
    stated = log[c.ACTION_PROBABILITY].to_numpy(dtype=float)
    terms = Terms((kept * reward)[:, np.newaxis], kept[:, np.newaxis], kept)
    # What was matched was drawn as the policy would have drawn it: no decision weighs more than another.
    return estimated("replay_run", Log(reward, stated, stated, np.zeros(len(kept))), terms, Asked(level))


def _curve(log: pd.DataFrame, matched: np.ndarray, batch: int) -> pd.DataFrame:
    ends = np.append(np.arange(batch, len(log), batch), len(log))
    count = matched.cumsum()[ends - 1]
    total = (log[c.REWARD].to_numpy(dtype=float) * matched).cumsum()[ends - 1]
    value = np.divide(total, count, out=np.full(len(ends), np.nan), where=count > 0)
    return pd.DataFrame({"decisions": ends, "matched": count, c.REWARD: total, "value": value})

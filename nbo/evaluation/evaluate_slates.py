"""The value of a policy that shows several offers at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_one_of
from nbo.errors import InputError
from nbo.evaluation.asked import Asked
from nbo.evaluation.estimate import Estimate
from nbo.evaluation.estimated import estimated
from nbo.evaluation.log import Log
from nbo.evaluation.predicted_rewards import check_predicted
from nbo.evaluation.reading import check_target
from nbo.evaluation.slate_estimators import SLATE_ESTIMATORS
from nbo.evaluation.slate_target import slate_target
from nbo.evaluation.slates import POSITION, Slates, column_of, read_slates
from nbo.evaluation.support import Support
from nbo.policies import Policy

__all__ = ["evaluate_slates"]


def evaluate_slates(
    policy_or_probabilities: Policy | np.ndarray,
    feedback: pd.DataFrame,
    estimator: str = "cascade",
    reward: str = c.REWARD,
    level: float = 0.95,
    *,
    offers: list[str] | None = None,
    rng: int = 0,
    predicted_rewards: np.ndarray | None = None,
    interval: str = "normal",
    support: Support = Support(),  # noqa: B008 -- frozen
    on_no_support: str = "withhold",
) -> Estimate:
    """Estimate the mean reward per slate that a target policy would have had.

    Parameters
    ----------
    policy_or_probabilities : Policy, ndarray of shape (n, k) or ndarray of shape (n,)
        The target policy, which shows slates as :func:`nbo.policies.draw_slates` draws them; or its probability
        of each offer at each position, given those above it in the slate, with `offers` for the columns; or
        of just the offer shown.
    feedback : DataFrame of n rows
        One row per position: `decision_id` of the slate, `position` from 1 at the top, `action_probability` of the
        offer given those above it, in (0, 1], and the reward of the position. For a policy or a matrix also
        `offer_id`; for a policy also what it reads, and `candidates` where not all offers were eligible.
    estimator : {"cascade", "cascade_dr", "independent", "standard"}, default="cascade"
        By what matters for the answer at a position: what is shown down to it, with or without a model of
        rewards; itself alone; or the whole slate.
    reward : str, default="reward"
        Column of the rewards; those of a slate are added up.
    level : float, default=0.95
        Of the confidence interval, in (0, 1).
    offers : list of str, optional
        Names of the columns of a matrix.
    rng : int, default=0
        For the interval "bootstrap".
    predicted_rewards : ndarray of shape (n, k), optional
        For "cascade_dr", which needs it: the rewards expected from this position down if the offer is
        shown here, given those above, from a model that has not seen these slates.
    interval : {"normal", "bootstrap"}, default="normal"
    support : Support, optional
    on_no_support : {"withhold", "raise", "report"}, default="withhold"
        As for :func:`nbo.evaluate`.

    Returns
    -------
    Estimate
        Per slate; decisions are slates. The error takes the slates of one `customer_id` to be alike.

    Raises
    ------
    InputError
        If a column is missing, a probability is outside of its range, positions are not 1, 2, 3 ... in each
        slate, an offer comes twice in one, or the estimator lacks predictions or has no use for them.
    OverlapError
        If there is no support, and `on_no_support` says so.

    Examples
    --------
    >>> rows = pd.DataFrame({"decision_id": [1, 1, 2, 2], "position": [1, 2, 1, 2], "reward": [1, 0, 0, 1]})
    >>> evaluate_slates(np.array([0.5, 0.25, 0.5, 0.75]), rows.assign(action_probability=0.5)).value
    1.25
    """
    check_one_of(estimator, sorted(SLATE_ESTIMATORS), "estimator")
    check_one_of(interval, ("normal", "bootstrap"), "interval")
    asked = Asked(level, interval, rng=rng, support=support, on_no_support=on_no_support)
    feedback = check_frame(feedback, "feedback").reset_index(drop=True)
    if isinstance(policy_or_probabilities, Policy):
        check_columns(feedback, (c.DECISION_ID, POSITION), "feedback")
        offers = list(policy_or_probabilities.offers)
        target = slate_target(policy_or_probabilities, feedback)
    else:
        check_target(policy_or_probabilities)
        target = policy_or_probabilities
    slates = read_slates(target, feedback, reward, offers)
    if predicted_rewards is not None:
        if estimator != "cascade_dr":
            raise InputError(f"predicted_rewards is for the estimator 'cascade_dr'; got {estimator!r}.")
        slates = _with_predictions(slates, np.asarray(target, dtype=float), feedback, offers, predicted_rewards)
    terms = SLATE_ESTIMATORS[estimator](slates)
    ones = np.ones(slates.n)
    log = Log(slates.sums(slates.reward), ones, terms.weights, ones, customer=slates.customer)
    return estimated(estimator, log, terms, asked)


def _with_predictions(
    slates: Slates, target: np.ndarray, feedback: pd.DataFrame, offers: list[str] | None, predicted: np.ndarray
) -> Slates:
    if target.ndim != 2 or offers is None:
        raise InputError(
            "predicted_rewards need the target's probabilities of all offers; got those of the offers shown."
        )
    column = column_of(feedback, offers)
    numbers = check_predicted(predicted, target, column)
    expected = (target * np.where(target > 0, numbers, 0.0)).sum(axis=1)
    taken = numbers[np.arange(len(column)), column]
    return replace(slates, expected=expected[slates.order], taken=taken[slates.order])

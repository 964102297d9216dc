"""The value of a policy, estimated from what another one did."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_frame
from nbo.evaluation.asked import Asked
from nbo.evaluation.estimate import Estimate
from nbo.evaluation.estimated import estimated
from nbo.evaluation.reading import read_log
from nbo.evaluation.support import Support
from nbo.evaluation.terms_of import check_estimator_takes, terms_of
from nbo.policies import Policy

__all__ = ["evaluate"]


def evaluate(
    policy_or_probabilities: Policy | np.ndarray,
    feedback: pd.DataFrame,
    estimator: str = "ips",
    reward: str = c.REWARD,
    level: float = 0.95,
    *,
    offers: list[str] | None = None,
    rng: int = 0,
    predicted_rewards: np.ndarray | None = None,
    parameter: float | None = None,
    interval: str = "normal",
    reward_range: tuple[float, float] | None = None,
    max_weight: float | None = None,
    support: Support = Support(),  # noqa: B008 -- frozen
    on_no_support: str = "withhold",
) -> Estimate:
    """Estimate the mean reward that a target policy would have had on logged decisions.

    The policy is taken as it is; it does not learn on the way. For a policy that has learnt
    from the same decisions the value is too good: hold some out. Where both policies overlap
    too little, there is no value but reasons.

    Parameters
    ----------
    policy_or_probabilities : Policy, ndarray of shape (n, k) or ndarray of shape (n,)
        The target policy; or its probability of each offer for each decision, with `offers`
        for the columns; or its probability of just the logged actions.
    feedback : DataFrame of n rows
        Columns `offer_id`, `action_probability` in (0, 1], the reward, and what the policy
        needs, such as `segment`. The column `candidates`, JSON of the probabilities of all
        eligible offers, says what could have been done; without it all offers were eligible.
        Rows whose action probability is missing are counted and left out.
    estimator : str, default="ips"
        "ips", "snips", "clipped" or "replay"; or with a model of rewards "dm", "dr", "sndr", "switch" or
        "dros". See their functions in ``nbo.evaluation``.
    reward : str, default="reward"
        Column of the rewards: finite numbers, such as 1 for an acceptance, or money.
    level : float, default=0.95
        Of the confidence interval, in (0, 1).
    offers : list of str, optional
        Names of the columns of a matrix of probabilities.
    rng : int, default=0
        Names the draws of estimators and intervals that draw, and the folds of the model of rewards.
    predicted_rewards : ndarray of shape (n, k), optional
        For estimators with a model of rewards: the reward expected of each offer for each
        decision, with columns as the target's, from a model that has not seen these
        decisions. By default mean rewards by `segment` (where it is there) and offer, shrunk and
        cross-fitted by customer.
    parameter : float, optional
        Cap of "clipped", threshold of "switch" or lambda of "dros". By default the one of least
        estimated squared error.
    interval : {"normal", "bootstrap", "bernstein"}, default="normal"
        By the standard error; percentiles of 1,000 replicates with customers drawn with replacement;
        or, for "ips" and "clipped", an empirical Bernstein bound that holds at any number of decisions.
    reward_range : (float, float), optional
        Least and largest reward that there can be, for "bernstein". By default [0, 1] if all rewards are in it.
    max_weight : float, optional
        Largest weight that there can be, for "bernstein". By default from `candidates`, if they tell.
    support : Support, optional
        From which overlap on there is a verdict.
    on_no_support : {"withhold", "raise", "report"}, default="withhold"
        Without support, give an estimate of value NaN that says why; raise an error; or give the
        value nevertheless.

    Returns
    -------
    Estimate
        The standard error takes the decisions of one `customer_id`, where it is there, to be alike.

    Raises
    ------
    InputError
        If a name is unknown; a probability is 0 or above 1, or all are missing; a reward is missing;
        there is no row; a decision comes twice; or the estimator has a model of rewards, and the target
        gives only the logged actions' probabilities or the predictions do not fit.
    TypeError
        If the target is neither a policy nor an array.
    OverlapError
        If there is no support, and `on_no_support` says so.

    Examples
    --------
    >>> from nbo.policies import Uniform
    >>> feedback = pd.DataFrame({"offer_id": ["card", "loan"], "action_probability": [0.8, 0.2], "reward": [1.0, 0.0]})
    >>> evaluate(Uniform(["card", "loan"]), feedback).value
    0.3125
    """
    check_estimator_takes(estimator, predicted_rewards, parameter)
    asked = Asked(level, interval, reward_range, max_weight, rng, support, on_no_support)
    feedback = check_frame(feedback, "feedback").reset_index(drop=True)
    log = read_log(policy_or_probabilities, feedback, reward, offers, rng)
    return estimated(estimator, log, terms_of(estimator, log, predicted_rewards, parameter), asked)

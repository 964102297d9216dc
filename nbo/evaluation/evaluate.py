"""The value of a policy, estimated from what another one did."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_frame, check_one_of
from nbo.evaluation.estimate import Estimate
from nbo.evaluation.estimators import ESTIMATORS
from nbo.evaluation.reading import read_log
from nbo.numbers import check_number
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
) -> Estimate:
    """Estimate the mean reward that a target policy would have had on logged decisions.

    The policy is taken as it is; it does not learn on the way. For a policy that has learnt
    from the same decisions the value is too good: hold some out.

    Parameters
    ----------
    policy_or_probabilities : Policy, ndarray of shape (n, k) or ndarray of shape (n,)
        The target policy; or its probability of each offer for each decision, with `offers`
        for the columns; or its probability of just the logged actions.
    feedback : DataFrame of n rows
        Columns `offer_id`, `action_probability` in (0, 1], the reward, and what the policy
        needs, such as `segment`. The column `candidates`, JSON of the probabilities of all
        eligible offers, says what could have been done; without it all offers were eligible.
    estimator : str, default="ips"
        "ips", "snips" or "replay"; see their functions in ``nbo.evaluation``.
    reward : str, default="reward"
        Column of the rewards: finite numbers, such as 1 for an acceptance, or money.
    level : float, default=0.95
        Of the confidence interval, in (0, 1).
    offers : list of str, optional
        Names of the columns of a matrix of probabilities.
    rng : int, default=0
        Names the draws of estimators that draw.

    Returns
    -------
    Estimate
        With warnings where the overlap of both policies is small.

    Raises
    ------
    InputError
        If the estimator is unknown; a probability is missing, 0 or above 1; a reward is missing;
        the target policy takes actions that the log could not; or there is no row.

    Examples
    --------
    >>> from nbo.policies import Uniform
    >>> feedback = pd.DataFrame({"offer_id": ["card", "loan"], "action_probability": [0.8, 0.2], "reward": [1.0, 0.0]})
    >>> evaluate(Uniform(["card", "loan"]), feedback).value
    0.3125
    """
    check_one_of(estimator, sorted(ESTIMATORS), "estimator")
    check_number(level, "level", "in (0, 1)", lambda share: 0 < share < 1)
    feedback = check_frame(feedback, "feedback").reset_index(drop=True)
    return ESTIMATORS[estimator](read_log(policy_or_probabilities, feedback, reward, offers, rng), level)

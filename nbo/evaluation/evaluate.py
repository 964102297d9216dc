"""The value of a policy, estimated from what another one did."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_frame, check_matrix, check_numbers, check_one_of, check_rows
from nbo.errors import InputError
from nbo.evaluation.estimate import Estimate
from nbo.evaluation.estimators import ESTIMATORS, MODEL_ESTIMATORS, TUNED_ESTIMATORS
from nbo.evaluation.log import Log
from nbo.evaluation.predicted_rewards import PredictedRewards
from nbo.evaluation.rate_table import rate_table
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
    predicted_rewards: np.ndarray | None = None,
    parameter: float | None = None,
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
        "ips", "snips" or "replay"; or with a model of rewards "dm", "dr", "switch" or "dros". See
        their functions in ``nbo.evaluation``.
    reward : str, default="reward"
        Column of the rewards: finite numbers, such as 1 for an acceptance, or money.
    level : float, default=0.95
        Of the confidence interval, in (0, 1).
    offers : list of str, optional
        Names of the columns of a matrix of probabilities.
    rng : int, default=0
        Names the draws of estimators that draw, and the folds of the model of rewards.
    predicted_rewards : ndarray of shape (n, k), optional
        For estimators with a model of rewards: the reward expected of each offer for each
        decision, with columns as the target's, from a model that has not seen these
        decisions. By default mean rewards by `segment` (where it is there) and offer, shrunk and
        cross-fitted by customer.
    parameter : float, optional
        Threshold of "switch" or lambda of "dros". By default the one of least estimated error.

    Returns
    -------
    Estimate
        With warnings where the overlap of both policies is small. The standard error takes the
        decisions of one `customer_id`, where it is there, to be alike.

    Raises
    ------
    InputError
        If the estimator is unknown; a probability is missing, 0 or above 1; a reward is missing;
        the target policy takes actions that the log could not; there is no row; or the
        estimator has a model of rewards, and the target gives only the logged actions'
        probabilities or the predictions do not fit.

    Examples
    --------
    >>> from nbo.policies import Uniform
    >>> feedback = pd.DataFrame({"offer_id": ["card", "loan"], "action_probability": [0.8, 0.2], "reward": [1.0, 0.0]})
    >>> evaluate(Uniform(["card", "loan"]), feedback).value
    0.3125
    """
    modeled = {**MODEL_ESTIMATORS, **TUNED_ESTIMATORS}
    check_one_of(estimator, sorted({**ESTIMATORS, **modeled}), "estimator")
    _check_takes(parameter, "parameter", estimator, TUNED_ESTIMATORS)
    _check_takes(predicted_rewards, "predicted_rewards", estimator, modeled)
    check_number(level, "level", "in (0, 1)", lambda share: 0 < share < 1)
    feedback = check_frame(feedback, "feedback").reset_index(drop=True)
    log = read_log(policy_or_probabilities, feedback, reward, offers, rng)
    if estimator in ESTIMATORS:
        return ESTIMATORS[estimator](log, level)
    rewards = _predicted(log, predicted_rewards)
    if estimator in MODEL_ESTIMATORS:
        return MODEL_ESTIMATORS[estimator](log, rewards, level)
    return TUNED_ESTIMATORS[estimator](log, rewards, level, parameter)


def _check_takes(given: Any, what: str, estimator: str, takers: Iterable[str]) -> None:
    if given is not None and estimator not in takers:
        names = ", ".join(repr(name) for name in sorted(takers))
        raise InputError(f"{what} is for the estimators {names}; got {estimator!r}.")


def _predicted(log: Log, matrix: np.ndarray | None) -> PredictedRewards:
    choices = log.choices
    if choices is None:
        raise InputError(
            "an estimator with a model of rewards needs a policy or the probabilities of all offers; "
            "got those of the logged actions."
        )
    if matrix is None:
        return rate_table(log, choices)
    given = check_matrix(matrix, choices.target.shape, "predicted_rewards")
    numbers = check_numbers(given.ravel(), "predicted_rewards", "finite numbers").reshape(given.shape)
    # Nobody asks what an offer would have brought that was neither made nor possible.
    asked = choices.target > 0
    made = choices.taken >= 0
    asked[made, choices.taken[made]] = True
    wrong = asked & ~np.isfinite(numbers)
    first = numbers[np.arange(len(numbers)), wrong.argmax(axis=1)]
    check_rows(wrong.any(axis=1), first, "predicted_rewards", "finite numbers")
    return PredictedRewards.of(log, choices, numbers)

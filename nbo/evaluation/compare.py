"""Whether one policy would have earned more than another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_frame
from nbo.errors import InputError
from nbo.evaluation.asked import Asked
from nbo.evaluation.compare_logs import compare_logs
from nbo.evaluation.comparison import Comparison
from nbo.evaluation.ips import ips
from nbo.evaluation.log import Log
from nbo.evaluation.reading import read_log
from nbo.evaluation.support import Support
from nbo.evaluation.terms import Terms
from nbo.evaluation.terms_of import check_estimator_takes, terms_of
from nbo.policies import Policy

__all__ = ["compare"]

LOGGED = "logged"


def compare(
    a: Policy | np.ndarray,
    b: Policy | np.ndarray | str,
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
    support: Support = Support(),  # noqa: B008 -- frozen
    on_no_support: str = "withhold",
) -> Comparison:
    """Estimate how much more one policy would have earned than another on the same decisions.

    Parameters
    ----------
    a : Policy, ndarray of shape (n, k) or ndarray of shape (n,)
        As the target policy of :func:`nbo.evaluate`.
    b : Policy, ndarray of shape (n, k), ndarray of shape (n,) or "logged"
        Likewise; or what the logging policy did earn: the mean reward, whatever the estimator.
    feedback : DataFrame of n rows
    estimator : str, default="ips"
        As for :func:`nbo.evaluate`; the same for both. A parameter that is not given is chosen for each.
    reward : str, default="reward"
    level : float, default=0.95
    offers : list of str, optional
        Names of the columns of all matrices.
    rng : int, default=0
    predicted_rewards : ndarray of shape (n, k), optional
        For policies, both must have the same offers in the same order.
    parameter : float, optional
    interval : {"normal", "bootstrap"}, default="normal"
    support : Support, optional
    on_no_support : {"withhold", "raise", "report"}, default="withhold"
        Without support for one of both there is no difference.

    Returns
    -------
    Comparison
        Its error is paired by decision and clustered by customer.

    Raises
    ------
    InputError
        As :func:`nbo.evaluate`, or if both policies have other offers and predicted rewards are given.
    OverlapError
        If there is no support, and `on_no_support` says so.

    Examples
    --------
    >>> rows = {"offer_id": ["card", "loan"] * 50, "action_probability": 0.5, "reward": [1.0, 0.0] * 50}
    >>> found = compare(np.tile([0.7, 0.3], (100, 1)), "logged", pd.DataFrame(rows), offers=["card", "loan"])
    >>> round(found.difference, 6), found.supported
    (0.2, True)
    """
    check_estimator_takes(estimator, predicted_rewards, parameter)
    asked = Asked(level, interval, rng=rng, support=support, on_no_support=on_no_support)
    feedback = check_frame(feedback, "feedback").reset_index(drop=True)
    if predicted_rewards is not None:
        _check_same_offers(a, b)
    log_a = read_log(a, feedback, reward, offers, rng)
    terms_a = terms_of(estimator, log_a, predicted_rewards, parameter)
    if isinstance(b, str):
        log_b, terms_b = _logged(b, log_a)
        return compare_logs((estimator, LOGGED), (log_a, log_b), (terms_a, terms_b), asked)
    log_b = read_log(b, feedback, reward, offers, rng)
    terms_b = terms_of(estimator, log_b, predicted_rewards, parameter)
    return compare_logs((estimator, estimator), (log_a, log_b), (terms_a, terms_b), asked)


def _logged(name: str, log: Log) -> tuple[Log, Terms]:
    """Take what was earned: all weights are 1."""
    if name != LOGGED:
        raise InputError(f"b must be a policy, probabilities or 'logged'; got {name!r}.")
    own = replace(log, target_probability=log.action_probability, choices=None, uncovered=0.0, warnings=())
    return own, ips(own)


def _check_same_offers(a: object, b: object) -> None:
    if isinstance(a, Policy) and isinstance(b, Policy) and list(a.offers) != list(b.offers):
        raise InputError(
            "predicted_rewards have the columns of one policy, so both must have the same offers; "
            f"got {list(a.offers)} and {list(b.offers)}."
        )

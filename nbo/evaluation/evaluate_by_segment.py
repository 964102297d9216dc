"""The value of a policy segment by segment."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame
from nbo.errors import InputError
from nbo.evaluation.evaluate import evaluate
from nbo.evaluation.support import Support
from nbo.policies import Policy

__all__ = ["evaluate_by_segment"]


def evaluate_by_segment(
    policy_or_probabilities: Policy | np.ndarray,
    feedback: pd.DataFrame,
    estimator: str = "ips",
    reward: str = c.REWARD,
    level: float = 0.95,
    *,
    by: str = c.SEGMENT,
    offers: list[str] | None = None,
    rng: int = 0,
    predicted_rewards: np.ndarray | None = None,
    parameter: float | None = None,
    interval: str = "normal",
    reward_range: tuple[float, float] | None = None,
    max_weight: float | None = None,
    support: Support = Support(),  # noqa: B008 -- frozen
    on_no_support: str = "withhold",
) -> pd.DataFrame:
    """Estimate the mean reward of a target policy in each segment, from the decisions there.

    Parameters
    ----------
    policy_or_probabilities, feedback, estimator, reward, level
        As for :func:`nbo.evaluate`.
    by : str, default="segment"
        Column of the feedback; rows where it is missing are left out.
    offers, rng, predicted_rewards, parameter, interval, reward_range, max_weight, support, on_no_support
        As for :func:`nbo.evaluate`.

    Returns
    -------
    DataFrame
        One row per segment, the largest first: the column named by `by`, then the attributes of
        :class:`~nbo.evaluation.Estimate`, and `supported`. Values are NaN where there is no verdict, and
        `reasons` tell why.

    Raises
    ------
    InputError
        As :func:`nbo.evaluate`, or if the column is missing, or a matrix has another number of rows.
    OverlapError
        If a segment has no support, and `on_no_support` says so.

    Examples
    --------
    >>> rows = {"segment": ["a", "a", "b"], "action_probability": 0.5, "reward": [1.0, 0.0, 1.0]}
    >>> found = evaluate_by_segment(np.full(3, 0.5), pd.DataFrame(rows))
    >>> found[["segment", "value", "n"]].values.tolist()
    [['a', 0.5, 2], ['b', 1.0, 1]]
    """
    feedback = check_frame(feedback, "feedback").reset_index(drop=True)
    check_columns(feedback, [by], "feedback")
    if not feedback[by].notna().any():
        raise InputError(f"feedback.{by} must be there in at least one row; it is in none of {len(feedback)}.")
    asked = {"offers": offers, "rng": rng, "parameter": parameter, "interval": interval, "support": support}
    found = []
    counts = feedback[by].value_counts()
    # A categorical column also counts categories that no row has.
    for segment in counts.index[counts > 0]:
        rows = np.flatnonzero((feedback[by] == segment).to_numpy())
        estimate = evaluate(
            _of_rows(policy_or_probabilities, rows, len(feedback), "probabilities"),
            feedback.iloc[rows],
            estimator,
            reward,
            level,
            predicted_rewards=_of_rows(predicted_rewards, rows, len(feedback), "predicted_rewards"),
            reward_range=reward_range,
            max_weight=max_weight,
            on_no_support=on_no_support,
            **asked,  # type: ignore[arg-type]
        )
        texts = {name: "; ".join(getattr(estimate, name)) for name in ("warnings", "reasons")}
        found.append({by: segment, **asdict(estimate), **texts, "supported": estimate.supported})
    return pd.DataFrame(found)


def _of_rows(given: Any, rows: np.ndarray, n: int, what: str) -> Any:
    if given is None or isinstance(given, Policy):
        return given
    if len(given) != n:
        raise InputError(f"{what} must have {n} rows, as feedback; got {len(given)}.")
    return np.asarray(given)[rows]

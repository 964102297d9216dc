"""Whether scores and model are of late enough."""

from __future__ import annotations

from typing import Any

import pandas as pd

from nbo.errors import InputError
from nbo.health.finding import Finding
from nbo.times import check_time

__all__ = ["age_findings"]

_DAY = pd.Timedelta(days=1)


def age_findings(trained: pd.Timestamp | None, scores_at: Any, as_of: pd.Timestamp) -> list[Finding]:
    """Tell how old the scores and the model are.

    Parameters
    ----------
    trained : Timestamp or None
        When the model was trained.
    scores_at : Timestamp, str or None
        The `as_of` of the scores.
    as_of : Timestamp

    Returns
    -------
    list of Finding

    Raises
    ------
    InputError
        If `scores_at` is no time, or later than `as_of`.
    """
    found = []
    if scores_at is not None:
        moment = check_time(scores_at, "scores_at")
        if moment > as_of:
            raise InputError(f"scores_at must not be later than as_of, {as_of}; got {moment}.")
        words = f"the scores are of {moment:%Y-%m-%d %H:%M}"
        found.append(Finding("scores_age", "scores", (as_of - moment) / _DAY, words))
    if trained is not None:
        words = f"the model was trained as of {trained:%Y-%m-%d %H:%M}"
        found.append(Finding("model_age", "model", (as_of - trained) / _DAY, words))
    return found

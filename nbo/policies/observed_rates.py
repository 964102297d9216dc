"""Acceptance rates as they were observed, with Wilson's intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo.policies.rate_table import rate_table
from nbo.wilson import wilson_interval

__all__ = ["observed_rates"]


def observed_rates(answers: Any, offers: list[str], level: float, segment: str | None = None) -> pd.DataFrame:
    """Report how each offer was answered in each segment.

    Parameters
    ----------
    answers : Answers or ContextAnswers
    offers : list of str
    level : float
        Of the intervals, in (0, 1).
    segment : str, optional
        All by default.

    Returns
    -------
    DataFrame
        As :func:`~nbo.policies.rate_table.rate_table`; `rate` is NaN without answers.

    Examples
    --------
    >>> from nbo.policies.answers import Answers
    >>> answers, row = Answers(), {"decision_id": "d1", "segment": "young", "offer_id": "card", "reward": 1.0}
    >>> answers.fold(pd.DataFrame([row]))
    1
    >>> observed_rates(answers, ["card"], 0.95)[["segment", "offer_id", "rate", "n"]].values.tolist()
    [['young', 'card', 1.0, 1]]
    >>> observed_rates(answers, ["card"], 0.95, "family").empty
    True
    """
    segments = [each for each in answers.segments if segment is None or each == str(segment)]
    n, accepted = answers.count(segments, offers)
    rate = np.divide(accepted, n, out=np.full(n.shape, np.nan), where=n > 0)
    low, high = wilson_interval(accepted, n, level)
    return rate_table(segments, offers, rate, low, high, n, accepted)

"""What came of asking whether a challenger takes over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

__all__ = ["Verdict"]


@dataclass(frozen=True)
class Verdict:
    """Whether a challenger became the champion, and why.

    Values are per decision, by inverse propensity scoring; they are None where nothing was compared.

    Parameters
    ----------
    promoted : bool
        Whether the challenger was made the champion.
    reason : str
        Why, in words.
    name : str
        The registered model.
    challenger : int
        Its version.
    champion : int or None
        The version that it was compared with.
    difference, low, high : float or None
        Challenger minus champion, and its interval.
    challenger_value, champion_value : float or None
        Estimated value of each.
    reward : str or None
        What was compared: "money", or a column of the feedback.
    margin : float
        What `low` had to be above.
    interval : str or None
        Kind of the interval: "always_valid" or "normal".
    n : int
        Feedback rows compared.
    ess : float or None
        Effective sample size of the challenger's weights; far below `n` the interval is
        not to be trusted.
    no_verdict : str
        Why the decisions do not support a verdict, in which case nobody is promoted; empty where they do.
    health : str
        "ok", "warning" or "alarm", the worst of its checks, or "not checked".
    as_of : Timestamp or None
        Until when answers counted, UTC.
    run_id : str
        The run of the registry that holds the verdict with all evidence, in ``verdict.json``.
    evidence : dict
        The same, beyond what stands here.

    Examples
    --------
    >>> print(Verdict(True, "there was no champion", "offers", 1))
    version 1 of offers was promoted: there was no champion
    """

    promoted: bool
    reason: str
    name: str
    challenger: int
    champion: int | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    challenger_value: float | None = None
    champion_value: float | None = None
    reward: str | None = None
    margin: float = 0.0
    interval: str | None = None
    n: int = 0
    ess: float | None = None
    no_verdict: str = ""
    health: str = "not checked"
    as_of: pd.Timestamp | None = None
    run_id: str = field(default="", compare=False)
    evidence: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def __str__(self) -> str:
        what = "was promoted" if self.promoted else "was not promoted"
        return f"version {self.challenger} of {self.name} {what}: {self.reason}"

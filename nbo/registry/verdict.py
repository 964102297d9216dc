"""What came of asking whether a challenger takes over."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Verdict"]


@dataclass(frozen=True)
class Verdict:
    """Whether a challenger became the champion, and why.

    Values are per decision, by inverse propensity scoring; they are None where there was no
    champion to compare with.

    Parameters
    ----------
    promoted : bool
        Whether the challenger is the champion now.
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
    n : int
        Feedback rows compared.
    ess : float or None
        Effective sample size of the challenger's weights; far below `n` the interval is
        not to be trusted.
    no_verdict : str
        Why the decisions do not support a verdict, in which case nobody is promoted; empty where they do.

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
    n: int = 0
    ess: float | None = None
    no_verdict: str = ""

    def __str__(self) -> str:
        what = "was promoted" if self.promoted else "was not promoted"
        return f"version {self.challenger} of {self.name} {what}: {self.reason}"

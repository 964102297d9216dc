"""Whether logged decisions say that a challenger is better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from nbo import columns as c
from nbo.next_best_offer import NextBestOffer
from nbo.registry.bar import Bar
from nbo.registry.comparison import Comparison, compare
from nbo.registry.live_state import learnt_decisions, own_watermark
from nbo.tables import CustomerTables
from nbo.times import check_time

__all__ = ["Judgement", "judge"]


@dataclass(frozen=True)
class Judgement:
    """Whether a challenger is better, and on what that rests.

    Parameters
    ----------
    won : bool
    reason : str
        Why, in words.
    reward : str
        What was compared.
    found : Comparison
    rows : DataFrame
        The decisions that were compared.
    since : Timestamp
        From when on decisions could count, UTC.
    """

    won: bool
    reason: str
    reward: str
    found: Comparison
    rows: pd.DataFrame
    since: pd.Timestamp


def judge(
    challenger: NextBestOffer,
    champion: NextBestOffer,
    feedback: pd.DataFrame,
    tables: CustomerTables | None = None,
    reward: str = c.REWARD,
    bar: Bar = Bar(),  # noqa: B008 -- frozen
    since: Any = None,
) -> Judgement:
    """Judge a challenger by decisions that are new to both models; :func:`nbo.registry.promote` does what it says.

    Parameters
    ----------
    challenger, champion : NextBestOffer
    feedback : DataFrame of shape (n, any)
        As for :func:`nbo.registry.comparison.compare`, with `decision_id`.
    tables : CustomerTables, optional
        Needed where the decisions were made with other segments than a model's.
    reward : str, default="reward"
        Column to compare.
    bar : Bar, optional
        What the challenger must clear.
    since : Timestamp or str, optional
        Only decisions made from then on count, UTC. By default those made after both models had last learnt.

    Returns
    -------
    Judgement

    Raises
    ------
    InputError
        If columns are missing, or a model's segments are not known.
    """
    start = beginning(challenger, champion, since)
    learnt = learnt_decisions(challenger) | learnt_decisions(champion)
    fresh = (feedback[c.DECIDED_AT] >= start) & ~feedback[c.DECISION_ID].isin(learnt)
    rows = feedback[fresh].reset_index(drop=True)
    found = compare(challenger, champion, rows, tables, reward, bar)
    won = found.n > 1 and not found.no_verdict and found.low > bar.margin
    return Judgement(won, _reason(found, won, reward, bar, len(feedback), start), reward, found, rows, start)


def beginning(challenger: NextBestOffer, champion: NextBestOffer, since: Any) -> pd.Timestamp:
    """Say from when on decisions count.

    Parameters
    ----------
    challenger, champion : NextBestOffer
    since : Timestamp or str, optional

    Returns
    -------
    Timestamp
    """
    if since is not None:
        return check_time(since, "since")
    return max(own_watermark(challenger), own_watermark(champion))


def _reason(found: Comparison, won: bool, reward: str, bar: Bar, given: int, start: pd.Timestamp) -> str:
    if found.n < 2:
        return (
            f"{found.n} of {given} answered decisions were made from {start} on and are new to both models; "
            "at least 2 are needed"
        )
    if found.no_verdict:
        return f"the {found.n} decisions do not support a verdict: {found.no_verdict}"
    words = "is above" if won else "is not above"
    return (
        f"on {found.n} decisions the difference in {reward} per decision is {found.difference:.6g}, and the lower end "
        f"of its {100 * bar.confidence:g} % interval, {found.low:.6g}, {words} {bar.margin:g}"
    )

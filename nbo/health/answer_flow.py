"""Whether answers come, and come in time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd
from scipy import stats

from nbo import columns as c
from nbo.checks import check_columns, check_frame
from nbo.health.finding import Finding
from nbo.health.limits import HealthLimit
from nbo.times import check_times

__all__ = ["flow_findings"]


def flow_findings(
    feedback: pd.DataFrame,
    decisions: pd.DataFrame | None,
    as_of: pd.Timestamp,
    window: pd.Timedelta,
    limits: Mapping[str, HealthLimit],
) -> list[Finding]:
    """Tell how many answers come late, and how many do not come at all.

    Parameters
    ----------
    feedback : DataFrame
        Of :func:`nbo.health.answered.read_feedback`.
    decisions : DataFrame or None
        Those that wait for an answer and others; without them only late answers are told.
    as_of : Timestamp
    window : Timedelta
        How long an answer may take.
    limits : mapping of str to HealthLimit

    Returns
    -------
    list of Finding
    """
    return [*_late(feedback, window, limits), *_waiting(feedback, decisions, as_of, window, limits)]


def _late(feedback: pd.DataFrame, window: pd.Timedelta, limits: Mapping[str, HealthLimit]) -> Iterator[Finding]:
    if c.OUTCOME not in feedback or c.OUTCOME_AT not in feedback:
        return
    said = feedback[feedback[c.OUTCOME].isin([c.ACCEPT, c.REJECT])]
    late = int((said[c.OUTCOME_AT] > said[c.DECIDED_AT] + window).sum())
    if len(said) >= limits["least_rows"].alarm:
        words = f"{late:,} of {len(said):,} answers came after {window.days} days"
        yield _share("late_answers", late, len(said), words, limits)


def _waiting(
    feedback: pd.DataFrame,
    decisions: pd.DataFrame | None,
    as_of: pd.Timestamp,
    window: pd.Timedelta,
    limits: Mapping[str, HealthLimit],
) -> Iterator[Finding]:
    if decisions is None or c.DECISION_ID not in feedback:
        return
    frame = check_frame(decisions, "decisions")
    check_columns(frame, [c.DECISION_ID, c.DECIDED_AT], "decisions")
    times = check_times(frame[c.DECIDED_AT], "decisions.decided_at")
    resolved = pd.Index(feedback.loc[feedback[c.REWARD].notna(), c.DECISION_ID].unique())
    waits, over = resolved.get_indexer(pd.Index(frame[c.DECISION_ID])) < 0, times + window <= as_of
    made, due = int((times < as_of).sum()), int(over.sum())
    if made >= limits["least_rows"].alarm:
        waiting = int((waits & ~over & (times < as_of)).sum())
        yield Finding("pending_answers", "all", waiting / made, f"{waiting:,} of {made:,} decisions wait for an answer")
    if due >= limits["least_rows"].alarm:
        lost = int((waits & over).sum())
        words = f"{lost:,} of {due:,} decisions have no feedback after {window.days} days"
        yield _share("overdue_answers", lost, due, words, limits)


def _share(check: str, k: int, n: int, words: str, limits: Mapping[str, HealthLimit]) -> Finding:
    p_value = float(stats.binom.sf(k - 1, n, min(max(limits[check].warning, 0.0), 1.0)))
    return Finding(check, "all", k / n, words, p_value)

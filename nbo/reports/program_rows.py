"""The decisions that a report of the program is about, as they were known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame
from nbo.errors import InputError
from nbo.ledger import Ledger
from nbo.reports.action_types import ACTION_TYPE, action_types
from nbo.times import check_time, check_times

__all__ = ["ProgramRows", "program_rows"]


@dataclass(frozen=True)
class ProgramRows:
    """The decisions that a report is about, as they were known.

    Parameters
    ----------
    decided : DataFrame
        All of the period; without an answer yet the reward is missing.
    before : DataFrame
        Those of the period before that have an answer.
    as_of : Timestamp
        UTC.
    since, previous : Timestamp or None
        Starts of the period and of the one before.
    """

    decided: pd.DataFrame
    before: pd.DataFrame
    as_of: pd.Timestamp
    since: pd.Timestamp | None
    previous: pd.Timestamp | None

    @property
    def answered(self) -> pd.DataFrame:
        """The decisions with an answer, those that made no offer among them."""
        return self.decided[self.decided[c.REWARD].notna()]

    @property
    def offered(self) -> pd.DataFrame:
        """The offers with an answer."""
        rows = self.answered
        return rows[(rows[c.OFFER_ID] != c.NO_OFFER).to_numpy(dtype=bool)]


def program_rows(
    source: Any, as_of: Any, since: Any, previous: Any, window: str | pd.Timedelta, catalog: Any
) -> ProgramRows:
    """Read the decisions of a period.

    Parameters
    ----------
    source : Ledger or DataFrame
        A frame has the columns of :meth:`nbo.Ledger.feedback`.
    as_of, since, previous
        As for :func:`nbo.reports.program_report`.
    window : str or Timedelta
        How long an answer may take.
    catalog : Catalog, DataFrame or None
        Tells the action types.

    Returns
    -------
    ProgramRows

    Raises
    ------
    InputError
        If a column is missing, a time is none, or the times are not in order.
    """
    moment = check_time(as_of)
    start = None if since is None else check_time(since, "since")
    earlier = start - (moment - start) if start is not None and previous is None else None
    if previous is not None:
        earlier = check_time(previous, "previous")
    if (start is not None and start >= moment) or (earlier is not None and (start is None or earlier >= start)):
        raise InputError(f"previous < since < as_of must hold; got {previous}, {since} and {moment}.")
    if isinstance(source, Ledger):
        source = source.feedback(moment, window, pending=True)
    rows = _known(source, moment)
    rows = rows.assign(**{ACTION_TYPE: action_types(rows, catalog)})
    for name in (c.SEGMENT, c.CHANNEL):
        if name not in rows:
            rows[name] = pd.Series(None, index=rows.index, dtype="str")
    period = rows if start is None else rows[rows[c.DECIDED_AT] >= start]
    before = rows.head(0)
    if start is not None and earlier is not None:
        before = rows[(rows[c.DECIDED_AT] >= earlier) & (rows[c.DECIDED_AT] < start) & rows[c.REWARD].notna()]
    return ProgramRows(period.reset_index(drop=True), before.reset_index(drop=True), moment, start, earlier)


def _known(source: Any, moment: pd.Timestamp) -> pd.DataFrame:
    """Take what was decided before a moment, with the answers that were known then."""
    frame = check_frame(source, "source")
    check_columns(frame, [c.DECISION_ID, c.CUSTOMER_ID, c.DECIDED_AT, c.OFFER_ID, c.REWARD], "source")
    rows = frame.assign(**{c.DECIDED_AT: check_times(frame[c.DECIDED_AT], "source.decided_at")})
    late = pd.Series(False, index=rows.index)
    for name in (c.OUTCOME_AT, c.KNOWN_AT):
        if name in rows:
            late |= check_times(rows[name], f"source.{name}", missing=True) >= moment
    rows[c.REWARD] = rows[c.REWARD].mask(late)
    return (
        rows[rows[c.DECIDED_AT] < moment]
        .drop_duplicates(c.DECISION_ID)
        .sort_values([c.DECIDED_AT, c.DECISION_ID], kind="stable", ignore_index=True)
    )

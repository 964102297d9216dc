"""Opportunities as they stood at some moments, and what came of them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from nbo.errors import InputError
from nbo.prospects.moments import take_moments
from nbo.prospects.pipeline import Pipeline
from nbo.times import check_time

__all__ = ["opportunity_rows"]


def opportunity_rows(opportunities: Any, as_of: Any, until: Any = None) -> pd.DataFrame:
    """Give the opportunities that were open at each of some moments, as they stood then.

    A row of the history counts from when it was entered and known on, strictly before `as_of`. What a row leaves
    missing stays as it was. An opportunity is open until its closing is known. Rows that are the same in every
    column count once, and the order of the rows tells nothing.

    Parameters
    ----------
    opportunities : DataFrame
        One row for each change: opportunity_id, stage, entered_at; and if they are there amount (money),
        expected_close, known_at (of a row that became known late), closed_at, won (1 or 0), closed_known_at,
        customer_id, account_id, owner, cost and other columns. closed_at and won may stand in any or all rows
        of an opportunity.
    as_of : Timestamp or str, or sequence of them
        UTC.
    until : Timestamp or str, optional
        End of the data, at or after the latest `as_of`: then each row also says what was known before
        `until` of how the opportunity went on.

    Returns
    -------
    DataFrame
        One row for each moment and opportunity, in this order: opportunity_id, as_of, what the history holds as of then
        (stage, amount ...), stage_days (since it entered the stage), open_days, n_stages (moves between
        stages), amount_changes, amount_ratio (amount over the first one), days_to_close (until the expected
        closing; below 0 where it is overdue), slips (times that the expected closing was put off), slip_days. With
        `until`: duration (from `as_of` to the closing, or to `until`) and won (1, 0, or missing: still open).

    Raises
    ------
    InputError
        If a column is missing or holds what is not allowed, an opportunity closes twice, one that is closed
        does not say whether it was won, or `until` is before a moment.

    Examples
    --------
    >>> history = pd.DataFrame({"opportunity_id": [7, 7], "stage": ["lead", "offer"], "amount": [100.0, 80.0],
    ...     "entered_at": ["2026-01-01", "2026-01-11"], "closed_at": "2026-02-01", "won": 1})
    >>> rows = opportunity_rows(history, ["2026-01-06", "2026-01-16", "2026-02-02"], until="2026-03-01")
    >>> rows[["stage", "stage_days", "open_days", "amount_ratio", "won"]].values.tolist()
    [['lead', 5.0, 5.0, 1.0, 1.0], ['offer', 5.0, 15.0, 0.8, 1.0]]
    """
    pipeline = Pipeline.of(opportunities)
    moments = take_moments(as_of)
    end = None if until is None else check_time(until, "until")
    if end is not None and moments[-1] > end:
        raise InputError(f"until must be at or after the latest as_of, {moments[-1]}; got {end}.")
    parts = [pipeline.rows(moment, end) for moment in moments]
    return pd.concat(parts, ignore_index=True)

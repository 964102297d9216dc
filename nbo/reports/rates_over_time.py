"""Acceptance rates period by period."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame
from nbo.numbers import check_number
from nbo.reports.answers import read_answers
from nbo.reports.tally import design_effects, tally
from nbo.times import check_times
from nbo.wilson import wilson_interval

__all__ = ["rates_over_time"]


def rates_over_time(
    feedback: Any,
    by: str | Sequence[str] = c.SEGMENT,
    level: float = 0.95,
    *,
    of: str = c.OFFER_ID,
    periods: int = 4,
    unit: str = c.CUSTOMER_ID,
) -> pd.DataFrame:
    """Count acceptances by segment, offer and period, with intervals.

    Parameters
    ----------
    feedback : DataFrame
        As for :func:`nbo.segment_report`, with decided_at.
    by : str or sequence of str, default="segment"
        Columns to report by.
    level : float, default=0.95
        Of the intervals, in (0, 1).
    of : str, default="offer_id"
        Column of what is reported.
    periods : int, default=4
        Into how many periods of equal length the time from the first to the last decision is parted, 2 or more.
    unit : str, default="customer_id"
        Column of who answered.

    Returns
    -------
    DataFrame
        One row per segment, offer and period that has decisions: `by`, `of`, period (1 the first), start (its first
        moment, UTC), n, accepted, rate, low and high (Wilson intervals, wider where customers answered again), and
        design_effect.

    Raises
    ------
    InputError
        If a column is missing, a time is none, or there are fewer than two periods.

    Examples
    --------
    >>> when = pd.to_datetime(["2026-01-01", "2026-01-02", "2026-01-30", "2026-01-31"])
    >>> rows = pd.DataFrame({"segment": "a", "offer_id": "card", "reward": [1, 1, 0, 1], "decided_at": when})
    >>> rates_over_time(rows, periods=2)[["period", "n", "rate"]].values.tolist()
    [[1.0, 2.0, 1.0], [2.0, 2.0, 0.5]]
    """
    check_number(periods, "periods", "2 or more", lambda number: number >= 2, whole=True)
    frame = check_frame(feedback, "feedback")
    check_columns(frame, [c.DECIDED_AT], "feedback")
    keys = [by] if isinstance(by, str) else list(by)
    rows = read_answers(frame, [*keys, of], unit)
    times = check_times(frame[c.DECIDED_AT], "feedback.decided_at").to_numpy(dtype="datetime64[us]").astype("int64")
    first, last = (int(times.min()), int(times.max())) if len(times) else (0, 0)
    length = max((last - first) // periods + 1, 1)
    counted = tally(rows.assign(period=(times - first) // length + 1), [*keys, of, "period"])
    period = counted["period"].astype("int64")
    effect = design_effects(counted, counted[of])
    n, accepted = counted["n"].to_numpy(), counted["accepted"].to_numpy()
    low, high = wilson_interval(accepted / effect, n / effect, level)
    start = (first + (period.to_numpy() - 1) * length).astype("datetime64[us]")
    table = counted[[*keys, of]].assign(period=period, start=start, n=n, accepted=accepted, rate=accepted / n)
    return table.assign(low=low, high=high, design_effect=np.asarray(effect))

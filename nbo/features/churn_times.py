"""When customers churn, or how long they were watched without it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns
from nbo.errors import InputError
from nbo.features.base import Tables, check_spine
from nbo.features.builders.transaction import completed_sales
from nbo.features.label_windows import check_gap, end_of_data, known_until
from nbo.features.moments import SINCE_EVER, length
from nbo.features.windows import rows_after, rows_as_of
from nbo.tables import CustomerTables, Spine
from nbo.tables.plain_values import microseconds
from nbo.tables.stored_tables import opened
from nbo.times import check_duration

__all__ = ["churn_times"]

# Longer than any data: all sales from the start of a window on.
_ALL_AHEAD = pd.Timedelta("36500D")


def churn_times(
    tables: Tables,
    spine: Spine,
    horizon: str = "90D",
    gap: str = "0D",
    ended: str | None = None,
    until: Any = None,
) -> pd.DataFrame:
    """Say when each customer churns, counted from the start of the label window, `as_of` + gap.

    With `ended`, churn is the end of a contract. Without a contract nobody says so: churn is the
    last completed sale before a silence of `horizon`, and a customer who is silent from the start
    on churns after no time at all. Those are the ones whom :func:`~nbo.features.labels.churned`
    gives a 1.

    A customer who has not churned by the end of the data is censored: watched for so long. Of a
    silence that is shorter than `horizon` at the end of the data nobody knows yet, so without
    a contract all are watched until `horizon` before it.

    Parameters
    ----------
    tables : CustomerTables, StoredTables, str or Path
        With transactions, or with customers for `ended`.
    spine : Spine of n rows
    horizon : str, default="90D"
        Length of the silence that is churn; of no effect with `ended`.
    gap : str, default="0D"
        From `as_of` to the start, such as the time that acting takes.
    ended : str, optional
        Column of customers with the moment at which the contract ended, missing while it goes on. The
        last row of each customer counts.
    until : Timestamp or str, optional
        End of the data: only what was known before it counts. By default the latest moment at
        which any event of the tables happened or became known.

    Returns
    -------
    DataFrame
        ``duration``: timedelta64[us], to churn or to the end of watching, 0 or more; ``event``: bool,
        True for churn, False for censored. Indexed by the spine's row labels; with `ended`, customers
        without a row and those whose contract had ended by the start are left out.

    Raises
    ------
    InputError
        If the table or the column is not there, or an argument is not allowed.

    Examples
    --------
    >>> sales = pd.DataFrame(
    ...     {"customer_id": ["ann", "ann", "bob"], "event_time": ["2026-01-09", "2026-01-29", "2026-03-31"]}
    ... )
    >>> spine = Spine.of(
    ...     pd.DataFrame({"customer_id": ["ann", "bob", "bob"], "as_of": ["2026-01-01", "2026-01-01", "2026-03-15"]})
    ... )
    >>> churn_times(CustomerTables(transactions=sales), spine, horizon="30D", until="2026-04-24")
      duration  event
    0  28 days   True
    1   0 days   True
    2  10 days  False
    """
    check_spine(spine)
    stored = opened(tables)
    start = microseconds(spine.frame[c.AS_OF]) + length(check_gap(gap))
    silence = length(check_duration(horizon, "horizon"))
    end = end_of_data(stored, until)
    last = microseconds(pd.Series([end]))[0]
    if ended is None:
        churn, known = _silent_from(stored, spine, gap, silence, until), last - silence
        event, there = churn <= known, np.ones(len(spine), dtype=bool)
    else:
        churn, has_row = _contract_ends(stored, spine, ended, end)
        known, event = last, churn < last
        there = has_row & (churn > start)
    lasted = np.maximum(np.where(event, churn, known) - start, 0)
    return pd.DataFrame({"duration": lasted.astype("timedelta64[us]"), "event": event})[there]


def _silent_from(tables: CustomerTables, spine: Spine, gap: str, silence: int, until: Any) -> np.ndarray:
    """Find the moment from which each customer is silent for long enough, at the start or at a sale after it."""
    if not tables.has("transactions"):
        raise InputError(f"churn needs the table transactions; there are: {', '.join(tables.names) or 'none'}.")
    table = tables.columns("transactions")
    history = rows_after(table, spine.frame, check_gap(gap), _ALL_AHEAD)
    sales = history.where((completed_sales(table) & known_until(table, until))[history.rows])
    start = microseconds(spine.frame[c.AS_OF]) + length(check_gap(gap))
    buys = sales.end > sales.first
    # One more at the end, for those who do not buy.
    times = np.append(sales.times, np.iinfo(np.int64).max)
    is_last = np.diff(times) >= silence
    is_last[sales.end[buys] - 1] = True
    place = np.where(is_last, np.arange(len(is_last)), len(is_last))
    last_from = np.append(np.minimum.accumulate(place[::-1])[::-1], len(is_last))
    silent = ~buys | (times[sales.first] - start >= silence)
    return np.where(silent, start, times[last_from[sales.first]])


def _contract_ends(
    tables: CustomerTables, spine: Spine, ended: str, end: pd.Timestamp
) -> tuple[np.ndarray, np.ndarray]:
    """Give when each contract ends, far away while it goes on, and who has a row at all."""
    if not tables.has("customers"):
        raise InputError(f"the end of a contract needs the table customers; there are: {', '.join(tables.names)}.")
    table = tables.columns("customers")
    check_columns(table, [ended], "customers")
    rows = rows_as_of(table, spine.frame.assign(**{c.AS_OF: end}))
    stated = np.append(table.times(ended), SINCE_EVER)[rows]
    return np.where(stated == SINCE_EVER, np.iinfo(np.int64).max, stated), rows >= 0

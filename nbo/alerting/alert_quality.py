"""Measure alerts against who left."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from nbo import columns as c
from nbo.alerting import alert_columns as a
from nbo.alerting.quality import AlertQuality
from nbo.checks import check_columns, check_frame, check_keys, check_rows
from nbo.errors import InputError
from nbo.numbers import check_number
from nbo.tables import CustomerTables
from nbo.tables.key_positions import key_positions
from nbo.times import check_duration, check_time, check_times
from nbo.wilson import wilson_interval

__all__ = ["alert_quality"]

_DAY = pd.Timedelta("1D")


def alert_quality(
    alerts: Any,
    left: Any,
    *,
    horizon: str = "90D",
    start: Any = None,
    until: Any = None,
    level: float = 0.95,
) -> AlertQuality:
    """Measure precision, recall and lead time of alerts, against all who left.

    Alerts whose horizon is not over at `until` are not judged. An alert is right where its customer left within the
    horizon after it. A customer who left was seen where an alert came within the horizon before; the
    lead is that of the first. Whoever an action kept counts as a false alert: measure on customers who
    were left alone, such as a control arm, or in a simulated world.

    Parameters
    ----------
    alerts : Alerts, DataFrame or sequence of them
        customer_id and raised_at; those of `episodes` count where a run gives them all.
    left : DataFrame or (CustomerTables, str)
        customer_id and left_at of all customers, missing for those who stayed, and if there, `joined_at`; or tables,
        and the column of customers that says when each left.
    horizon : str, default="90D"
        Of the churn probability.
    start : Timestamp or str, optional
        From when on people were watched; by default the first alert.
    until : Timestamp or str, optional
        Until when it is known who left; by default the last time anybody left.
    level : float, default=0.95
        How often an interval shall hold the true value, in (0, 1). Those of shares are Wilson's, that of the median
        lead that of order statistics.

    Returns
    -------
    AlertQuality

    Raises
    ------
    InputError
        If a column is missing, a customer stands twice in `left`, an alert is of a customer who is not there, or a time
        is not one.

    Examples
    --------
    >>> left = pd.DataFrame({"customer_id": ["ann", "bob", "cy", "di"]})
    >>> left["left_at"] = ["2026-03-01", "2026-04-01", None, None]
    >>> raised = pd.DataFrame({"customer_id": ["ann", "cy"], "raised_at": ["2026-02-01", "2026-02-01"]})
    >>> quality = alert_quality(raised, left, horizon="60D", until="2026-06-01")
    >>> quality.value("precision"), quality.value("recall"), quality.value("lead_days"), quality.value("base_rate")
    (0.5, 0.5, 28.0, 0.5)
    """
    ahead = check_duration(horizon, "horizon")
    check_number(level, "level", "in (0, 1)", lambda share: 0 < share < 1)
    raised, people = _raised(alerts), _people(left)
    place = key_positions(raised[c.CUSTOMER_ID], pd.Index(people[c.CUSTOMER_ID]), "alerts.customer_id")
    check_rows(place < 0, raised[c.CUSTOMER_ID], "alerts.customer_id", "a customer of `left`")
    begin = raised[a.RAISED_AT].min() if start is None else check_time(start, "start")
    end = people["left_at"].max() if until is None else check_time(until, "until")
    if pd.isna(begin) or pd.isna(end):
        raise InputError("start and until must be given where there is no alert, or nobody left.")
    at, left_at = raised[a.RAISED_AT].to_numpy(), people["left_at"].to_numpy()
    judged = (at >= begin) & (at + ahead <= end)
    right = judged & (left_at[place] >= at) & (left_at[place] < at + ahead)
    leads = _leads(place, at, left_at, (at >= begin) & (left_at[place] >= at) & (left_at[place] < at + ahead))
    gone = (left_at >= begin) & (left_at < end)
    seen = gone & ~np.isnan(leads)
    days = np.sort(leads[seen])
    base = _base_rate(at[judged], people, ahead)
    rows: list[tuple[Any, ...]] = [
        ("precision", *_share(right.sum(), judged.sum(), level), int(judged.sum())),
        ("recall", *_share(seen.sum(), gone.sum(), level), int(gone.sum())),
        ("lead_days", *_median(days, level), len(days)),
        ("base_rate", base, np.nan, np.nan, int(judged.sum())),
    ]
    lift = [number / base if base > 0 else np.nan for number in rows[0][1:4]]
    rows.append(("lift", *lift, int(judged.sum())))
    return AlertQuality(pd.DataFrame(rows, columns=["measure", "value", "low", "high", "n"]), days, ahead, level)


def _raised(alerts: Any) -> pd.DataFrame:
    parts = list(alerts) if isinstance(alerts, list | tuple) else [alerts]
    frames = [check_frame(part.frame if hasattr(part, "episodes") else part, "alerts") for part in parts]
    if not frames:
        raise InputError("alerts must hold at least one frame; got none.")
    for frame in frames:
        check_columns(frame, [c.CUSTOMER_ID, a.RAISED_AT], "alerts")
    filled = [frame[[c.CUSTOMER_ID, a.RAISED_AT]] for frame in frames if len(frame)] or [frames[0]]
    rows = pd.concat(filled, ignore_index=True)
    # Episodes that were held back have raised no alert.
    rows = rows.assign(**{a.RAISED_AT: check_times(rows[a.RAISED_AT], "alerts.raised_at", missing=True)})
    return rows[rows[a.RAISED_AT].notna()].drop_duplicates([c.CUSTOMER_ID, a.RAISED_AT], ignore_index=True)


def _people(left: Any) -> pd.DataFrame:
    if isinstance(left, tuple):
        tables, ended = left
        if not isinstance(tables, CustomerTables):
            raise TypeError(f"left must be a frame, or (CustomerTables, column); got {type(tables).__name__} first.")
        check_columns(tables.get("customers"), [c.CUSTOMER_ID, ended], "customers")
        customers = tables.get("customers").drop_duplicates(c.CUSTOMER_ID, keep="last")
        left = pd.DataFrame({c.CUSTOMER_ID: customers[c.CUSTOMER_ID], "left_at": customers[str(ended)]})
    frame = check_frame(left, "left")
    check_columns(frame, [c.CUSTOMER_ID, "left_at"], "left")
    check_keys(frame[c.CUSTOMER_ID], "left.customer_id")
    check_rows(frame[c.CUSTOMER_ID].duplicated().to_numpy(), frame[c.CUSTOMER_ID], "left.customer_id", "different")
    since_ever = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[us]")
    joined = frame.get("joined_at", since_ever)
    return pd.DataFrame(
        {
            c.CUSTOMER_ID: frame[c.CUSTOMER_ID],
            "left_at": check_times(frame["left_at"], "left.left_at", missing=True),
            "joined_at": check_times(joined, "left.joined_at", missing=True),
        }
    ).reset_index(drop=True)


def _leads(place: np.ndarray, at: np.ndarray, left_at: np.ndarray, fits: np.ndarray) -> np.ndarray:
    """Count the days from each customer's first alert that was right to leaving; NaN without one."""
    days = pd.Series((left_at[place[fits]] - at[fits]) / _DAY, dtype=float)
    most = days.groupby(place[fits]).max()
    found = np.full(len(left_at), np.nan)
    found[most.index.to_numpy(dtype=int)] = most.to_numpy()
    return found


def _base_rate(at: np.ndarray, people: pd.DataFrame, ahead: pd.Timedelta) -> float:
    """Average, over the times of the alerts, the share of those there who left within the horizon."""
    moments, counts = np.unique(at, return_counts=True)
    if not len(moments):
        return float("nan")
    left_at, joined = people["left_at"], people["joined_at"]
    rates = []
    for moment in moments:
        there = ~(left_at < moment) & ~(joined > moment)
        leaves = there & (left_at < moment + ahead)
        rates.append(leaves.sum() / max(there.sum(), 1))
    return float(np.average(rates, weights=counts))


def _share(hits: int, n: int, level: float) -> tuple[float, float, float]:
    if not n:
        return float("nan"), 0.0, 1.0
    low, high = wilson_interval(np.array([hits]), np.array([n]), level)
    return float(hits / n), float(low[0]), float(high[0])


def _median(days: np.ndarray, level: float) -> tuple[float, float, float]:
    """Give the median, and the order statistics between which it lies with at least this level."""
    n = len(days)
    if not n:
        return (float("nan"),) * 3
    low = int(stats.binom.ppf((1 - level) / 2, n, 0.5))
    ends = (low - 1, n - low) if low >= 1 else (0, n - 1)
    return float(np.median(days)), float(days[ends[0]]), float(days[ends[1]])

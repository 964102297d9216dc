"""What each interaction has contributed to each goal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_keys, check_numbers, check_one_of, check_rows
from nbo.errors import InputError
from nbo.numbers import check_number
from nbo.reports.credited import credited
from nbo.reports.goal_credits import GoalReport
from nbo.tables.plain_values import microseconds
from nbo.times import check_duration, check_time, check_times
from nbo.value.cents import money, whole_cents

__all__ = ["goal_report"]

_METHODS: Final = ("last touch", "linear", "time decay")


def goal_report(
    goals: Any,
    events: Any,
    weights: Mapping[str, float] | None = None,
    *,
    as_of: Any = None,
    method: str = "last touch",
    window: str | pd.Timedelta = "30D",
    half_life: str | pd.Timedelta = "7D",
    key: str = c.DECISION_ID,
    time: str = c.DECIDED_AT,
) -> GoalReport:
    """Credit each result to the interactions that came before it; all credits of a goal add up to its total.

    A credit says what came before a result, not what caused it: for that, see
    :func:`nbo.reports.action_effects`.

    Parameters
    ----------
    goals : DataFrame
        What was reached, a row each time: goal, customer_id, event_time, value (taken to the cent; counts are 1), and
        known_at if there; such as :func:`nbo.reports.goal_results` gives.
    events : DataFrame
        Interactions: their id, customer_id and time; other columns are kept. A row with an id that stood before
        does not count.
    weights : mapping of str to float, optional
        Goal -> what one unit of it is worth in the reward of an interaction; 1 by default.
    as_of : str or Timestamp, optional
        Only what happened and was known before it counts, UTC. By default everything.
    method : {"last touch", "linear", "time decay"}, default="last touch"
        All to the last interaction; the same to each; or half as much for each `half_life` earlier than the last.
    window : str or Timedelta, default="30D"
        An interaction counts if ``result - window <= interaction < result``.
    half_life : str or Timedelta, default="7D"
        Of "time decay".
    key, time : str
        Columns of `events`: the id and the time of an interaction.

    Returns
    -------
    GoalReport

    Raises
    ------
    InputError
        If a column is missing, a value or a time is none, weights name another goal, or the method is not known.

    Examples
    --------
    >>> events = pd.DataFrame({"decision_id": ["d1", "d2"], "customer_id": "ann", "channel": ["mail", "app"],
    ...                        "decided_at": ["2026-01-01", "2026-01-02"]})
    >>> goals = pd.DataFrame({"goal": "sales", "customer_id": ["ann", "bob"], "event_time": "2026-01-05"})
    >>> report = goal_report(goals.assign(value=[10.01, 5.0]), events, method="linear")
    >>> report.by("channel")[["channel", "credit"]].values.tolist()
    [['app', 5.01], ['mail', 5.0], ['no interaction', 5.0]]
    """
    check_one_of(method, _METHODS, "method")
    moment = None if as_of is None else check_time(as_of)
    results = _results(goals, moment)
    touches = _touches(events, moment, key, time)
    codes, names = pd.factorize(touches[c.CUSTOMER_ID], sort=False)
    order = np.lexsort((touches[key].astype("str").to_numpy(dtype=object), microseconds(touches[time]), codes))
    touches, codes = touches.iloc[order].reset_index(drop=True), codes[order]
    given = (
        pd.Index(names).get_indexer(results[c.CUSTOMER_ID]),
        microseconds(results[c.EVENT_TIME]),
        results["cents"].to_numpy(),
    )
    spans = [int(check_duration(value, name) // pd.Timedelta("1us")) for value, name in
             ((window, "window"), (half_life, "half_life"))]  # fmt: skip
    touch, result, cents = credited(codes, microseconds(touches[time]), given, spans[0], method, spans[1])
    pairs = pd.DataFrame({"touch": touch, "goal": results["goal"].to_numpy()[result], "cents": cents})
    summed = pairs.groupby(["goal", "touch"], as_index=False)["cents"].sum()
    about = touches.iloc[summed["touch"].to_numpy()].reset_index(drop=True)
    credits = about.assign(goal=summed["goal"].to_numpy(), credit=money(summed["cents"].to_numpy()))
    front = [key, c.CUSTOMER_ID, "goal", "credit"]
    credits = credits[[*front, *(name for name in credits if name not in front)]]
    return GoalReport(credits, _totals(results, pairs, weights), key, method)


def _results(goals: Any, moment: pd.Timestamp | None) -> pd.DataFrame:
    frame = check_frame(goals, "goals")
    check_columns(frame, ["goal", c.CUSTOMER_ID, c.EVENT_TIME, c.VALUE], "goals")
    check_keys(frame["goal"], "goals.goal")
    value = check_numbers(frame[c.VALUE], "goals.value")
    check_rows(~np.isfinite(value), value, "goals.value", "there and finite")
    rows = frame[["goal", c.CUSTOMER_ID]].assign(cents=whole_cents(value, "goals.value"))
    rows["goal"] = rows["goal"].astype("str")
    rows[c.EVENT_TIME] = check_times(frame[c.EVENT_TIME], "goals.event_time")
    return _before(rows, frame, c.EVENT_TIME, moment)


def _touches(events: Any, moment: pd.Timestamp | None, key: str, time: str) -> pd.DataFrame:
    frame = check_frame(events, "events")
    check_columns(frame, [key, c.CUSTOMER_ID, time], "events")
    for name in (key, c.CUSTOMER_ID):
        check_keys(frame[name], f"events.{name}")
    reserved = [name for name in ("goal", "credit") if name in frame]
    if reserved:
        raise InputError(f"events must not have the column {reserved[0]!r}, which the report adds. Rename it.")
    rows = frame.assign(**{time: check_times(frame[time], f"events.{time}")}).drop_duplicates(key)
    return _before(rows, rows, time, moment).reset_index(drop=True)


def _before(rows: pd.DataFrame, frame: pd.DataFrame, time: str, moment: pd.Timestamp | None) -> pd.DataFrame:
    if moment is None:
        return rows
    counts = rows[time] < moment
    if c.KNOWN_AT in frame:
        counts &= check_times(frame[c.KNOWN_AT], c.KNOWN_AT, missing=True).fillna(rows[time]) < moment
    return rows[counts]


def _totals(results: pd.DataFrame, pairs: pd.DataFrame, weights: Mapping[str, float] | None) -> pd.DataFrame:
    table = results.groupby("goal", as_index=False).agg(results=("cents", "size"), total=("cents", "sum"))
    given = pairs.groupby("goal")["cents"].sum().reindex(table["goal"]).fillna(0).to_numpy(dtype="int64")
    whole = table["total"].to_numpy(dtype="int64")
    for name, weight in (weights or {}).items():
        check_one_of(name, table["goal"].tolist(), "weights")
        check_number(weight, f"weights[{name!r}]", "a finite number", np.isfinite)
    worth = table["goal"].map({str(name): float(value) for name, value in (weights or {}).items()}).fillna(1.0)
    return table.assign(
        total=money(whole), credited=money(given), unattributed=money(whole - given), weight=worth.astype(float)
    )

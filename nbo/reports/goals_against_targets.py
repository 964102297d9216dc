"""What was measured of the goals that may have targets."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_rows
from nbo.experiments import goal_scorecard
from nbo.reports.answers import ALL, UNKNOWN
from nbo.reports.goal_credits import GoalReport
from nbo.reports.segment_report import segment_report
from nbo.value.cents import money

__all__ = ["goals_against_targets"]

_CELL: Final = ["goal", c.SEGMENT, "touchpoint"]
_GAPS: Final = {"missed": 0, "open": 1, "not measured": 2, "no goal": 3, "met": 4}


def goals_against_targets(goals: Any, offered: pd.DataFrame, credits: GoalReport | None, level: float) -> pd.DataFrame:
    """Set targets next to what was measured, by segment and touchpoint (:func:`nbo.experiments.goal_scorecard`).

    Measured are "acceptance rate", "offers" (with an answer) and "value per decision", and with credits each of
    their goals; all by segment and channel, with "all" for either.

    Parameters
    ----------
    goals : DataFrame
        goal and target; segment and touchpoint (the channel), "all" where missing; and what else
        :func:`nbo.experiments.goal_scorecard` takes.
    offered : DataFrame
        Offers with their answers.
    credits : GoalReport or None
        By the decisions.
    level : float
        Of the intervals, in (0, 1).

    Returns
    -------
    DataFrame
        The scorecard, missed goals first. Cells of a named goal without a target are there as "no goal".

    Raises
    ------
    InputError
        If a column is missing, or the target of an acceptance rate is above 1.
    """
    wanted = check_frame(goals, "goals")
    check_columns(wanted, ["goal", "target"], "goals")
    wanted = wanted.astype({"goal": "str"}) if wanted.empty else wanted
    _check_shares(wanted)
    for name in (c.SEGMENT, "touchpoint"):
        given = wanted[name] if name in wanted else pd.Series(None, index=wanted.index, dtype="str")
        wanted = wanted.assign(**{name: given.astype(object).where(given.notna(), ALL).astype("str")})
    measured = pd.concat([_rates(offered, level), _credited(credits)], ignore_index=True)
    measured = measured[measured["goal"].isin(wanted["goal"])]
    card = goal_scorecard(wanted, measured)
    place = np.lexsort((card["gap_share"].fillna(0.0).to_numpy(), card["status"].map(_GAPS).to_numpy()))
    front = [*_CELL, "target", "value", "low", "high", "gap", "gap_share", "status"]
    return card[[*front, *(name for name in card if name not in front)]].iloc[place].reset_index(drop=True)


def _check_shares(wanted: pd.DataFrame) -> None:
    targets = pd.to_numeric(wanted["target"], errors="coerce")
    percent = (wanted["goal"] == "acceptance rate").to_numpy(dtype=bool) & (targets > 1).to_numpy(dtype=bool)
    check_rows(percent, wanted["target"], "goals.target of an acceptance rate", "a share of 0 to 1", "5 % is 0.05.")


def _rates(offered: pd.DataFrame, level: float) -> pd.DataFrame:
    if offered.empty:
        return _nothing()
    parts = []
    for rows in (offered, offered.assign(**{c.CHANNEL: ALL + " channels"})):
        report = segment_report(rows, c.SEGMENT, level, of=c.CHANNEL)
        parts.append(report.assign(touchpoint=report[c.CHANNEL].where(report[c.CHANNEL] != ALL + " channels", ALL)))
    cells = pd.concat(parts, ignore_index=True)
    found = [cells.assign(goal="acceptance rate", value=cells["rate"])]
    # Numbers without an interval are their own bounds.
    for goal, name in (("offers", "n"), ("value per decision", "value_per_decision")):
        if name in cells:
            value = cells[name].astype(float)
            found.append(cells.assign(goal=goal, value=value, low=value, high=value))
    return pd.concat(found, ignore_index=True)[[*_CELL, "value", "low", "high"]]


def _credited(credits: GoalReport | None) -> pd.DataFrame:
    """Add up the credits of the decisions by segment and channel, and by either alone."""
    if credits is None or credits.credits.empty:
        return _nothing()
    rows = credits.credits
    cells = pd.DataFrame({"goal": rows["goal"], "cents": np.rint(rows["credit"] * 100).astype("int64")})
    named = {c.SEGMENT: rows[c.SEGMENT], "touchpoint": rows[c.CHANNEL]}
    cells = cells.assign(**{k: v.astype(object).where(v.notna(), UNKNOWN).astype("str") for k, v in named.items()})
    wholes = [cells, cells.assign(segment=ALL), cells.assign(touchpoint=ALL), cells.assign(segment=ALL, touchpoint=ALL)]
    found = pd.concat(wholes).groupby(_CELL, as_index=False)["cents"].sum()
    value = money(found.pop("cents").to_numpy())
    return found.assign(value=value, low=value, high=value)


def _nothing() -> pd.DataFrame:
    kinds = {**dict.fromkeys(_CELL, "str"), **dict.fromkeys(("value", "low", "high"), "float64")}
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()})

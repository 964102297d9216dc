"""Goals by segment and touchpoint, next to what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from nbo.checks import check_columns, check_frame, check_keys, check_numbers, check_rows

__all__ = ["goal_scorecard"]

_KEYS = ("goal", "segment", "touchpoint")


def goal_scorecard(goals: Any, measured: Any, keys: Sequence[str] = _KEYS) -> pd.DataFrame:
    """Set each goal next to what was measured, and name what has no goal or no number.

    Parameters
    ----------
    goals : DataFrame
        `goal`, `segment`, `touchpoint`, `target` (a number) and, if there, `direction`: "at least" (the
        default) or "at most". Further columns, such as the tactic, are kept.
    measured : DataFrame
        `goal`, `segment`, `touchpoint` and `value`; `low` and `high`, its interval, if there.
    keys : sequence of str, default=("goal", "segment", "touchpoint")
        Columns that name a cell of the scorecard.

    Returns
    -------
    DataFrame
        A row for each cell that has a goal or a number: the keys, what else `goals` has, `value`, `low`,
        `high`, `gap` (value minus target, turned where less is better; above 0 is better than the target),
        `gap_share` (of the target) and `status`: "met" or "missed"; "open" where the interval holds the target,
        so that it may be chance; "not measured" or "no goal".

    Raises
    ------
    InputError
        If a column is missing, a cell stands twice, a target or a value is no number, or a direction is another word.

    Examples
    --------
    >>> cell = {"goal": "accept", "touchpoint": "email"}
    >>> goals = pd.DataFrame({**cell, "segment": ["new", "old"], "target": 0.05})
    >>> measured = pd.DataFrame({**cell, "segment": ["new", "vip"], "value": [0.06, 0.2]})
    >>> goal_scorecard(goals, measured)[["segment", "status"]].values.tolist()
    [['new', 'met'], ['old', 'not measured'], ['vip', 'no goal']]
    """
    wanted, found = _checked(goals, [*keys, "target"], "goals"), _checked(measured, [*keys, "value"], "measured")
    if "direction" not in wanted:
        wanted = wanted.assign(direction="at least")
    check_rows(
        ~wanted["direction"].isin(["at least", "at most"]).to_numpy(),
        wanted["direction"],
        "goals.direction",
        "'at least' or 'at most'",
    )
    found = found.assign(**{name: found[name] if name in found else found["value"] for name in ("low", "high")})
    card = wanted.merge(found[[*keys, "value", "low", "high"]], on=list(keys), how="outer", sort=True)
    sign = np.where(card["direction"] == "at most", -1.0, 1.0)
    gap = sign * (card["value"] - card["target"])
    # The bounds of the gap; those of a number without an interval are the number itself.
    ends = np.sort(np.stack([sign * (card[name] - card["target"]) for name in ("low", "high")]), axis=0)
    status = np.select(
        [card["target"].isna(), card["value"].isna(), ends[0] >= 0, ends[1] < 0],
        ["no goal", "not measured", "met", "missed"],
        "open",
    )
    target = card["target"].abs()
    return card.assign(gap=gap, gap_share=gap / target.where(target > 0), status=status)


def _checked(frame: Any, columns: list[str], what: str) -> pd.DataFrame:
    rows = check_frame(frame, what)
    check_columns(rows, columns, what)
    *keys, number = columns
    for key in keys:
        check_keys(rows[key], f"{what}.{key}")
    check_rows(rows.duplicated(keys).to_numpy(), rows[keys[0]], what, "one row for each cell")
    values = check_numbers(rows[number], f"{what}.{number}")
    check_rows(np.isnan(values), values, f"{what}.{number}", "there in every row")
    return rows.assign(**{number: values})

"""Sizes, days and costs of a test, segment by segment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_keys, check_numbers, check_rows
from nbo.errors import InputError
from nbo.experiments.design import Design
from nbo.experiments.duration import duration_days

__all__ = ["plan_experiment"]

_EFFECT, _CUSTOMERS, _PER_DAY = "effect", "customers", "per_day"
_OWN = ("baseline", "sd", "ratio", "variance_kept", "design_effect", "exposed", "counted")


def plan_experiment(
    segments: pd.DataFrame,
    design: Design,
    effect: float | None = None,
    power: float = 0.8,
    *,
    whole_weeks: bool = True,
    outcome_days: float = 0,
) -> pd.DataFrame:
    """Say for each segment how many customers a test needs, how long it takes, and what it costs.

    Parameters
    ----------
    segments : DataFrame of shape (m, any)
        A row for each segment: `segment`. Optional, with a number in each row: `effect`, and any of a design's
        baseline, sd, ratio, variance_kept, design_effect, exposed and counted, where they differ by segment;
        `customers` who are there; `per_day`, how many come in a day; `cost` of treating one; `value` of one unit of
        the effect, such as the margin of one more sale.
    design : Design
        What holds for all segments. Set `comparisons` where any of several segments may decide.
    effect : float, optional
        To be found, where `segments` has no such column.
    power : float, default=0.8
        In (0, 1).
    whole_weeks : bool, default=True
        Whether days are rounded up to whole weeks.
    outcome_days : float, default=0
        Until an outcome is known.

    Returns
    -------
    DataFrame
        A row for each segment: `segment`, `effect`, `treated`, `control`, `n` (both); with `customers`: `enough`, and
        `power` and `detectable_effect` if all of them take part; with `per_day`: `days`; with `cost`:
        `treatment_cost`; with `value`: `value_forgone`, what the control would have brought if treated, should the
        effect be as stated; and with both `test_cost`, their sum.

    Raises
    ------
    InputError
        If a column is missing or its numbers are not allowed, a segment stands twice, or there is no effect.

    Examples
    --------
    >>> segments = pd.DataFrame({"segment": ["gold", "silver"], "baseline": [0.10, 0.05], "customers": [9000, 4000],
    ...                          "per_day": [600, 400], "cost": 0.5, "value": 40.0})
    >>> plan = plan_experiment(segments, Design(baseline=0.1), effect=0.02)
    >>> plan[["segment", "n", "enough", "days", "test_cost"]].round(1).values.tolist()
    [['gold', 7682, True, 14, 4993.3], ['silver', 4426, False, 14, 2876.9]]
    """
    if not isinstance(design, Design):
        raise TypeError(f"design must be a Design; got {type(design).__name__}.")
    given = _checked(segments, effect)
    if effect is not None and _EFFECT not in given:
        given[_EFFECT] = float(effect)
    table = [_row(row, design, power) for row in given.to_dict("records")]
    plan = pd.DataFrame(table, columns=list(table[0]) if table else [c.SEGMENT, _EFFECT, "treated", "control", "n"])
    if _PER_DAY in given:
        rows = zip(plan["n"], given[_PER_DAY], strict=True)
        plan["days"] = [duration_days(n, x, whole_weeks=whole_weeks, outcome_days=outcome_days) for n, x in rows]
    return _with_costs(plan, given, design)


def _checked(segments: Any, effect: float | None) -> pd.DataFrame:
    frame = check_frame(segments, "segments").reset_index(drop=True)
    check_columns(frame, [c.SEGMENT], "segments")
    check_keys(frame[c.SEGMENT], f"segments.{c.SEGMENT}")
    check_rows(
        frame[c.SEGMENT].duplicated().to_numpy(), frame[c.SEGMENT], f"segments.{c.SEGMENT}", "different in each row"
    )
    if effect is None and _EFFECT not in frame:
        raise InputError("effect must be given, or be a column of segments.")
    names = [name for name in (_EFFECT, _CUSTOMERS, _PER_DAY, c.COST, c.VALUE, *_OWN) if name in frame]
    numbers = {name: check_numbers(frame[name], f"segments.{name}") for name in names}
    for name, values in numbers.items():
        check_rows(~np.isfinite(values), values, f"segments.{name}", "finite numbers, none missing")
    return frame[[c.SEGMENT]].assign(**numbers)


def _row(row: Mapping[Any, Any], design: Design, power: float) -> dict[str, Any]:
    own = {name: row[name] for name in _OWN if name in row}
    try:
        mine = replace(design, **own)
        sizes = mine.sample_size(row[_EFFECT], power)
    except InputError as error:
        raise InputError(f"segment {row[c.SEGMENT]!r}: {error}") from error
    plan = {c.SEGMENT: row[c.SEGMENT], _EFFECT: row[_EFFECT], **sizes._asdict(), "n": sum(sizes)}
    if _CUSTOMERS in row:
        treated = int(row[_CUSTOMERS] / (1 + mine.ratio))
        some = treated >= 2
        plan |= {
            _CUSTOMERS: int(row[_CUSTOMERS]),
            "enough": plan["n"] <= row[_CUSTOMERS],
            "power": mine.power(row[_EFFECT], treated) if some else 0.0,
            "detectable_effect": mine.detectable_effect(treated, power) if some else np.nan,
        }
    return plan


def _with_costs(plan: pd.DataFrame, given: pd.DataFrame, design: Design) -> pd.DataFrame:
    exposed = given.get("exposed", design.exposed)
    if c.COST in given:
        plan["treatment_cost"] = plan["treated"] * given[c.COST]
    if c.VALUE in given:
        plan["value_forgone"] = plan["control"] * plan[_EFFECT] * exposed * given[c.VALUE]
    if c.COST in given and c.VALUE in given:
        plan["test_cost"] = plan["treatment_cost"] + plan["value_forgone"]
    return plan

"""Whether a rollout goes on after a stage."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from nbo.checks import check_columns, check_frame, check_numbers, check_rows
from nbo.errors import InputError
from nbo.experiments.crossing import CLOSEST
from nbo.experiments.rollout import Rollout
from nbo.experiments.rollout_metrics import Guardrail

__all__ = ["StageDecision", "decide_stage"]

_STAGE, _METRIC, _DIFFERENCE, _ERROR = "stage", "metric", "difference", "standard_error"
_COLUMNS = ("metric", "role", "difference", "standard_error", "statistic", "boundary", "low", "high")


@dataclass(frozen=True)
class StageDecision:
    """What to do after a stage, and why.

    Parameters
    ----------
    action : {"advance", "hold", "roll back", "done"}
        What to do.
    reason : str
        A sentence that says why.
    stage : int
        The stage that was looked at, from 1.
    checks : DataFrame
        A row for each metric looked at: `metric`, `role` ("guardrail" or "goal"), `difference`, `standard_error`,
        `statistic` (standard errors of harm beyond what is tolerated, or of improvement), its `boundary`, and `low`
        and `high`, the interval of the difference that holds at all looks together.
    """

    action: str
    reason: str
    stage: int
    checks: pd.DataFrame

    def __str__(self) -> str:
        return f"stage {self.stage}: {self.action}. {self.reason}"

    def _repr_html_(self) -> str:
        return f"<p><strong>{html.escape(str(self))}</strong></p>" + self.checks.to_html(index=False, na_rep="")


def decide_stage(rollout: Rollout, report: pd.DataFrame) -> StageDecision:
    r"""Say whether a rollout goes to its next stage, holds, goes back, or is done.

    - *Hold* as long as the stage has not its days and its outcomes, or a harm is not ruled out that must be.
    - *Roll back* when a guardrail's harm beyond what is tolerated crosses its boundary; when the goal's chance to be
      reached in the end, should the effect be as hoped for, is too small; or when it is not reached at the last look.
    - *Advance* otherwise, and *done* after the last stage.

    The chance to reach the goal is the conditional power [1]_. Giving up does not bind: it makes the chance to find an
    improvement where there is none only smaller.

    Parameters
    ----------
    rollout : Rollout
        The plan.
    report : DataFrame
        A row for each metric and each stage so far: `stage` (from 1), `metric`, `difference` (treated minus control)
        and `standard_error` (missing where nothing can be compared yet), both of all that was seen until the end of
        that stage, and `days` and `treated`, how many days and outcomes of treated customers that stage has. The
        highest stage is decided on; rows of earlier ones tell what was known when, and may be missing. A difference
        compares the treated with the control of the same stage, and weighs stages by their information: shares
        change, and what changes over time would else look like an effect. Standard errors have customers as their
        units.

    Returns
    -------
    StageDecision

    Raises
    ------
    InputError
        If a column, a metric or a number is missing or not allowed.

    References
    ----------
    .. [1] Lan, K. K. G. and Wittes, J. (1988). The B-value: a tool for monitoring data. Biometrics 44, 579-585.

    Examples
    --------
    >>> plan = Rollout("engine", (0.05, 0.25, 1.0), guardrails=[Guardrail("margin", tolerated=0.1)])
    >>> report = pd.DataFrame({"stage": [1], "metric": ["margin"], "difference": [-0.9],
    ...                        "standard_error": [0.2], "days": [7], "treated": [3500]})
    >>> print(decide_stage(plan, report))
    stage 1: roll back. 'margin' is worse by 0.9, beyond the 0.1 tolerated: 4 standard errors, the boundary is 1.83.
    >>> print(decide_stage(plan, report.assign(difference=0.1)))
    stage 1: advance. No harm is shown.
    """
    rows = _checked(rollout, report)
    stage = int(rows[_STAGE].max())
    looked, now = stage <= rollout.looks, rows[rows[_STAGE] == stage]
    waits = _waits(rollout, now, stage)
    known = looked and not now[_ERROR].isna().any()
    checks = _checks(rollout, rows, stage) if known else pd.DataFrame(columns=_COLUMNS)
    if waits:
        return StageDecision("hold", waits, stage, checks)
    harms, open_ = _harms(rollout, checks), _not_excluded(rollout, checks)
    gives_up, reached = _goal_missed(rollout, checks, stage)
    if harms or gives_up:
        return StageDecision("roll back", harms or gives_up, stage, checks)
    if open_:
        return StageDecision("hold", open_, stage, checks)
    last = stage == len(rollout.shares)
    told = "No harm is shown." if looked else "Nobody is left to compare with."
    return StageDecision("done" if last else "advance", f"{reached}{told}", stage, checks)


def _checked(rollout: Rollout, report: Any) -> pd.DataFrame:
    frame = check_frame(report, "report").reset_index(drop=True)
    names = [_STAGE, "days", "treated", _DIFFERENCE, _ERROR]
    check_columns(frame, [_METRIC, *names], "report")
    if not len(frame):
        raise InputError("report must have at least one row; got none.")
    numbers = {name: check_numbers(frame[name], f"report.{name}") for name in names}
    stages, n = numbers[_STAGE], len(rollout.shares)
    check_rows(~np.isin(stages, range(1, n + 1)), stages, "report.stage", f"a stage, 1 to {n}")
    for name in ("days", "treated"):
        check_rows(~(numbers[name] >= 0), numbers[name], f"report.{name}", "0 or more")
    rows = frame[[_METRIC]].assign(**numbers)
    twice = rows.duplicated([_STAGE, _METRIC]).to_numpy()
    check_rows(twice, rows[_METRIC], "report.metric", "different in each row of a stage")
    if stages.max() > rollout.looks:
        return rows
    asked = [rail.metric for rail in rollout.guardrails] + ([rollout.goal.metric] if rollout.goal else [])
    missing = [metric for metric in asked if metric not in set(rows.loc[stages == stages.max(), _METRIC])]
    if missing:
        raise InputError(f"report lacks the metric {missing[0]!r} in stage {int(stages.max())}.")
    error, difference = numbers[_ERROR], numbers[_DIFFERENCE]
    check_rows((error <= 0) | np.isinf(error), error, "report.standard_error", "finite, above 0")
    unknown = ~np.isfinite(difference) & ~np.isnan(error)
    check_rows(unknown, difference, "report.difference", "finite where there is a standard error")
    return rows[rows[_METRIC].isin(asked)] if asked else rows


def _waits(rollout: Rollout, now: pd.DataFrame, stage: int) -> str:
    """Say what a stage has not got yet."""
    days, treated = int(now["days"].min()), int(now["treated"].min())
    least_days, least = (np.array(part)[stage - 1] for part in (rollout.min_days, rollout.min_treated))
    if days < least_days:
        return f"The stage has run {days} of {least_days} days."
    if treated < least:
        return f"The stage has seen {treated:,} of {least:,} treated outcomes."
    unknown = now.loc[now[_ERROR].isna(), _METRIC].tolist() if stage <= rollout.looks else []
    return f"{unknown[0]!r} cannot be compared yet." if unknown else ""


def _known(rollout: Rollout, rows: pd.DataFrame, metric: str, stage: int) -> tuple[np.ndarray, np.ndarray]:
    """Give a metric's difference and information at each look; where a report is missing, NaN and as planned."""
    planned = rollout.information()[:stage]
    own = rows[rows[_METRIC] == metric].set_index(_STAGE).reindex(range(1, stage + 1))
    found = 1 / own[_ERROR].to_numpy(dtype=float) ** 2
    found = np.where(np.isnan(found), found[-1] * planned / planned[-1], found)
    # Knowledge grows; where an estimate says else, by next to nothing.
    for k in range(stage - 1, 0, -1):
        found[k - 1] = min(found[k - 1], found[k] * (1 - 2 * CLOSEST))
    return own[_DIFFERENCE].to_numpy(dtype=float), found


def _checks(rollout: Rollout, rows: pd.DataFrame, stage: int) -> pd.DataFrame:
    table = []
    for rail in rollout.guardrails:
        differences, known = _known(rollout, rows, rail.metric, stage)
        statistic = (_harm(rail, differences[-1]) - rail.tolerated) * known[-1] ** 0.5
        bound = rollout.boundaries(known)[-1]
        table.append((rail.metric, "guardrail", differences[-1], known[-1] ** -0.5, statistic, bound))
    if rollout.goal is not None:
        differences, known = _known(rollout, rows, rollout.goal.metric, stage)
        statistics = np.sign(rollout.goal.effect) * differences * known**0.5
        bounds = rollout.boundaries(known, goal=True)
        # What was shown at an earlier look remains shown.
        at = next((k for k in range(stage) if statistics[k] >= bounds[k]), stage - 1)
        table.append((rollout.goal.metric, "goal", differences[at], known[at] ** -0.5, statistics[at], bounds[at]))
    checks = pd.DataFrame(table, columns=_COLUMNS[:-2])
    width = checks["boundary"] * checks[_ERROR]
    return checks.assign(low=checks[_DIFFERENCE] - width, high=checks[_DIFFERENCE] + width)


def _harm(rail: Guardrail, difference: float) -> float:
    return -difference if rail.worse == "lower" else difference


def _harms(rollout: Rollout, checks: pd.DataFrame) -> str:
    for rail, difference, statistic, bound in _of_guardrails(rollout, checks, _DIFFERENCE, "statistic", "boundary"):
        if statistic >= bound:
            return (
                f"{rail.metric!r} is worse by {_harm(rail, difference):.4g}, beyond the {rail.tolerated:g} tolerated: "
                f"{statistic:.3g} standard errors, the boundary is {bound:.3g}."
            )
    return ""


def _not_excluded(rollout: Rollout, checks: pd.DataFrame) -> str:
    for rail, low, high in _of_guardrails(rollout, checks, "low", "high"):
        worst = max(_harm(rail, low), _harm(rail, high))
        if rail.excluded is not None and not worst < rail.excluded:
            return f"{rail.metric!r} may be worse by {worst:.4g}; {rail.excluded:g} must be ruled out."
    return ""


def _of_guardrails(rollout: Rollout, checks: pd.DataFrame, *names: str) -> list[tuple[Any, ...]]:
    # The goal's row is the last one, and has no guardrail; without a look there is no row.
    return list(zip(rollout.guardrails, *(checks[name] for name in names), strict=False))


def _goal_missed(rollout: Rollout, checks: pd.DataFrame, stage: int) -> tuple[str, str]:
    """Say why the goal is given up, or that it is reached."""
    goal, mine = rollout.goal, checks[checks["role"] == "goal"]
    if goal is None or not len(mine):
        return "", ""
    name, statistic, bound = repr(goal.metric), float(mine["statistic"].iloc[0]), float(mine["boundary"].iloc[0])
    if statistic >= bound:
        return "", f"{name} is better: {statistic:.3g} standard errors, the boundary is {bound:.3g}. "
    if stage == rollout.looks:
        return f"{name} is not shown to be better by the last look: {statistic:.3g} standard errors.", ""
    planned = rollout.information()
    t = planned[stage - 1] / planned[-1]
    drift = abs(goal.effect) / float(mine[_ERROR].iloc[0]) / t**0.5
    left = (rollout.boundaries(goal=True)[-1] - statistic * t**0.5 - drift * (1 - t)) / (1 - t) ** 0.5
    chance = float(special.ndtr(-left))
    if chance < goal.futility:
        return (
            f"{name} has a chance of {chance:.1%} to be shown better in the end, if the effect is {goal.effect:g}.",
            "",
        )
    return "", ""

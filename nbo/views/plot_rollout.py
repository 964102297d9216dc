"""Where a staged rollout goes back, and how far it is from there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from nbo.checks import check_columns, check_frame
from nbo.errors import InputError
from nbo.experiments import Rollout, decide_stage, rollout_outlook
from nbo.views.axes import COLORS, FAINT, MARKERS, calm, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_rollout"]

# Early boundaries can be far from all that is ever seen.
_FAR = 6.0


def plot_rollout(rollout: Rollout, report: Any = None, ax: Axes | None = None) -> Axes:
    r"""Plot the boundaries of a rollout, look by look, and what was seen so far.

    Up is better for all metrics. Boundaries are as planned; :func:`~nbo.experiments.decide_stage` uses those for what
    is known at a look, which differ a little.

    Parameters
    ----------
    rollout : Rollout
        With a stage whose share is below 1.
    report : DataFrame, optional
        As for :func:`~nbo.experiments.decide_stage`; each metric is a line.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If there is no look, or the report is not one of the rollout.

    Examples
    --------
    >>> from nbo.experiments import Guardrail, Rollout
    >>> ax = plot_rollout(Rollout("engine", (0.05, 0.25, 1.0), guardrails=[Guardrail("margin")]))
    >>> [text.get_text() for text in ax.get_xticklabels()]
    ['Stage 1\n5 %', 'Stage 2\n25 %']
    """
    if not rollout.looks:
        raise InputError("rollout must have a stage with a share below 1; else there is nobody to compare with.")
    ax = calm(new_axes(ax))
    looks = np.arange(1, rollout.looks + 1)
    limit = _draw_boundaries(ax, rollout, looks)
    ax.axhline(0.0, color=FAINT, linewidth=0.8)
    seen = pd.DataFrame() if report is None else _seen(rollout, report)
    for number, (metric, rows) in enumerate(seen.groupby("metric", sort=False) if len(seen) else ()):
        color = COLORS[3 + number % 3]
        ax.plot(rows["stage"], rows["y"], color=color, marker=MARKERS[number % len(MARKERS)], label=str(metric))
        limit = max(limit, 1.1 * float(rows["y"].abs().max()))
    ax.set_ylim(-limit, limit)
    ax.set_xlim(0.8, rollout.looks + 0.2)
    ax.set_xticks(
        looks, [f"Stage {k}\n{100 * share:g} %" for k, share in enumerate(rollout.shares[: rollout.looks], 1)]
    )
    ax.set_ylabel("Standard errors, better above 0")
    ax.legend(frameon=False, loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=3)
    return ax


def _draw_boundaries(ax: Axes, rollout: Rollout, looks: np.ndarray) -> float:
    """Draw what rolls back and what is the goal; give how far the axis must reach."""
    drawn = []
    if rollout.guardrails:
        drawn.append((-rollout.boundaries(), COLORS[1], "harm: roll back", -1))
    if rollout.goal is not None:
        outlook = rollout_outlook(rollout)
        drawn.append((outlook["boundary"].to_numpy(), COLORS[2], "goal reached", 1))
        drawn.append((outlook["futility_boundary"].to_numpy(), COLORS[0], "goal given up", 0))
    for bounds, color, label, side in drawn:
        shown = np.clip(bounds, -10 * _FAR, 10 * _FAR)
        ax.plot(looks, shown, color=color, marker=".", linestyle="-" if side else "--", label=label)
        if side:
            ax.fill_between(looks, shown, side * 10 * _FAR, color=color, alpha=0.12, linewidth=0)
    finite = [abs(bound) for bounds, *_ in drawn for bound in bounds if np.isfinite(bound)]
    return min(1.25 * max(finite, default=3.0), _FAR)


def _seen(rollout: Rollout, report: Any) -> pd.DataFrame:
    """Give each metric's statistic at each look, turned so that up is better."""
    rows, parts = check_frame(report, "report"), []
    check_columns(rows, ["stage"], "report")
    for stage in range(1, rollout.looks + 1):
        if (rows["stage"] == stage).any():
            checks = decide_stage(rollout, rows[rows["stage"] <= stage]).checks
            sign = np.where(checks["role"] == "guardrail", -1.0, 1.0)
            parts.append(checks.assign(stage=stage, y=sign * checks["statistic"]))
    return pd.concat(parts) if parts else pd.DataFrame()

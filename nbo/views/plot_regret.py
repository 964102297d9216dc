"""How far policies stay behind the best, over the rounds of learning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from nbo.checks import check_columns, check_frame
from nbo.views.axes import COLORS, FAINT, MARKERS, calm, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_regret"]


def plot_regret(frame: Any, ax: Axes | None = None) -> Axes:
    """Plot the regret of each policy over the rounds.

    Parameters
    ----------
    frame : DataFrame
        round, policy and regret: what a decision of that round fell short of the best one, in
        money. Optional low and high, the bounds of its interval.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If a column is missing.

    Examples
    --------
    >>> rounds = pd.DataFrame({"round": [1, 2], "policy": "thompson", "regret": [2.0, 1.0]})
    >>> plot_regret(rounds).get_xlabel()
    'Round'
    """
    from matplotlib.ticker import MaxNLocator

    rounds = check_frame(frame, "frame")
    check_columns(rounds, ["round", "policy", "regret"], "frame")
    ax = calm(new_axes(ax))
    for number, (policy, rows) in enumerate(rounds.groupby("policy", sort=False)):
        _draw_policy(ax, str(policy), rows.sort_values("round"), number)
    ax.axhline(0.0, color=FAINT, linewidth=0.8)
    ax.set_xlabel("Round")
    ax.set_ylabel("Regret per decision (money)")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    if rounds["policy"].nunique() > 1:
        # Above the axes, where no line runs through it.
        ax.legend(frameon=False, loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=2)
    return ax


def _draw_policy(ax: Axes, policy: str, rows: pd.DataFrame, number: int) -> None:
    color, marker = COLORS[number % len(COLORS)], MARKERS[number % len(MARKERS)]
    # Beyond six policies the same colors come again, dashed.
    style = "-" if number < len(COLORS) else "--"
    ax.plot(rows["round"], rows["regret"], color=color, marker=marker, markersize=5, linestyle=style, label=policy)
    if {"low", "high"} <= set(rows.columns):
        ax.fill_between(rows["round"], rows["low"], rows["high"], color=color, alpha=0.15, linewidth=0)

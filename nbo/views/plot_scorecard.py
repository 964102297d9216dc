"""Goals and how far off they are, at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nbo.checks import check_columns, check_frame
from nbo.numbers import check_number
from nbo.views.axes import COLORS, FAINT, MARKERS, calm, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_scorecard"]

_KEYS = ("goal", "segment", "touchpoint")


def plot_scorecard(card: Any, ax: Axes | None = None, *, top: int = 20) -> Axes:
    """Plot the gap of each goal to its target, in percent of the target.

    Parameters
    ----------
    card : DataFrame
        goal, segment, touchpoint, gap_share and status, as :func:`nbo.experiments.goal_scorecard` gives them. Cells
        without a goal, or without a number, are left out.
    ax : Axes, optional
        Where to draw; a new figure by default.
    top : int, default=20
        Cells shown, the first ones.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If a column is missing, or `top` is below 1.

    Examples
    --------
    >>> import pandas as pd
    >>> cell = {"goal": "sales", "segment": ["old", "new"], "touchpoint": "app", "status": ["missed", "met"]}
    >>> [text.get_text() for text in plot_scorecard(pd.DataFrame(cell).assign(gap_share=[-0.2, 0.1])).get_yticklabels()]
    ['sales, old, app', 'sales, new, app']
    """
    rows = check_frame(card, "card")
    check_columns(rows, [*_KEYS, "gap_share", "status"], "card")
    check_number(top, "top", "1 or more", lambda given: given >= 1, whole=True)
    rows = rows[rows["gap_share"].notna().to_numpy()].head(top).reset_index(drop=True)
    gap, places = 100 * rows["gap_share"].to_numpy(dtype=float), np.arange(len(rows))
    ax = calm(new_axes(ax, height=1.4 + 0.3 * max(len(rows), 1)), grid="x")
    ax.axvline(0.0, color=FAINT, linewidth=1.2, linestyle="--")
    for (status, color), marker in zip(
        (("missed", COLORS[1]), ("open", FAINT), ("met", COLORS[0])), MARKERS[1:], strict=False
    ):
        some = (rows["status"] == status).to_numpy(dtype=bool)
        if some.any():
            ax.hlines(places[some], 0.0, gap[some], color=color, linewidth=2.5, alpha=0.55)
            ax.plot(gap[some], places[some], marker, color=color, markersize=8, label=status)
    ax.set_yticks(places, [", ".join(map(str, cell)) for cell in rows[list(_KEYS)].itertuples(index=False)])
    ax.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    ax.set_xlabel("Better (+) or worse (−) than the target, in % of it")
    if len(rows):
        ax.legend(frameon=False, loc="lower left", bbox_to_anchor=(-0.02, 1.0))
    return ax

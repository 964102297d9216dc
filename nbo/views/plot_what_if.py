"""What changes would gain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nbo.checks import check_columns, check_frame
from nbo.views.axes import COLORS, FAINT, calm, new_axes
from nbo.views.plain_names import plain_names

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_what_if"]


def plot_what_if(found: Any, ax: Axes | None = None) -> Axes:
    """Plot the gain of each change with its interval; rings are changes that make customers leave.

    Parameters
    ----------
    found : WhatIf or DataFrame
        As :func:`nbo.value.what_if` gives it, or its ``effects``, or the rows of one group of its ``groups``.
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
    >>> import pandas as pd
    >>> from nbo.value import Change, what_if
    >>> customers = pd.DataFrame({"revenue": [100.0], "cost_to_serve": [40.0]})
    >>> ax = plot_what_if(what_if(customers, [Change("less service", cost_factors={"cost_to_serve": 0.5})]))
    >>> ax.lines[-1].get_xydata().tolist()
    [[20.0, 0.0]]
    """
    rows = check_frame(getattr(found, "effects", found), "found")
    check_columns(rows, ["change", "n", "gain", "low", "high", "keeps"], "found")
    rows = rows.sort_values("gain", ascending=False, kind="stable")
    ax = calm(new_axes(ax, width=6.4, height=1.2 + 0.42 * max(len(rows), 2)), grid="x")
    ax.axvline(0.0, color=FAINT, linewidth=0.8)
    for place, (gain, low, high) in enumerate(rows[["gain", "low", "high"]].to_numpy(dtype=float)):
        keeps = bool(rows["keeps"].iloc[place])
        color = COLORS[0] if keeps else COLORS[1]
        ax.plot([low, high], [place, place], color=color, linewidth=2)
        ax.plot([gain], [place], "o", color=color, markersize=8, markerfacecolor=color if keeps else "none")
    ax.set_yticks(np.arange(len(rows)), plain_names(f"{row.change} ({row.n:,})" for row in rows.itertuples()))
    ax.invert_yaxis()
    ax.set_xlabel("Gain of profit (money)")
    ax.set_ylabel("Change (customers)")
    return ax

"""What segments are worth, and whether that is more than they cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nbo.checks import check_columns, check_frame
from nbo.views.axes import COLORS, FAINT, calm, new_axes
from nbo.views.plain_names import plain_names

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_segment_value"]


def plot_segment_value(worth: Any, ax: Axes | None = None) -> Axes:
    """Plot the value of each segment with its interval, and what it cost to win its customers.

    Parameters
    ----------
    worth : DataFrame
        As :func:`nbo.value.segment_value` gives it: ``segment``, ``clv``, ``clv_low``, ``clv_high`` and, if there,
        ``acquisition_cost`` (a mark) and ``clv_per_cost`` (a number behind the bar).
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
    >>> from nbo.value import segment_value
    >>> ax = plot_segment_value(segment_value([100.0, 50.0, 20.0], ["a", "a", "b"], sd=[1, 1, 1]))
    >>> [float(bar.get_width()) for bar in ax.patches]
    [150.0, 20.0]
    """
    rows = check_frame(worth, "worth")
    check_columns(rows, ["segment", "clv", "clv_low", "clv_high"], "worth")
    ax = calm(new_axes(ax, width=6.4, height=1.2 + 0.42 * max(len(rows), 2)), grid="x")
    place = np.arange(len(rows))
    ax.barh(place, rows["clv"], height=0.6, color=COLORS[0], label="Lifetime value")
    reach = np.abs(rows[["clv_low", "clv_high"]].to_numpy(dtype=float).T - rows["clv"].to_numpy(dtype=float))
    ax.errorbar(rows["clv"], place, xerr=np.nan_to_num(reach), fmt="none", ecolor=FAINT, capsize=3)
    if "acquisition_cost" in rows:
        ax.plot(rows["acquisition_cost"], place, "D", color=COLORS[1], markersize=6, label="Cost of acquisition")
        ax.legend(frameon=False, ncols=2, loc="lower right", bbox_to_anchor=(1.0, 1.0))
    if "clv_per_cost" in rows:
        for at, (end, times) in enumerate(zip(rows["clv_high"].fillna(rows["clv"]), rows["clv_per_cost"], strict=True)):
            if np.isfinite(times):
                ax.annotate(f"{times:.1f} x", (end, at), xytext=(6, 0), textcoords="offset points", va="center")
        ax.margins(x=0.15)
    ax.axvline(0.0, color=FAINT, linewidth=0.8)
    ax.set_yticks(place, plain_names(rows["segment"]))
    ax.invert_yaxis()
    ax.set_xlabel("Value to come, all customers of the segment (money)")
    ax.set_ylabel("Segment")
    return ax

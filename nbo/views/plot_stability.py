"""How stable each number of clusters is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from nbo.checks import check_columns, check_frame, check_rows
from nbo.views.axes import COLORS, FAINT, calm, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_stability"]

_COLUMNS: Final = ["k", "stability", "low", "high"]


def plot_stability(frame: Any, ax: Axes | None = None, *, chosen: int | None = None) -> Axes:
    """Plot how well two samples agree on the clusters, by the number of clusters.

    Parameters
    ----------
    frame : DataFrame
        k, stability (adjusted Rand index, 1 at most), low and high, such as `stability_` of a
        :class:`~nbo.segments.ClusterSegmenter`; any order.
    ax : Axes, optional
        Where to draw; a new figure by default.
    chosen : int, optional
        The number that was taken, to mark; 1 too.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If a column is missing, or a low is above its high.

    Examples
    --------
    >>> import pandas as pd
    >>> found = pd.DataFrame({"k": [2, 3], "stability": [0.7, 1.0], "low": [0.5, 1.0], "high": [0.9, 1.0]})
    >>> plot_stability(found, chosen=3).get_xlabel()
    'Number of clusters'
    """
    from matplotlib.ticker import MaxNLocator

    rows = check_frame(frame, "frame")
    check_columns(rows, _COLUMNS, "frame")
    rows = rows.sort_values("k", ignore_index=True)
    check_rows((rows["low"] > rows["high"]).to_numpy(), rows["low"], "frame.low", "at most the high")
    ax = calm(new_axes(ax))
    ax.vlines(
        rows["k"], rows["low"], rows["high"], color=COLORS[0], alpha=0.5, linewidth=2, label="90 % of the samples"
    )
    ax.plot(rows["k"], rows["stability"], "o-", color=COLORS[0], markersize=5, label="mean")
    if chosen is not None:
        ax.axvline(chosen, color=FAINT, linewidth=1.2, linestyle="--", label=f"taken: {chosen}")
    ax.set_ylim(min(0.0, float(rows["low"].min()) if len(rows) else 0.0) - 0.02, 1.04)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("Number of clusters")
    ax.set_ylabel("Agreement of two samples (adjusted Rand index)")
    ax.legend(frameon=False, loc="lower left")
    return ax

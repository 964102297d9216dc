"""Repeat purchases over time, expected and actual."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbo.checks import check_columns, check_frame
from nbo.views.axes import COLORS, FAINT, calm, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_tracking"]


def plot_tracking(tracking: Any, cumulative: bool = True, ax: Axes | None = None) -> Axes:
    """Plot the repeat purchases that a model expects beside the actual ones.

    A line marks where the fit ends: what is right of it tests the model.

    Parameters
    ----------
    tracking : DataFrame
        As :func:`nbo.models.purchase_tracking` gives it.
    cumulative : bool, default=True
        Whether to show sums so far; else the purchases of each period.
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
    >>> days = pd.to_datetime(["2026-01-08", "2026-01-15"])
    >>> table = pd.DataFrame({"end": days, "held_out": [False, True], "actual": [1, 2], "expected": [1.2, 1.9]})
    >>> plot_tracking(table, cumulative=False).get_ylabel()
    'Repeat purchases in the period'
    """
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    frame = check_frame(tracking, "tracking")
    columns = ("actual_total", "expected_total") if cumulative else ("actual", "expected")
    check_columns(frame, ["end", "held_out", *columns], "tracking")
    ax = calm(new_axes(ax))
    for column, label, color, style in zip(columns, ("actual", "expected"), COLORS, ("-", "--"), strict=False):
        ax.plot(frame["end"], frame[column], color=color, linestyle=style, linewidth=2, label=label)
    fitted = frame.loc[~frame["held_out"].astype(bool), "end"]
    if len(fitted) and len(fitted) < len(frame):
        ax.axvline(fitted.max(), color=FAINT, linewidth=1)
    dates = AutoDateLocator(maxticks=7)
    ax.xaxis.set_major_locator(dates)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(dates))
    ax.set_ylim(bottom=0)
    ax.set_xlabel("End of the period")
    ax.set_ylabel("Repeat purchases so far" if cumulative else "Repeat purchases in the period")
    ax.legend(frameon=False)
    return ax

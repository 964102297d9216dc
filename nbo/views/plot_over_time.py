"""How good a model is from period to period."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from nbo.views.axes import COLORS, calm, new_axes
from nbo.views.measures import measures

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_over_time"]


def plot_over_time(frame: Any, ax: Axes | None = None, metric: str | None = None) -> Axes:
    """Plot a metric of each period of the test rows, with its interval.

    Parameters
    ----------
    frame : DataFrame
        period, metric, value, low and high, as ``nbo.validate_model(...).over_time`` gives them. A period
        whose value is missing, as an AUC of one label, is left out.
    ax : Axes, optional
        Where to draw; a new figure by default.
    metric : str, optional
        Which one to draw; by default that of the first row.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If a column is missing, the metric is not there, or an interval does not hold its value.

    Examples
    --------
    >>> rows = pd.DataFrame({"period": pd.to_datetime(["2026-01-01", "2026-02-01"]), "metric": "auc"})
    >>> plot_over_time(rows.assign(value=[0.8, 0.7], low=[0.75, 0.6], high=[0.85, 0.78])).get_ylabel()
    'auc'
    """
    rows = measures(frame, metric, "period")
    name = str(rows["metric"].iloc[0]) if len(rows) else metric or "value"
    rows = rows[rows["value"].notna()]
    periods = pd.to_datetime(rows["period"]).to_numpy()
    ax = calm(new_axes(ax, height=3.6))
    ax.vlines(periods, rows["low"], rows["high"], color=COLORS[0], linewidth=2, alpha=0.55)
    ax.plot(periods, rows["value"].to_numpy(), "o-", color=COLORS[0], markersize=6, linewidth=1)
    if 0 < len(rows) <= 12:
        ax.set_xticks(
            periods, [str(period.date()) for period in pd.to_datetime(rows["period"])], rotation=30, ha="right"
        )
    ax.set_xlabel("Begin of the period")
    ax.set_ylabel(name)
    return ax

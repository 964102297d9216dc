"""What was predicted and what came in, by tenth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbo.views.axes import COLORS, MARKERS, calm, new_axes
from nbo.views.measures import measures

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_amounts"]


def plot_amounts(deciles: Any, ax: Axes | None = None) -> Axes:
    """Plot the mean predicted and actual amount of each tenth of the customers, with their intervals.

    Where the two lie together, the level is right; where both fall from left to right, the ranking is.

    Parameters
    ----------
    deciles : DataFrame
        decile, metric, value, low and high, as ``nbo.validate_model(...).deciles`` gives them for a
        regressor.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If a column, or the metric "predicted" or "actual", is missing, or an interval does not hold its
        value.

    Examples
    --------
    >>> import pandas as pd
    >>> tenths = pd.DataFrame({"decile": [1, 1], "metric": ["predicted", "actual"], "value": [90.0, 80.0]})
    >>> plot_amounts(tenths.assign(low=70.0, high=95.0)).get_ylabel()
    'Amount per customer (money)'
    """
    ax = calm(new_axes(ax, width=5.2, height=3.8))
    for metric, color, marker, shift in zip(("predicted", "actual"), COLORS, MARKERS, (-0.08, 0.08), strict=False):
        rows = measures(deciles, metric, "decile")
        place = rows["decile"] + shift
        ax.vlines(place, rows["low"], rows["high"], color=color, linewidth=2, alpha=0.55)
        ax.plot(place, rows["value"], marker + "-", color=color, markersize=5, linewidth=1, label=metric)
    ax.set_xticks(rows["decile"].tolist())
    ax.set_ylim(bottom=0)
    ax.set_xlabel("Tenth of the customers, highest predictions first")
    ax.set_ylabel("Amount per customer (money)")
    ax.legend(frameon=False)
    return ax

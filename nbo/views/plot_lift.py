"""How many times more often it came out in each tenth than on the whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbo.views.axes import COLORS, FAINT, calm, new_axes
from nbo.views.measures import measures

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_lift"]


def plot_lift(deciles: Any, ax: Axes | None = None) -> Axes:
    """Plot the lift of each tenth of the customers, the highest predictions first, with its interval.

    A lift of 1, the dashed line, is the rate of all.

    Parameters
    ----------
    deciles : DataFrame
        decile, metric, value, low and high, as ``nbo.validate_model(...).deciles`` gives them.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If a column or the metric "lift" is missing, or an interval does not hold its value.

    Examples
    --------
    >>> import pandas as pd
    >>> tenths = pd.DataFrame({"decile": [1, 2], "metric": "lift", "value": [3.0, 1.5], "low": 1.2, "high": 3.6})
    >>> plot_lift(tenths).get_ylabel()
    'Lift (rate over the whole rate)'
    """
    rows = measures(deciles, "lift", "decile")
    ax = calm(new_axes(ax, width=5.2, height=3.8))
    ax.axhline(1.0, color=FAINT, linestyle="--", linewidth=1)
    ax.bar(rows["decile"], rows["value"], width=0.7, color=COLORS[0], alpha=0.55)
    ax.vlines(rows["decile"], rows["low"], rows["high"], color=COLORS[0], linewidth=2)
    ax.set_xticks(rows["decile"].tolist())
    ax.set_ylim(bottom=0)
    ax.set_xlabel("Tenth of the customers, highest predictions first")
    ax.set_ylabel("Lift (rate over the whole rate)")
    return ax

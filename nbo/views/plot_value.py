"""What a decision of each policy is worth, with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nbo.checks import check_columns, check_frame, check_rows
from nbo.views.axes import COLORS, calm, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_value"]


def plot_value(frame: Any, ax: Axes | None = None) -> Axes:
    """Plot the value per decision of each policy, with its interval.

    Parameters
    ----------
    frame : DataFrame
        policy, value, low and high, in money per decision; one row a policy, the first on top.
        low and high may be missing where a value is known exactly.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If a column is missing, or an interval does not hold its value.

    Examples
    --------
    >>> import pandas as pd
    >>> values = pd.DataFrame({"policy": ["new", "old"], "value": [3.0, 2.0], "low": [2.5, 1.8], "high": [3.5, 2.2]})
    >>> [tick.get_text() for tick in plot_value(values).get_yticklabels()]
    ['new', 'old']
    """
    rows = check_frame(frame, "frame")
    check_columns(rows, ["policy", "value", "low", "high"], "frame")
    value = rows["value"].to_numpy(dtype=float)
    low, high = (rows[name].fillna(rows["value"]).to_numpy(dtype=float) for name in ("low", "high"))
    check_rows((low > value) | (high < value), value, "frame.value", "between low and high")
    ax = calm(new_axes(ax, height=1.1 + 0.42 * max(len(rows), 1)), grid="x")
    places = np.arange(len(rows))
    ax.hlines(places, low, high, color=COLORS[0], linewidth=2.5, alpha=0.55)
    ax.plot(value, places, "o", color=COLORS[0], markersize=8)
    ax.set_yticks(places, rows["policy"].astype(str).tolist())
    ax.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    ax.set_xlabel("Value per decision (money)")
    return ax

"""What a budget returns, at each size of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nbo.checks import check_columns, check_frame, check_rows
from nbo.views.axes import COLORS, FAINT, calm, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_frontier"]


def plot_frontier(frame: Any, ax: Axes | None = None, *, chosen: float | None = None) -> Axes:
    """Plot the value of an allocation over its budget, and what one more unit is worth at each.

    Parameters
    ----------
    frame : DataFrame
        budget, value, bound and price, as of :func:`nbo.arbitration.frontier`; any order.
    ax : Axes, optional
        Where to draw; a new figure by default.
    chosen : float, optional
        A budget to mark.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If a column is missing, or a bound is below its value.

    Examples
    --------
    >>> import pandas as pd
    >>> found = pd.DataFrame({"budget": [1, 2], "value": [5.0, 8.0], "bound": [5.0, 8.5], "price": [3.0, 2.5]})
    >>> plot_frontier(found).get_xlabel()
    'Budget'
    """
    rows = check_frame(frame, "frame")
    check_columns(rows, ["budget", "value", "bound", "price"], "frame")
    rows = rows.sort_values("budget", ignore_index=True)
    budget, value, bound, price = (rows[name].to_numpy(dtype=float) for name in ("budget", "value", "bound", "price"))
    check_rows(bound < value, bound, "frame.bound", "at least the value")
    ax = calm(new_axes(ax), grid="both")
    ax.fill_between(budget, value, bound, color=COLORS[0], alpha=0.25, linewidth=0, label="at most, proven")
    ax.plot(budget, value, "o-", color=COLORS[0], markersize=5, label="value")
    for place in np.unique(np.linspace(0, len(rows) - 1, 6).astype(int)) if len(rows) else ():
        note = f"+{price[place]:.3g} per unit"
        ax.annotate(note, (budget[place], value[place]), (6, -12), textcoords="offset points", fontsize=8, color=FAINT)
    if chosen is not None:
        ax.axvline(chosen, color=FAINT, linewidth=1.2, linestyle="--")
    ax.set_xlabel("Budget")
    ax.set_ylabel("Value (unit of the priority)")
    ax.legend(frameon=False, loc="lower right")
    return ax

"""What one more unit of each limit is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nbo.checks import check_columns, check_frame
from nbo.views.axes import COLORS, FAINT, calm, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_prices"]


def plot_prices(frame: Any, ax: Axes | None = None) -> Axes:
    """Plot the price of each limit: to the right what a maximum withholds, to the left what a minimum costs.

    Parameters
    ----------
    frame : DataFrame
        limit and price, as of :meth:`nbo.Allocation.shadow_prices`; one row a limit, the first on top.
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
    >>> found = pd.DataFrame({"limit": ["calls", "launch"], "price": [4.2, -1.0]})
    >>> [tick.get_text() for tick in plot_prices(found).get_yticklabels()]
    ['calls', 'launch']
    """
    rows = check_frame(frame, "frame")
    check_columns(rows, ["limit", "price"], "frame")
    price, places = rows["price"].to_numpy(dtype=float), np.arange(len(rows))
    ax = calm(new_axes(ax, height=1.1 + 0.42 * max(len(rows), 1)), grid="x")
    ax.barh(places, price, height=0.6, color=[COLORS[0] if one >= 0 else COLORS[1] for one in price])
    ax.axvline(0, color=FAINT, linewidth=1.2)
    ax.set_yticks(places, rows["limit"].astype(str).tolist())
    ax.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    ax.set_xlabel("Worth of one more unit (unit of the priority)")
    return ax

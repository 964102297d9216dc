"""What each channel brought in, what it cost, and what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nbo import columns as c
from nbo.value import ChannelProfit
from nbo.value.entries import COSTS
from nbo.views.axes import COLORS, FAINT, calm, new_axes
from nbo.views.plain_names import plain_names

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_channel_profit"]


def plot_channel_profit(channel_profit: ChannelProfit, ax: Axes | None = None) -> Axes:
    """Plot the revenue, the costs and the profit of each channel, the one with the highest profit on top.

    Parameters
    ----------
    channel_profit : ChannelProfit
        As from :func:`nbo.value.channel_profit`. Periods are added up.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from nbo.tables import CustomerTables
    >>> from nbo.value import channel_profit
    >>> sales = pd.DataFrame({"customer_id": ["ann", "bob"], "event_time": "2026-01-05", "amount": [30.0, 5.0],
    ...                       "margin": [9.0, 2.0], "channel": ["store", "web"]})
    >>> ax = plot_channel_profit(channel_profit(CustomerTables(transactions=sales), "2026-01-01", "2026-02-01"))
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['not known', 'web', 'store']
    """
    sums = channel_profit.cents.groupby(c.CHANNEL)[channel_profit.lines].sum() / 100
    sums = sums.sort_values("profit", kind="stable")
    at = np.arange(len(sums))
    ax = calm(new_axes(ax, height=1.2 + 0.55 * len(sums)), grid="x")
    ax.axvline(0, color=FAINT, linewidth=0.8)
    revenue = ax.barh(at + 0.18, sums["revenue"], height=0.34, color=COLORS[0], label="revenue")
    spent = -sums[list(COSTS)].sum(axis=1)
    costs = ax.barh(at - 0.18, spent, height=0.34, color=COLORS[1], label="costs and returns")
    (profit,) = ax.plot(sums["profit"], at, "D", color=COLORS[2], markersize=7, label="profit", markeredgecolor="white")
    ax.set_yticks(at, plain_names(sums.index))
    ax.xaxis.set_major_formatter("{x:,.10g}")
    ax.set_xlabel("Money")
    ax.legend(handles=[revenue, costs, profit], frameon=False, loc="lower right")
    return ax

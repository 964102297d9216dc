"""How profit adds up from the most profitable customer to the one with the largest loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nbo.value import LossMakers
from nbo.views.axes import COLORS, FAINT, calm, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_whale_curve"]


def plot_whale_curve(loss_makers: LossMakers, ax: Axes | None = None) -> Axes:
    """Plot the whale curve: profit added up over the customers, the most profitable first.

    Parameters
    ----------
    loss_makers : LossMakers
        As from :func:`nbo.value.loss_makers`.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        In percent of the whole profit; in money where that is not above 0.

    Examples
    --------
    >>> import pandas as pd
    >>> from nbo.tables import CustomerTables
    >>> from nbo.value import loss_makers, profitability
    >>> sales = pd.DataFrame({"customer_id": ["ann", "bob"], "event_time": "2026-01-05", "amount": [30.0, 5.0],
    ...                       "margin": [30.0, -10.0]})
    >>> found = profitability(CustomerTables(transactions=sales), "2026-01-01", "2026-02-01")
    >>> plot_whale_curve(loss_makers(found)).texts[0].get_text()
    '150% at 50%'
    """
    curve, peak = loss_makers.curve, loss_makers.peak.value
    whole = bool(np.isfinite(peak))
    x, y = 100 * curve["customers"], 100 * curve["share"] if whole else curve["profit"]
    end = 100.0 if whole else loss_makers.total_cents / 100
    ax = calm(new_axes(ax, width=5.6, height=4.2), grid="both")
    ax.axhline(end, color=FAINT, linewidth=1, linestyle="--")
    ax.plot(x, y, color=COLORS[0], linewidth=2)
    if len(curve) > 1:
        top = int(np.argmax(y))
        lost = x >= x.iloc[top]
        ax.fill_between(x[lost], end, y[lost], color=COLORS[1], alpha=0.25, linewidth=0)
        ax.plot([x.iloc[top]], [y.iloc[top]], "o", color=COLORS[1], markersize=7)
        height = f"{y.iloc[top]:.0f}%" if whole else f"{y.iloc[top]:,.0f}"
        where = (x.iloc[top], y.iloc[top])
        ax.annotate(f"{height} at {x.iloc[top]:.0f}%", where, xytext=(0, 8), textcoords="offset points", ha="center")
    ax.set_xlim(0, 100)
    ax.margins(y=0.12)
    ax.set_xlabel("Customers, the most profitable first (%)")
    ax.set_ylabel("Profit added up (% of the whole)" if whole else "Profit added up (money)")
    return ax

"""What investing in leads and opportunities brings, by how many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nbo.prospects import Investment
from nbo.views.axes import COLORS, FAINT, calm, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_invest_curve"]

# More points than a line can show.
_POINTS = 1000


def plot_invest_curve(investment: Investment, ax: Axes | None = None) -> Axes:
    """Plot the profit of investing in the best rows, down the rank, and mark the peak.

    The band sums up the ends of all intervals, as if all probabilities were off the same way. Where it is known what
    was won, the realized profit is drawn as well; where there is a budget, a line marks where it ends.

    Parameters
    ----------
    investment : Investment
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from nbo.prospects import invest_or_stop
    >>> scores = pd.DataFrame({"propensity": [0.5, 0.4, 0.1], "value": 100.0, "cost": 30.0})
    >>> ax = plot_invest_curve(invest_or_stop(scores))
    >>> ax.lines[-1].get_xydata().tolist()
    [[2.0, 30.0]]
    """
    curve = investment.curve
    places = np.unique(np.append(np.linspace(0, len(curve) - 1, _POINTS).round().astype(int), investment.peak))
    shown = curve.iloc[places]
    ax = calm(new_axes(ax, width=6.4, height=3.8), grid="both")
    ax.axhline(0.0, color=FAINT, linewidth=0.8)
    ax.fill_between(shown["n"], shown["low"], shown["high"], color=COLORS[0], alpha=0.15, linewidth=0)
    ax.plot(shown["n"], shown["profit"], color=COLORS[0], linewidth=2, label="expected")
    if "realized" in curve.columns:
        ax.plot(shown["n"], shown["realized"], color=COLORS[1], linestyle="--", linewidth=2, label="realized")
    if investment.budget is not None:
        reached = int(np.searchsorted(curve["cost"], investment.budget, side="right")) - 1
        ax.axvline(reached, color=COLORS[2], linestyle=":", linewidth=2, label="budget")
    if len(ax.get_legend_handles_labels()[1]) > 1:
        ax.legend(frameon=False)
    best = curve.iloc[[investment.peak]]
    ax.plot(best["n"], best["profit"], "o", color=COLORS[0], markersize=7, clip_on=False)
    ax.set_xlim(0, max(len(curve) - 1, 1))
    ax.set_xlabel("Invested in, best use of money first")
    ax.set_ylabel("Profit (money)")
    return ax

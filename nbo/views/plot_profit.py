"""What a campaign earns, by how many customers it targets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nbo.checks import check_columns, check_frame
from nbo.views.axes import COLORS, FAINT, MARKERS, calm, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_profit"]


def plot_profit(curves: Any, ax: Axes | None = None) -> Axes:
    """Plot profit curves, and mark the best share to target on each.

    Parameters
    ----------
    curves : DataFrame or mapping of str to DataFrame
        share and profit, as ``nbo.models.profit_curve`` gives them; a mapping names several models.
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
    >>> from nbo.models import profit_curve
    >>> ax = plot_profit(profit_curve([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9]))
    >>> ax.lines[-1].get_xydata().tolist()
    [[50.0, 28.0]]
    """
    named = dict(curves) if isinstance(curves, Mapping) else {"": curves}
    ax = calm(new_axes(ax, width=5.2, height=3.8), grid="both")
    ax.axhline(0.0, color=FAINT, linewidth=0.8)
    for number, (name, curve) in enumerate(named.items()):
        rows = check_frame(curve, f"curves[{name!r}]" if name else "curves")
        check_columns(rows, ["share", "profit"], f"curves[{name!r}]" if name else "curves")
        color = COLORS[number % len(COLORS)]
        ax.plot(100 * rows["share"], rows["profit"], color=color, linewidth=2, label=name or None)
        best = rows.nlargest(1, "profit")
        ax.plot(
            100 * best["share"],
            best["profit"],
            MARKERS[number % len(MARKERS)],
            color=color,
            markersize=7,
            clip_on=False,
        )
    ax.set_xlim(0, 100)
    ax.set_xlabel("Customers targeted, likeliest to leave first (%)")
    ax.set_ylabel("Profit per customer (money)")
    if len(named) > 1:
        ax.legend(frameon=False)
    return ax

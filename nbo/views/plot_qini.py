"""What treating customers in the order of their uplift gains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbo.checks import check_columns, check_frame
from nbo.views.axes import COLORS, FAINT, MARKERS, calm, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_qini"]


def plot_qini(curves: Any, ax: Axes | None = None, label: str = "Gain per customer") -> Axes:
    """Plot what treating the first customers gains, against how many are treated.

    The dashed line is what treating as many at random gains; the area between is the Qini. Where a curve falls, those
    who are treated last are driven away.

    Parameters
    ----------
    curves : DataFrame
        share, gain and random, as from :func:`nbo.models.qini_curve`; with a column model one line for each.
    ax : Axes, optional
        Where to draw; a new figure by default.
    label : str, default="Gain per customer"
        Of the vertical axis, such as with the unit.

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
    >>> curve = pd.DataFrame({"share": [0.0, 0.5, 1.0], "gain": [0.0, 0.04, 0.05], "random": [0.0, 0.025, 0.05]})
    >>> plot_qini(curve).get_xlabel()
    'Customers treated, highest uplift first (%)'
    """
    rows = check_frame(curves, "curves")
    check_columns(rows, ["share", "gain", "random"], "curves")
    ax = calm(new_axes(ax, width=5.4), grid="both")
    names = rows["model"].astype(str) if "model" in rows.columns else rows["share"].map(lambda _: "")
    lines = list(dict.fromkeys(names))
    for place, name in enumerate(lines):
        curve = rows[(names == name).to_numpy()]
        share = 100 * curve["share"].to_numpy()
        if place == 0:
            ax.plot(share, curve["random"].to_numpy(), color=FAINT, linestyle="--", linewidth=1, label="random")
        color, marker = COLORS[place % len(COLORS)], MARKERS[place % len(MARKERS)] if name else None
        ax.plot(
            share, curve["gain"].to_numpy(), color=color, linewidth=2, label=name or None, marker=marker, markevery=0.1
        )
    if any(lines):
        ax.legend(frameon=False)
    ax.axhline(0, color=FAINT, linewidth=0.8)
    ax.set_xlim(0, 100)
    ax.set_xlabel("Customers treated, highest uplift first (%)")
    ax.set_ylabel(label)
    return ax

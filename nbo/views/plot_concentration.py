"""How much of a total the customers with the most of it have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nbo.value import Concentration
from nbo.views.axes import COLORS, FAINT, calm, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_concentration"]


def plot_concentration(concentration: Concentration, ax: Axes | None = None, part: float = 0.75) -> Axes:
    """Plot the share of the total by the share of the customers, and mark how few have a part of it.

    Parameters
    ----------
    concentration : Concentration
        As from :func:`nbo.value.concentration`.
    ax : Axes, optional
        Where to draw; a new figure by default.
    part : float, default=0.75
        Of the total, in (0, 1], to be marked.

    Returns
    -------
    Axes
        With nothing but the line of equal customers where the total is not above 0.

    Raises
    ------
    InputError
        If the part is not in (0, 1].

    Examples
    --------
    >>> from nbo.value import concentration
    >>> ax = plot_concentration(concentration([6.0, 2.0, 1.0, 1.0]), part=0.8)
    >>> ax.texts[0].get_text()
    '80% with 50%'
    """
    fewest = concentration.fewest_for(part).value
    curve = 100 * concentration.curve
    ax = calm(new_axes(ax, width=5.2, height=4.4), grid="both")
    ax.plot([0, 100], [0, 100], color=FAINT, linewidth=1, linestyle="--", label="all the same")
    if len(curve) > 1:
        ax.fill_between(curve["customers"], curve["low"], curve["high"], color=COLORS[0], alpha=0.2, linewidth=0)
        ax.plot(curve["customers"], curve["share"], color=COLORS[0], linewidth=2, label="customers")
    if np.isfinite(fewest):
        ax.plot([100 * fewest], [100 * part], "o", color=COLORS[1], markersize=7)
        told = f"{part:.0%} with {fewest:.0%}"
        ax.annotate(told, (100 * fewest, 100 * part), xytext=(10, -12), textcoords="offset points")
    ax.set_xlim(0, 100)
    ax.set_ylim(bottom=0)
    ax.set_xlabel("Customers, those with the most first (%)")
    ax.set_ylabel("Share of all that is above 0 (%)" if concentration.of == "positive" else "Share of the total (%)")
    ax.legend(frameon=False, loc="lower right")
    return ax

"""Axes and colors that all plots share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["COLORS", "DARK", "FAINT", "MARKERS", "calm", "new_axes"]

# Okabe and Ito's colors, which people with any color vision can tell apart. Their yellow is
# too faint on white and their black is left to the text.
COLORS: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
# Not by color alone: each line has a marker of its own too.
MARKERS: Final = ("o", "s", "^", "D", "v", "P")
# A gray that is seen on white and on black.
FAINT: Final = "#8A8F98"
# For text on light cells: not black, which pages turn into the color of their text, so that it stays dark.
DARK: Final = "#111111"


def new_axes(ax: Axes | None, width: float = 8.6, height: float = 4.0) -> Axes:
    """Take the axes given, or make some on a figure of their own.

    The figure is not known to pyplot, so nothing is shown or kept open.

    Parameters
    ----------
    ax : Axes or None
    width, height : float
        Of a new figure, in inches.

    Returns
    -------
    Axes
    """
    if ax is not None:
        return ax
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained").add_subplot()


def calm(ax: Axes, grid: str = "y") -> Axes:
    """Take away what does not help reading: the frame's upper and right side, strong grid lines.

    Parameters
    ----------
    ax : Axes
    grid : {"x", "y", "both"}, default="y"
        Direction that has grid lines.

    Returns
    -------
    Axes
        The same.
    """
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(FAINT)
    ax.tick_params(color=FAINT, length=3)
    ax.grid(visible=True, axis=grid, color=FAINT, alpha=0.3, linewidth=0.6)  # type: ignore[arg-type]
    ax.set_axisbelow(True)
    return ax

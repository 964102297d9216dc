"""Who gets what under one set of rules, or two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from nbo.checks import check_columns, check_frame, check_one_of
from nbo.views.axes import COLORS, FAINT, MARKERS, calm, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_distribution"]

# Two sides of 95 % of a normal.
_REACH = 1.96


def plot_distribution(frame: Any, ax: Axes | None = None, *, dimension: str = "offer_id") -> Axes:
    """Plot the share of the customers that each offer goes to, A against B.

    Parameters
    ----------
    frame : DataFrame
        As :func:`~nbo.arbitration.offer_distribution` gives it, or the `distribution` of a simulation. With B, the
        difference stands beside each row, with its interval of 95 %.
    ax : Axes, optional
        Where to draw; a new figure by default.
    dimension : str, default="offer_id"
        One of the column `dimension`: any, offer_id, category, kind, channel.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If a column is missing, or the dimension is not there.

    Examples
    --------
    >>> frame = pd.DataFrame({"dimension": "offer_id", "name": ["card", "loan"], "share_a": [0.3, 0.5]})
    >>> ax = plot_distribution(frame.assign(share_b=[0.4, 0.5], difference=[0.1, 0.0], standard_error=0.01))
    >>> [text.get_text() for text in ax.texts]
    ['B − A', '+0.0 ± 2.0', '+10.0 ± 2.0']
    """
    rows = check_frame(frame, "frame")
    check_columns(rows, ["dimension", "name", "share_a"], "frame")
    check_one_of(dimension, list(dict.fromkeys(rows["dimension"])) or [dimension], "dimension")
    rows = rows[rows["dimension"] == dimension].sort_values("share_a", ascending=False, kind="stable")
    both = "share_b" in rows
    if both:
        check_columns(rows, ["difference", "standard_error"], "frame")
    ax = calm(new_axes(ax, height=1.3 + 0.34 * max(len(rows), 1)), grid="x")
    places = np.arange(len(rows))
    shares = [100 * rows[name].to_numpy(dtype=float) for name in ("share_a", "share_b")[: 1 + both]]
    if both:
        ax.hlines(places, shares[0], shares[1], color=FAINT, linewidth=2)
    for at, (name, share) in enumerate(zip("AB", shares, strict=False)):
        ax.plot(share, places, MARKERS[at], color=COLORS[at], markersize=7, label=f"rules {name}", linestyle="")
    if both:
        _write_differences(ax, rows, places)
        ax.legend(frameon=False, loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=2)
    ax.set_yticks(places, rows["name"].astype(str).tolist())
    ax.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    ax.set_xlim(0, None)
    ax.set_xlabel("Share of customers (%)")
    return ax


def _write_differences(ax: Axes, rows: pd.DataFrame, places: np.ndarray) -> None:
    """Write B less A in points behind the right side, with the reach of the interval."""
    offset: dict[str, Any] = {"textcoords": "offset points", "fontsize": 8, "color": FAINT}
    ax.annotate("B − A", (1.0, 1.0), xycoords="axes fraction", xytext=(4, 4), **offset)
    numbers = 100 * rows[["difference", "standard_error"]].to_numpy(dtype=float)
    for place, (difference, error) in zip(places, numbers, strict=True):
        reach = "" if np.isnan(error) else f" ± {_REACH * error:.1f}"
        text, at = f"{difference:+z.1f}{reach}", ("axes fraction", "data")
        ax.annotate(text, (1.0, place), xycoords=at, xytext=(4, 0), va="center", **offset)

"""What customers of each segment spend here, and elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nbo.checks import check_columns, check_frame
from nbo.views.axes import COLORS, FAINT, calm, new_axes
from nbo.views.plain_names import plain_names

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_wallet"]


def plot_wallet(wallet: Any, ax: Axes | None = None) -> Axes:
    """Plot the wallet of each segment: own spend, and the headroom with its interval.

    Parameters
    ----------
    wallet : Wallet or DataFrame
        As :func:`nbo.value.share_of_wallet` gives it, or its ``segments``.
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
    >>> from nbo.value import share_of_wallet
    >>> ax = plot_wallet(share_of_wallet([50.0, 80.0], [50.0, 120.0]))
    >>> [text.get_text() for text in ax.texts]
    ['43 % here, known of 100 %']
    """
    rows = check_frame(getattr(wallet, "segments", wallet), "wallet")
    names = ["segment", "own", "headroom", "headroom_low", "headroom_high", "share", "coverage"]
    check_columns(rows, names, "wallet")
    ax = calm(new_axes(ax, width=6.8, height=1.2 + 0.42 * max(len(rows), 2)), grid="x")
    place, own = np.arange(len(rows)), rows["own"].to_numpy(dtype=float)
    whole = own + rows["headroom"].to_numpy(dtype=float)
    ax.barh(place, own, height=0.6, color=COLORS[0], label="Spent here")
    ax.barh(place, whole - own, left=own, height=0.6, color=COLORS[5], label="Spent elsewhere")
    reach = np.abs(rows[["headroom_low", "headroom_high"]].to_numpy(dtype=float).T + own - whole)
    ax.errorbar(whole, place, xerr=reach, fmt="none", ecolor=FAINT, capsize=3)
    for at, (share, known, end) in enumerate(rows[["share", "coverage", "headroom_high"]].to_numpy(dtype=float)):
        told = "nothing spent" if np.isnan(share) else f"{100 * share:.0f} % here"
        text = f"{told}, known of {100 * known:.0f} %"
        ax.annotate(text, (own[at] + end, at), xytext=(6, 0), textcoords="offset points", va="center")
    ax.set_xlim(0, 1.6 * (own + rows["headroom_high"].to_numpy(dtype=float)).max(initial=0.0) or 1.0)
    ax.set_yticks(place, plain_names(rows["segment"]))
    ax.invert_yaxis()
    ax.set_xlabel("Spend of all customers of the segment (money)")
    ax.set_ylabel("Segment")
    ax.legend(frameon=False, ncols=2, loc="lower right", bbox_to_anchor=(1.0, 1.0))
    return ax

"""What has changed since, at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nbo import columns as c
from nbo.checks import check_columns, check_frame
from nbo.numbers import check_number
from nbo.views.axes import COLORS, FAINT, calm, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_rate_changes"]


def plot_rate_changes(changes: Any, top: int = 20, ax: Axes | None = None) -> Axes:
    """Plot acceptance rates then and now, joined by a line.

    Parameters
    ----------
    changes : DataFrame
        segment, offer_id, rate_before, rate_after, n_new and significant, as
        :func:`rate_changes` gives them. Pairs without a rate on one side are left out.
    top : int, default=20
        Pairs shown, the first ones.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If a column is missing, or `top` is below 1.

    Examples
    --------
    >>> import pandas as pd
    >>> changes = pd.DataFrame({"segment": ["a"], "offer_id": "card", "rate_before": 0.1, "rate_after": 0.2,
    ...                         "n_new": 200, "significant": True})
    >>> [label.get_text() for label in plot_rate_changes(changes).get_yticklabels()]
    ['a, card (200 new)']
    """
    rows = check_frame(changes, "changes")
    check_columns(rows, [c.SEGMENT, c.OFFER_ID, "rate_before", "rate_after", "n_new", "significant"], "changes")
    check_number(top, "top", "1 or more", lambda number: number >= 1, whole=True)
    rows = rows[rows["rate_before"].notna() & rows["rate_after"].notna()].head(top)
    ax = calm(new_axes(ax, height=1.4 + 0.27 * max(len(rows), 1)), grid="x")
    place = np.arange(len(rows))
    sure = rows["significant"].to_numpy(dtype=bool)
    before, after = 100 * rows["rate_before"].to_numpy(dtype=float), 100 * rows["rate_after"].to_numpy(dtype=float)
    for chosen, color, label in ((~sure, FAINT, "may be chance"), (sure, COLORS[1], "more than chance")):
        if chosen.any():
            ax.hlines(place[chosen], before[chosen], after[chosen], color=color, linewidth=1.6)
            ax.plot(before[chosen], place[chosen], "o", markerfacecolor="none", color=color, markersize=6)
            ax.plot(after[chosen], place[chosen], "o", color=color, markersize=6, label=label)
    names = rows[c.SEGMENT].astype(str) + ", " + rows[c.OFFER_ID].astype(str)
    ax.set_yticks(place, [f"{name} ({n:,} new)" for name, n in zip(names, rows["n_new"], strict=True)])
    ax.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    ax.set_xlabel("Acceptance rate in %: ring before, dot after")
    ax.set_ylabel("Segment, offer")
    if len(rows):
        ax.legend(frameon=False, loc="lower left", bbox_to_anchor=(-0.02, 1.0))
    return ax

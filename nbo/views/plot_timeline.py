"""What happened between a customer and us, over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from nbo.errors import InputError
from nbo.views.axes import COLORS, FAINT, MARKERS, calm, new_axes
from nbo.views.snapshot import Snapshot

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_timeline"]

_LANES = ("transactions", "cases", "events", "social", "surveys", "referrals", "decisions")
_NAMES = {"transactions": "orders", "decisions": "offers"}


def plot_timeline(card: Snapshot, ax: Axes | None = None) -> Axes:
    """Plot the timeline of a card: a lane for each table, a mark for each thing that happened.

    Offers that were accepted are filled, all other marks of that lane are hollow.

    Parameters
    ----------
    card : Snapshot
        Of :func:`nbo.customer_snapshot`; its `last` says how many rows of each table are in it.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If the timeline is hidden.

    Examples
    --------
    >>> from nbo.tables import CustomerTables
    >>> from nbo.views import customer_snapshot
    >>> sales = {"customer_id": "ann", "event_time": ["2026-01-05", "2026-03-05"], "amount": 9.0}
    >>> card = customer_snapshot(None, CustomerTables(transactions=pd.DataFrame(sales)), "ann", "2026-06-30")
    >>> ax = plot_timeline(card)
    >>> [tick.get_text() for tick in ax.get_yticklabels()], len(ax.collections[0].get_offsets())
    (['orders (2)'], 2)
    """
    lines = card.history["timeline"]
    if not isinstance(lines, list):
        raise InputError("the timeline of this card is hidden; take one that shows it.")
    frame = pd.DataFrame(
        [(line["time"], line["table"], line.get("outcome") == "accept") for line in lines if line["time"] != "hidden"],
        columns=["time", "table", "accepted"],
    )
    lanes = [table for table in _LANES if (frame["table"] == table).any()]
    ax = calm(new_axes(ax, height=1.2 + 0.42 * max(len(lanes), 1)), grid="x")
    for place, table in enumerate(lanes):
        own = frame[frame["table"] == table]
        color = COLORS[place % len(COLORS)]
        filled = own["accepted"].to_numpy() if table == "decisions" else [True] * len(own)
        faces = [color if full else "none" for full in filled]
        marker = MARKERS[place % len(MARKERS)]
        ax.scatter(own["time"], [place] * len(own), marker=marker, facecolors=faces, edgecolors=color, s=38)
    ax.axvline(card.as_of, color=FAINT, linestyle="--", linewidth=1)  # type: ignore[arg-type]
    ax.set_yticks(range(len(lanes)), [f"{_NAMES.get(name, name)} ({(frame['table'] == name).sum()})" for name in lanes])
    ax.set_ylim(max(len(lanes), 1) - 0.5, -0.5)
    ax.set_xlabel("Time (UTC)")
    return ax

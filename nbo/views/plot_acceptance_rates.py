"""How sure each acceptance rate is, segment by segment and offer by offer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_probabilities, check_rows
from nbo.errors import InputError
from nbo.views.axes import COLORS, FAINT, new_axes
from nbo.views.plot_acceptance import plot_acceptance

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_acceptance_rates"]

# More segments or offers are colors of a heat map.
_MOST: Final = 12
# Share of a cell's width that the scale takes.
_WIDE: Final = 0.84


def plot_acceptance_rates(rates: Any, ax: Axes | None = None) -> Axes:
    """Plot the acceptance rate of each offer in each segment as a dot with its interval.

    Each column is an offer; all have the same scale, from 0 at the column's left. A dotted line
    shows the offer's mean over all segments, and the best offer of a segment stands out. A long
    interval ends where the scale does. With more than 12 segments or offers it is the heat map
    of :func:`plot_acceptance`.

    Parameters
    ----------
    rates : DataFrame
        segment, offer_id, rate, low, high and n, as a policy's ``acceptance_rates()`` gives them;
        one row per segment and offer. A pair without a row or a rate stays empty.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If a column is missing, a pair stands twice, a rate is not in [0, 1] or not between low
        and high.

    Examples
    --------
    >>> import pandas as pd
    >>> rates = pd.DataFrame({"segment": ["young", "old"], "offer_id": "card", "rate": [0.2, 0.1],
    ...                       "low": [0.15, 0.05], "high": [0.25, 0.2], "n": 200})
    >>> plot_acceptance_rates(rates).get_xlabel()
    'Offer (each column from 0 to 25 %)'
    """
    rows = check_frame(rates, "rates")
    check_columns(rows, [c.SEGMENT, c.OFFER_ID, "rate", "low", "high", "n"], "rates")
    if rows.duplicated([c.SEGMENT, c.OFFER_ID]).any():
        raise InputError("rates must have one row per segment and offer; a pair stands twice.")
    rows = rows[rows["rate"].notna()]
    check_probabilities(rows["rate"], "rates.rate")
    outside = (rows["rate"] < rows["low"]) | (rows["rate"] > rows["high"])
    check_rows(outside.to_numpy(), rows["rate"], "rates.rate", "between low and high")
    # In the order in which they come, as in the heat map.
    segments, offers = list(rows[c.SEGMENT].unique()), list(rows[c.OFFER_ID].unique())
    if max(len(segments), len(offers)) > _MOST:
        return plot_acceptance(rows, ax=ax)
    ax = new_axes(ax, width=max(4.2, 1.6 + 1.15 * len(offers)), height=1.5 + 0.42 * max(len(segments), 1))
    top = _top(rows)
    _draw_columns(ax, rows, segments, offers, top)
    ax.set_xticks(np.arange(len(offers)), [str(offer) for offer in offers], rotation=20 if len(offers) > 6 else 0)
    ax.set_yticks(np.arange(len(segments)), [str(segment) for segment in segments])
    ax.set_ylim(max(len(segments), 1) - 0.5, -0.5)
    ax.set_xlim(-0.5, max(len(offers), 1) - 0.5)
    ax.set_xlabel(f"Offer (each column from 0 to {100 * top:.3g} %)")
    ax.set_ylabel("Segment")
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    return ax


def _top(rows: pd.DataFrame) -> float:
    """End of the scale: it holds all rates and most intervals, for one that is wide would flatten the others."""
    if rows.empty:
        return 1.0
    top = max(1.05 * float(rows["rate"].max()), float(rows["high"].quantile(0.9)), 1e-4)
    # Two figures, rounded up.
    unit = 10.0 ** np.floor(np.log10(top) - 1)
    return float(min(np.ceil(top / unit - 1e-9) * unit, 1.0))


def _draw_columns(ax: Axes, rows: pd.DataFrame, segments: list[Any], offers: list[Any], top: float) -> None:
    from matplotlib.lines import Line2D

    best = rows["rate"] == rows.groupby(c.SEGMENT)["rate"].transform("max")
    start = rows[c.OFFER_ID].map({offer: place for place, offer in enumerate(offers)}).astype(float) - _WIDE / 2
    height = rows[c.SEGMENT].map({segment: place for place, segment in enumerate(segments)})
    place = {name: start + _WIDE * np.minimum(rows[name] / top, 1.0) for name in ("rate", "low", "high")}
    for chosen, color in ((~best, COLORS[0]), (best, COLORS[1])):
        ax.hlines(height[chosen], place["low"][chosen], place["high"][chosen], color=color, linewidth=1.6, alpha=0.6)
        ax.plot(place["rate"][chosen], height[chosen], "o", color=color, markersize=5)
    for number, offer in enumerate(offers):
        part = rows[rows[c.OFFER_ID] == offer]
        ax.axvline(number - _WIDE / 2, color=FAINT, linewidth=0.8, alpha=0.5, zorder=0)
        if part["n"].sum() > 0:
            mean = np.average(part["rate"], weights=part["n"])
            at = number - _WIDE / 2 + _WIDE * mean / top
            ax.axvline(at, color=FAINT, linewidth=1.0, linestyle=":", zorder=0)
    if len(rows):
        signs = [
            Line2D([], [], color=COLORS[1], marker="o", markersize=5, label="best of the segment"),
            Line2D([], [], color=COLORS[0], marker="o", markersize=5, label="another offer"),
            Line2D([], [], color=FAINT, linestyle=":", label="the offer's mean"),
        ]
        ax.legend(handles=signs, frameon=False, loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=3, fontsize=8.5)

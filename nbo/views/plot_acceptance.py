"""Which offer is accepted how often in which segment, at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_probabilities
from nbo.errors import InputError
from nbo.views.axes import FAINT, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_acceptance"]

# Written on dark and on light cells; not black and white, which a page may turn round at night.
_ON_DARK, _ON_LIGHT = "#FDFDFD", "#111111"
# Inches that a letter of a name aslant is high.
_HIGH_LETTER = 0.05


def plot_acceptance(rates: Any, ax: Axes | None = None) -> Axes:
    """Plot the acceptance rate of each offer in each segment as a heat map.

    Parameters
    ----------
    rates : DataFrame
        segment, offer_id and rate, as a policy's ``acceptance_rates()`` or
        :func:`nbo.segment_report` gives them; one row per segment and offer. A pair without a
        row stays empty.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If a column is missing, a pair stands twice, or a rate is not in [0, 1].

    Examples
    --------
    >>> import pandas as pd
    >>> rates = pd.DataFrame({"segment": ["a", "b"], "offer_id": "card", "rate": [0.1, 0.25]})
    >>> [text.get_text() for text in plot_acceptance(rates).texts]
    ['10', '25']
    """
    rows = check_frame(rates, "rates")
    check_columns(rows, [c.SEGMENT, c.OFFER_ID, "rate"], "rates")
    check_probabilities(rows["rate"], "rates.rate")
    if rows.duplicated([c.SEGMENT, c.OFFER_ID]).any():
        raise InputError("rates must have one row per segment and offer; a pair stands twice.")
    grid = rows.pivot(index=c.SEGMENT, columns=c.OFFER_ID, values="rate")
    # In the order in which they come, which says more than the alphabet.
    grid = grid.reindex(index=rows[c.SEGMENT].unique(), columns=rows[c.OFFER_ID].unique())
    percent = 100 * grid.to_numpy(dtype=float)
    # Names stand aslant below the cells; they must not take the room of few segments.
    aslant = _HIGH_LETTER * max((len(str(name)) for name in grid.columns), default=0)
    ax = new_axes(ax, width=max(4.0, 2.2 + 0.52 * grid.shape[1]), height=1.2 + 0.3 * max(grid.shape[0], 1) + aslant)
    if percent.size:
        _draw_cells(ax, percent)
    ax.set_xticks(np.arange(grid.shape[1]), grid.columns.astype(str).tolist(), rotation=40, ha="right")
    ax.set_yticks(np.arange(grid.shape[0]), grid.index.astype(str).tolist())
    ax.set_xlabel("Offer (cells: acceptance rate in %)")
    ax.set_ylabel("" if grid.shape[0] in (1, 2) else "Segment")
    ax.spines[:].set_visible(False)
    ax.tick_params(color=FAINT, length=0)
    return ax


def _draw_cells(ax: Axes, percent: np.ndarray) -> None:
    top = max(float(np.nanmax(percent, initial=0.0)), 1e-9)
    edges = (np.arange(size + 1) - 0.5 for size in percent.shape[::-1])
    ax.pcolormesh(
        *edges, np.ma.masked_invalid(percent), cmap="cividis", vmin=0, vmax=top, edgecolors="face", linewidth=0.4
    )
    ax.invert_yaxis()
    digits = 0 if top >= 10 else 1
    for (row, column), value in np.ndenumerate(percent):
        if np.isfinite(value):
            color = _ON_LIGHT if value > 0.5 * top else _ON_DARK
            ax.text(column, row, f"{value:.{digits}f}", ha="center", va="center", fontsize=8.5, color=color)

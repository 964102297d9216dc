"""How an offer spreads over the segments while a policy learns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_numbers, check_probabilities
from nbo.errors import InputError
from nbo.views.axes import COLORS, FAINT, MARKERS, calm, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_spread"]

# More segments are rows of a heat map.
_MOST: Final = 12
_MARKS: Final = 10


def plot_spread(frame: Any, ax: Axes | None = None) -> Axes:
    """Plot the probability of one offer in each segment over the rounds.

    Up to 12 segments are lines; more are rows of a heat map.

    Parameters
    ----------
    frame : DataFrame
        round (a number), segment and probability: with which the offer is made to the segment in
        that round. One row per round and segment.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If a column is missing, a round has a segment twice, or a probability is not in [0, 1].

    Examples
    --------
    >>> rounds = pd.DataFrame({"round": [1, 2] * 2, "segment": list("aabb"), "probability": [0.2, 0.9, 0.2, 0.6]})
    >>> [line.get_label() for line in plot_spread(rounds).lines]
    ['a', 'b']
    """
    rounds = check_frame(frame, "frame")
    check_columns(rounds, ["round", c.SEGMENT, "probability"], "frame")
    check_numbers(rounds["round"], "frame.round")
    check_probabilities(rounds["probability"], "frame.probability")
    if rounds.duplicated(["round", c.SEGMENT]).any():
        raise InputError("frame must have one row per round and segment; a pair stands twice.")
    ax = new_axes(ax)
    if rounds[c.SEGMENT].nunique() > _MOST:
        _draw_rows(ax, rounds)
    else:
        _draw_lines(calm(ax), rounds)
    ax.set_xlabel("Round")
    return ax


def _draw_lines(ax: Axes, rounds: pd.DataFrame) -> None:
    from matplotlib.ticker import MaxNLocator

    for number, (segment, rows) in enumerate(rounds.groupby(c.SEGMENT, sort=False)):
        rows = rows.sort_values("round")
        color, marker = COLORS[number % len(COLORS)], MARKERS[number % len(MARKERS)]
        # Beyond six segments the same colors come again, dashed.
        style = "-" if number < len(COLORS) else "--"
        every = max(len(rows) // _MARKS, 1)
        (line,) = ax.plot(rows["round"], rows["probability"], style, color=color, linewidth=1.5, label=str(segment))
        line.set(marker=marker, markersize=4.5, markevery=every)
    ax.set_ylim(-0.02, 1.02)
    ax.set_ylabel("Probability of the offer")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    if rounds[c.SEGMENT].nunique() > 1:
        # Beside the axes, where no line runs through it.
        ax.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0), title="Segment", alignment="left")


def _draw_rows(ax: Axes, rounds: pd.DataFrame) -> None:
    grid = rounds.pivot(index=c.SEGMENT, columns="round", values="probability")
    grid = grid.reindex(rounds[c.SEGMENT].unique())
    places = np.arange(len(grid))
    mesh = ax.pcolormesh(
        grid.columns.to_numpy(dtype=float),
        places,
        np.ma.masked_invalid(grid.to_numpy(dtype=float)),
        cmap="cividis",
        vmin=0,
        vmax=1,
        shading="nearest",
    )
    # Room for so many names only; the others are between them.
    every = -(-len(grid) // 20)
    ax.set_yticks(places[::every], [str(segment) for segment in grid.index[::every]])
    ax.invert_yaxis()
    ax.set_ylabel("Segment")
    ax.spines[:].set_visible(False)
    ax.tick_params(color=FAINT, length=0)
    ax.figure.colorbar(mesh, ax=ax, label="Probability of the offer")

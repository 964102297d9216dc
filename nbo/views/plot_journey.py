"""Which stage follows on which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from nbo.checks import check_columns, check_frame
from nbo.views.axes import FAINT, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_journey"]

# Not black, which pages turn into the color of their text: on a light cell it must stay dark.
_DARK: Final = "#111111"


def plot_journey(transitions: Any, ax: Axes | None = None) -> Axes:
    """Plot how likely each stage follows on each, with the interval of each probability.

    Parameters
    ----------
    transitions : DataFrame
        stage, next_stage, n, probability, low, high, as :meth:`nbo.StageModel.transitions` gives them.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        Stages that nobody was in have no cells.

    Raises
    ------
    InputError
        If a column is missing.

    Examples
    --------
    >>> from nbo.journeys import transition_table
    >>> ax = plot_journey(transition_table(np.array([[80, 20], [0, 0]]), ["new", "loyal"]))
    >>> [text.get_text().splitlines()[0] for text in ax.texts]
    ['80 %', '20 %']
    """
    rows = check_frame(transitions, "transitions")
    check_columns(rows, ["stage", "next_stage", "n", "probability", "low", "high"], "transitions")
    names = list(dict.fromkeys(rows["stage"]))
    n = rows.groupby("stage", sort=False)["n"].sum()
    table = rows[rows["stage"].map(n).to_numpy() > 0]
    chances = table.pivot(index="stage", columns="next_stage", values="probability").reindex(index=names, columns=names)
    ax = new_axes(ax, height=1.6 + 0.6 * max(len(names), 1))
    cells = chances.to_numpy(dtype=float)
    edges = np.arange(len(names) + 1) - 0.5
    if cells.size:
        ax.pcolormesh(edges, edges, np.ma.masked_invalid(cells), cmap="Blues", vmin=0, vmax=1)
        ax.invert_yaxis()
    place = pd.Index(names)
    for row in table.to_dict("records"):
        at = place.get_loc(row["next_stage"]), place.get_loc(row["stage"])
        text = f"{100 * row['probability']:.0f} %\n{100 * row['low']:.0f} to {100 * row['high']:.0f}"
        color = "white" if row["probability"] > 0.55 else _DARK
        ax.text(*at, text, ha="center", va="center", color=color, fontsize=8)
    ax.set_xticks(range(len(names)), names)
    ax.set_yticks(range(len(names)), [f"{name} ({n[name]:,})" for name in names])
    ax.spines[:].set_visible(False)
    ax.tick_params(color=FAINT, length=0)
    ax.set_xlabel("Stage one step later")
    ax.set_ylabel("Stage (times seen)")
    return ax

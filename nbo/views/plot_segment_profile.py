"""By what segments differ, as a table in colors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_numbers
from nbo.errors import InputError
from nbo.numbers import check_number
from nbo.views.axes import DARK, FAINT, new_axes
from nbo.views.plain_names import plain_names

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_segment_profile"]


def plot_segment_profile(frame: Any, ax: Axes | None = None, *, most: int = 12) -> Axes:
    """Plot by how many standard deviations each segment is above or below all customers.

    Parameters
    ----------
    frame : DataFrame
        segment, feature and difference (standard deviations), and `category` for features that have some, such as
        `traits_` of a :class:`~nbo.segments.ClusterSegmenter`. One row per segment and trait.
    ax : Axes, optional
        Where to draw; a new figure by default.
    most : int, default=12
        How many traits to show, those that differ most; 1 or more.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If a column is missing, or a segment has a trait twice.

    Examples
    --------
    >>> traits = pd.DataFrame({"segment": ["c1", "c2"], "feature": "age", "difference": [-0.8, 0.8]})
    >>> [label.get_text() for label in plot_segment_profile(traits).get_yticklabels()]
    ['age']
    """
    check_number(most, "most", "1 or more", lambda number: number >= 1, whole=True)
    rows = check_frame(frame, "frame")
    check_columns(rows, [c.SEGMENT, "feature", "difference"], "frame")
    traits = pd.DataFrame(
        {
            "trait": _names(rows),
            c.SEGMENT: rows[c.SEGMENT].astype("str"),
            "difference": check_numbers(rows["difference"], "frame.difference"),
        }
    )
    if traits.duplicated(["trait", c.SEGMENT]).any():
        raise InputError("frame must have one row per segment and trait; a pair stands twice.")
    grid = traits.pivot(index="trait", columns=c.SEGMENT, values="difference")
    grid = grid[list(dict.fromkeys(traits[c.SEGMENT]))]
    grid = grid.loc[grid.abs().max(axis=1).sort_values(ascending=False, kind="stable").index[:most]]
    return _draw(new_axes(ax, height=1.4 + 0.32 * len(grid)), grid)


def _names(rows: pd.DataFrame) -> pd.Series:
    feature = rows["feature"].astype("str")
    if c.CATEGORY not in rows:
        return feature
    category = rows[c.CATEGORY].astype("str").fillna("")
    return feature.where(category == "", feature + " is " + category)


def _draw(ax: Axes, grid: pd.DataFrame) -> Axes:
    values = grid.to_numpy(dtype=float)
    reach = max(float(np.nanmax(np.abs(values), initial=0.0)), 0.5)
    # From blue over white to orange, which people with any color vision can tell apart.
    mesh = ax.pcolormesh(
        np.arange(len(grid.columns) + 1), np.arange(len(grid) + 1), values, cmap="PuOr_r", vmin=-reach, vmax=reach
    )
    for (row, column), value in np.ndenumerate(values):
        if np.isfinite(value):
            color = "white" if abs(value) > 0.65 * reach else DARK
            ax.text(column + 0.5, row + 0.5, f"{value:+.1f}", ha="center", va="center", fontsize=8, color=color)
    ax.set_xticks(np.arange(len(grid.columns)) + 0.5, plain_names(grid.columns))
    ax.set_yticks(np.arange(len(grid)) + 0.5, plain_names(grid.index))
    ax.invert_yaxis()
    ax.set_xlabel("Segment")
    ax.spines[:].set_visible(False)
    ax.tick_params(color=FAINT, length=0)
    ax.figure.colorbar(mesh, ax=ax, label="Standard deviations from the mean of all")
    return ax

"""An interval that narrows with every decision, and holds at all of them together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nbo.checks import check_columns, check_frame
from nbo.errors import InputError
from nbo.numbers import check_number
from nbo.views.axes import COLORS, FAINT, calm, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_confidence_sequence"]

# More points than a line shows.
_POINTS = 2000
# Share of the decisions from which on intervals are to be seen whole.
_TELLING = 0.02


def plot_confidence_sequence(
    frame: Any, ax: Axes | None = None, *, reference: float | None = None, label: str = "Reward per decision"
) -> Axes:
    """Plot a value and its interval over the decisions so far.

    Parameters
    ----------
    frame : DataFrame
        decisions, value, low and high, as of :func:`nbo.confidence_sequence`.
    ax : Axes, optional
        Where to draw; a new figure by default.
    reference : float, optional
        Drawn as a line: what the value is to be above, such as what the logging policy earned.
    label : str, default="Reward per decision"
        Of the axis, with the unit.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If a column is missing, or there is no row.

    Examples
    --------
    >>> import pandas as pd
    >>> found = pd.DataFrame({"decisions": [1, 2], "value": [0.0, 0.5], "low": [0.0, 0.1], "high": [1.0, 0.9]})
    >>> plot_confidence_sequence(found).get_xlabel()
    'Decisions'
    """
    rows = check_frame(frame, "frame")
    check_columns(rows, ["decisions", "value", "low", "high"], "frame")
    if not len(rows):
        raise InputError("frame must have at least one row; got none.")
    shown = rows.iloc[np.unique(np.geomspace(1, len(rows), _POINTS).astype(int)) - 1]
    ax = calm(new_axes(ax), grid="both")
    if reference is not None:
        check_number(reference, "reference", "a finite number", np.isfinite)
        ax.axhline(reference, color=FAINT, linewidth=1.2, linestyle="--")
    ax.fill_between(shown["decisions"], shown["low"], shown["high"], color=COLORS[0], alpha=0.2, linewidth=0)
    ax.plot(shown["decisions"], shown["value"], color=COLORS[0], linewidth=1.5)
    # The first intervals hold all that can be; where they begin to tell something, the axis ends.
    telling = shown[shown["decisions"] >= _TELLING * len(rows)]
    bounds = float(telling["low"].min()), float(telling["high"].max())
    margin = 0.05 * max(bounds[1] - bounds[0], 1e-9)
    ax.set_ylim(bounds[0] - margin, bounds[1] + margin)
    ax.set_xlim(max(0.1 * _TELLING * len(rows), 1.0), max(len(rows), 2))
    ax.set_xscale("log")
    ax.set_xlabel("Decisions")
    ax.set_ylabel(label)
    return ax

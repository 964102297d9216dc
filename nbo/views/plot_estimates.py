"""Estimates side by side with their intervals, and which of them are no verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nbo.checks import check_columns, check_frame, check_rows
from nbo.numbers import check_number
from nbo.views.axes import COLORS, FAINT, calm, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_estimates"]


def plot_estimates(
    frame: Any, by: str, ax: Axes | None = None, *, reference: float | None = None, label: str = "Reward per decision"
) -> Axes:
    """Plot estimates with their intervals: by estimator, policy or segment, or differences.

    Parameters
    ----------
    frame : DataFrame
        The column named by `by`, value, low and high; one row an estimate, the first on top, as of
        :func:`nbo.evaluate_by_segment`. Where the value is missing, there is no verdict.
    by : str
        Column of the names.
    ax : Axes, optional
        Where to draw; a new figure by default.
    reference : float, optional
        Drawn as a line: what the logging policy earned, or 0 for differences.
    label : str, default="Reward per decision"
        Of the axis, with the unit.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If a column is missing, or an interval does not hold its value.

    Examples
    --------
    >>> import pandas as pd
    >>> found = pd.DataFrame({"segment": ["a", "b"], "value": [0.1, None], "low": [0.05, None], "high": [0.2, None]})
    >>> [text.get_text() for text in plot_estimates(found, "segment").texts]
    ['no verdict']
    """
    rows = check_frame(frame, "frame")
    check_columns(rows, [by, "value", "low", "high"], "frame")
    value, low, high = (rows[name].to_numpy(dtype=float, na_value=np.nan) for name in ("value", "low", "high"))
    check_rows((low > value) | (high < value), value, "frame.value", "between low and high")
    ax = calm(new_axes(ax, height=1.1 + 0.42 * max(len(rows), 1)), grid="x")
    if reference is not None:
        check_number(reference, "reference", "a finite number", np.isfinite)
        ax.axvline(reference, color=FAINT, linewidth=1.2, linestyle="--")
    places = np.arange(len(rows))
    known = np.isfinite(value)
    ax.hlines(places[known], low[known], high[known], color=COLORS[0], linewidth=2.5, alpha=0.55)
    ax.plot(value[known], places[known], "o", color=COLORS[0], markersize=8)
    for place in places[~known]:
        # At the left edge of the axes, whatever the numbers of the others are.
        ax.text(0.01, place, "no verdict", color=FAINT, va="center", transform=ax.get_yaxis_transform())
    ax.set_yticks(places, rows[by].astype(str).tolist())
    ax.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    ax.set_xlabel(label)
    return ax

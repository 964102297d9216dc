"""Whether those with a high predicted uplift have a high one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nbo.checks import check_columns, check_frame, check_rows
from nbo.views.axes import COLORS, FAINT, calm, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_uplift_by_decile"]


def plot_uplift_by_decile(table: Any, ax: Axes | None = None, label: str = "Effect") -> Axes:
    """Plot the measured effect of each tenth of the customers with its interval, beside the predicted one.

    Parameters
    ----------
    table : DataFrame
        decile, predicted, effect, low and high, as from :func:`nbo.models.uplift_by_decile`; 1 has the highest
        uplift. Where an effect could not be measured it is missing.
    ax : Axes, optional
        Where to draw; a new figure by default.
    label : str, default="Effect"
        Of the vertical axis, such as with the unit.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If a column is missing, or an interval does not hold its effect.

    Examples
    --------
    >>> import pandas as pd
    >>> given = {"decile": [1, 2], "predicted": [0.1, 0.0], "effect": [0.08, 0.01], "low": [0.05, -0.02]}
    >>> plot_uplift_by_decile(pd.DataFrame({**given, "high": [0.11, 0.04]})).get_ylabel()
    'Effect'
    """
    rows = check_frame(table, "table")
    names = ["decile", "predicted", "effect", "low", "high"]
    check_columns(rows, names, "table")
    decile, predicted, effect, low, high = (rows[name].to_numpy(dtype=float) for name in names)
    check_rows((low > effect) | (high < effect), effect, "table.effect", "between low and high")
    ax = calm(new_axes(ax, width=5.4))
    ax.axhline(0, color=FAINT, linewidth=0.8)
    ax.vlines(decile, low, high, color=COLORS[0], linewidth=2.5, alpha=0.55)
    ax.plot(decile, effect, "o", color=COLORS[0], markersize=7, label="measured")
    ax.plot(decile, predicted, "_", color=COLORS[1], markersize=16, markeredgewidth=2, label="predicted")
    ax.set_xticks(np.unique(decile))
    ax.legend(frameon=False)
    ax.set_xlabel("Group by predicted uplift (1 is the highest)")
    ax.set_ylabel(label)
    return ax

"""How many customers bought how often, expected and actual."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nbo.checks import check_columns, check_frame
from nbo.views.axes import COLORS, calm, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_frequency"]


def plot_frequency(frequencies: Any, ax: Axes | None = None) -> Axes:
    """Plot how many customers bought how often, beside what a model expects.

    Parameters
    ----------
    frequencies : DataFrame
        As :func:`nbo.models.purchase_frequencies` gives it.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If a column is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"frequency": ["0", "1+"], "actual": [60, 40], "expected": [58.5, 41.5]})
    >>> plot_frequency(table).get_xlabel()
    'Repeat purchases'
    """
    frame = check_frame(frequencies, "frequencies")
    check_columns(frame, ["frequency", "actual", "expected"], "frequencies")
    ax = calm(new_axes(ax, width=6.4))
    places = np.arange(len(frame))
    for column, shift, color in (("actual", -0.2, COLORS[0]), ("expected", 0.2, COLORS[1])):
        ax.bar(places + shift, frame[column], width=0.38, color=color, label=column)
    ax.set_xticks(places, [str(name) for name in frame["frequency"]])
    ax.set_xlabel("Repeat purchases")
    ax.set_ylabel("Customers")
    ax.legend(frameon=False)
    return ax

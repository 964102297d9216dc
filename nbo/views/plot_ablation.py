"""What each data type is worth to a model, with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nbo.checks import check_columns, check_frame, check_one_of, check_rows
from nbo.views.axes import COLORS, FAINT, calm, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_ablation"]

_COLUMNS = ["data_type", "metric", "value", "low", "high"]


def plot_ablation(frame: Any, ax: Axes | None = None, metric: str | None = None) -> Axes:
    """Plot what each data type adds to the others, with its interval.

    Right of the line at 0 the model is better with the data type than without. An interval that
    holds 0 says that no gain can be told from none.

    Parameters
    ----------
    frame : DataFrame
        data_type, metric, value, low and high, as ``nbo.ablation(...).gain`` gives them; one row a data
        type and metric, the first on top.
    ax : Axes, optional
        Where to draw; a new figure by default.
    metric : str, optional
        Which one to draw; by default that of the first row.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If a column is missing, an interval does not hold its value, or the metric is not there.

    Examples
    --------
    >>> import pandas as pd
    >>> gain = pd.DataFrame({"data_type": ["behavioral", "social"], "metric": "auc", "value": [0.031, 0.001]})
    >>> ax = plot_ablation(gain.assign(low=[0.02, -0.004], high=[0.042, 0.006]))
    >>> [tick.get_text() for tick in ax.get_yticklabels()], ax.get_xlabel()
    (['behavioral', 'social'], 'Gain beside the other data types (auc)')
    """
    rows = check_frame(frame, "frame")
    check_columns(rows, _COLUMNS, "frame")
    metrics = list(dict.fromkeys(rows["metric"]))
    if metric is not None:
        check_one_of(metric, metrics, "metric")
    chosen = metric if metric is not None else next(iter(metrics), None)
    rows = rows[rows["metric"] == chosen]
    value, low, high = (rows[name].to_numpy(dtype=float) for name in ("value", "low", "high"))
    check_rows((low > value) | (high < value), value, "frame.value", "between low and high")
    ax = calm(new_axes(ax, height=1.1 + 0.42 * max(len(rows), 1)), grid="x")
    places = np.arange(len(rows))
    ax.axvline(0.0, color=FAINT, linewidth=0.8)
    ax.hlines(places, low, high, color=COLORS[0], linewidth=2.5, alpha=0.55)
    ax.plot(value, places, "o", color=COLORS[0], markersize=8)
    ax.set_yticks(places, rows["data_type"].astype(str).tolist())
    ax.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    shown = "" if chosen is None else f" ({chosen})"
    ax.set_xlabel(f"Gain beside the other data types{shown}")
    return ax

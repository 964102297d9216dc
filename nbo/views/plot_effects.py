"""What the arms of an experiment changed, at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nbo.checks import check_columns, check_frame, check_one_of
from nbo.numbers import check_number
from nbo.views.axes import COLORS
from nbo.views.plot_estimates import plot_estimates

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_effects"]


def plot_effects(
    effects: Any,
    metric: str | None = None,
    ax: Axes | None = None,
    *,
    relative: bool = False,
    level: float = 0.95,
    label: str | None = None,
) -> Axes:
    """Plot differences to the baseline with their intervals, arm by arm and segment by segment.

    Differences that are more than chance, by their adjusted p-value, stand out by color and marker.

    Parameters
    ----------
    effects : DataFrame
        metric, arm, difference, low, high and p_adjusted, as of
        :func:`~nbo.experiments.analyze_experiment`; names in experiment or segment, if there.
    metric : str, optional
        The one to be shown; by default the only one.
    ax : Axes, optional
        Where to draw; a new figure by default.
    relative : bool, default=False
        Whether to show shares of the baseline mean in %: relative_difference, relative_low and relative_high.
    level : float, default=0.95
        1 minus the limit of the adjusted p-value, in (0, 1).
    label : str, optional
        Of the axis, with the unit.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If a column is missing, or the metric must be named.

    Examples
    --------
    >>> import pandas as pd
    >>> effects = pd.DataFrame({"metric": "spent", "segment": ["all", "new"], "arm": "agent", "difference": [2.0, 1.0],
    ...                         "low": [1.0, -1.0], "high": [3.0, 3.0], "p_adjusted": [0.01, 0.3]})
    >>> [text.get_text() for text in plot_effects(effects).get_yticklabels()]
    ['agent, all', 'agent, new']
    """
    rows = check_frame(effects, "effects")
    names = [f"relative_{name}" if relative else name for name in ("difference", "low", "high")]
    check_columns(rows, ["metric", "arm", "p_adjusted", *names], "effects")
    check_number(level, "level", "in (0, 1)", lambda share: 0 < share < 1)
    known = list(dict.fromkeys(rows["metric"]))
    shown = known[0] if metric is None and len(known) == 1 else check_one_of(metric, known, "metric")
    rows = rows[(rows["metric"] == shown).to_numpy()].reset_index(drop=True)
    scale = 100.0 if relative else 1.0
    parts = rows[names].to_numpy(dtype=float) * scale
    # An interval without an end is none to be drawn.
    parts[~np.isfinite(parts).all(axis=1)] = np.nan
    frame = rows[[]].assign(**dict(zip(("value", "low", "high"), parts.T, strict=True)), name=_names(rows))
    text = f"{shown}: difference to the baseline{' in %' if relative else ''}" if label is None else label
    ax = plot_estimates(frame, "name", ax, reference=0.0, label=text)
    sure = (rows["p_adjusted"] < 1 - level).to_numpy() & np.isfinite(parts[:, 0])
    ax.plot(parts[sure, 0], np.flatnonzero(sure), "D", color=COLORS[1], markersize=8, label="more than chance")
    if sure.any():
        ax.legend(frameon=False, loc="lower left", bbox_to_anchor=(-0.02, 1.0))
    return ax


def _names(rows: Any) -> list[str]:
    if "experiment" in rows:
        return list(rows["experiment"].astype(str))
    if "segment" in rows:
        return list(rows["arm"].astype(str) + ", " + rows["segment"].astype(str))
    return list(rows["arm"].astype(str))

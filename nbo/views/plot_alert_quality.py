"""How many alerts were right, and how many who left were alerted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from nbo.alerting import AlertQuality
from nbo.views.axes import COLORS, FAINT, MARKERS, calm, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_alert_quality"]

_MEASURES = ("precision", "recall")


def plot_alert_quality(qualities: AlertQuality | Mapping[str, AlertQuality], ax: Axes | None = None) -> Axes:
    """Plot precision and recall of alerts with their intervals, next to the precision of alerts at random.

    Parameters
    ----------
    qualities : AlertQuality or mapping of str to AlertQuality
        As :func:`nbo.alerting.alert_quality` gives them; a mapping names several ways to alert, the first on top.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes

    Raises
    ------
    TypeError
        If it is none of these.

    Examples
    --------
    >>> import pandas as pd
    >>> from nbo.alerting import alert_quality
    >>> left = pd.DataFrame({"customer_id": ["ann", "bob"], "left_at": ["2026-03-01", None]})
    >>> raised = pd.DataFrame({"customer_id": ["ann"], "raised_at": ["2026-02-01"]})
    >>> ax = plot_alert_quality(alert_quality(raised, left, until="2026-06-01"))
    >>> [line.get_label() for line in ax.lines]
    ['precision', 'recall', 'precision at random']
    """
    named = dict(qualities) if isinstance(qualities, Mapping) else {"": qualities}
    for quality in named.values():
        if not isinstance(quality, AlertQuality):
            raise TypeError(f"qualities must be AlertQuality objects; got {type(quality).__name__}.")
    ax = calm(new_axes(ax, height=1.3 + 0.55 * max(len(named), 1)), grid="x")
    places = np.arange(len(named))
    for number, measure in enumerate(_MEASURES):
        rows = np.array([_row(quality, measure) for quality in named.values()]).reshape(-1, 3)
        # Side by side, so that neither interval hides the other.
        height = places + 0.16 * (2 * number - 1)
        ax.hlines(height, 100 * rows[:, 1], 100 * rows[:, 2], color=COLORS[number], linewidth=2.5, alpha=0.55)
        ax.plot(100 * rows[:, 0], height, MARKERS[number], color=COLORS[number], markersize=8, label=measure)
    base = [100 * quality.value("base_rate") for quality in named.values()]
    ax.plot(base, places - 0.16, "|", color=FAINT, markersize=16, markeredgewidth=2, label="precision at random")
    ax.set_yticks(places, list(named))
    ax.set_ylim(max(len(named), 1) - 0.5, -0.5)
    ax.set_xlim(left=0)
    ax.set_xlabel("Share of alerts that were right, and of leavers who were alerted (%)")
    ax.legend(frameon=False, loc="best")
    return ax


def _row(quality: AlertQuality, measure: str) -> list[float]:
    rows = quality.frame[quality.frame["measure"] == measure]
    return [float(rows[name].iloc[0]) for name in ("value", "low", "high")]

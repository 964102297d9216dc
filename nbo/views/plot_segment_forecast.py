"""What segments were worth, and will be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nbo.numbers import check_number
from nbo.value import SegmentForecast
from nbo.views.axes import COLORS, MARKERS, calm, new_axes
from nbo.views.plain_names import plain_names

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_segment_forecast"]


def plot_segment_forecast(found: SegmentForecast, ax: Axes | None = None, top: int = 5) -> Axes:
    """Plot the past value of the segments that will matter most, and their forecasts with intervals.

    Parameters
    ----------
    found : SegmentForecast
    ax : Axes, optional
        Where to draw; a new figure by default.
    top : int, default=5
        How many segments, 1 to 6.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If `top` is not allowed.

    Examples
    --------
    >>> import pandas as pd
    >>> from nbo.value import segment_value_forecast
    >>> rows = pd.DataFrame({"segment": "all of it", "period": np.arange(8), "value": 5.0})
    >>> ax = plot_segment_forecast(segment_value_forecast(rows, horizon=2, season=1))
    >>> [line.get_label() for line in ax.lines if not line.get_label().startswith("_")]
    ['all of it']
    """
    check_number(top, "top", "a whole number from 1 to 6", lambda n: 1 <= n <= len(COLORS), whole=True)
    ax = calm(new_axes(ax))
    for number, segment in enumerate(found.outlook["segment"].head(top)):
        past = found.history[found.history["segment"] == segment]
        ahead = found.forecast[found.forecast["segment"] == segment]
        color = COLORS[number]
        ax.plot(past["period"], past["value"], color=color, linewidth=2, label=plain_names([segment])[0])
        ax.plot(
            ahead["period"], ahead["forecast"], "--", color=color, linewidth=2, marker=MARKERS[number], markersize=5
        )
        low, high = (ahead[end].to_numpy(dtype=float) for end in ("low", "high"))
        known = np.isfinite(low) & np.isfinite(high)
        ax.fill_between(ahead["period"], low, high, where=known, color=color, alpha=0.18, linewidth=0)
    ax.set_xlabel(f"Period (dashed: forecast with its {100 * found.level:g} % interval)")
    ax.set_ylabel("Value of the segment (money)")
    ax.legend(frameon=False, loc="upper left")
    return ax

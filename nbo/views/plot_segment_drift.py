"""How much segments grew or shrank, and what of it is more than chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from nbo.segments import SegmentDrift
from nbo.views.axes import COLORS
from nbo.views.plain_names import plain_names
from nbo.views.plot_estimates import plot_estimates

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_segment_drift"]


def plot_segment_drift(drift: SegmentDrift, ax: Axes | None = None) -> Axes:
    """Plot the change of each segment's share with its interval.

    Changes that are more than chance, by their adjusted p-value, stand out by color and marker.

    Parameters
    ----------
    drift : SegmentDrift
        Of :func:`~nbo.segments.segment_drift`.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from nbo.segments import segment_drift
    >>> ax = plot_segment_drift(segment_drift(["new"] * 30 + ["loyal"] * 30, ["loyal"] * 60))
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['loyal', 'new']
    """
    table = drift.table
    parts = 100 * table[["change", "low", "high"]].to_numpy(dtype=float)
    names = {"segment": plain_names(table["segment"])}
    frame = pd.DataFrame({**names, "value": parts[:, 0], "low": parts[:, 1], "high": parts[:, 2]})
    ax = plot_estimates(frame, "segment", ax, reference=0.0, label="change of share in percentage points")
    sure = table["alarm"].to_numpy(dtype=bool)
    ax.plot(parts[sure, 0], np.flatnonzero(sure), "D", color=COLORS[1], markersize=8, label="more than chance")
    if sure.any():
        ax.legend(frameon=False, loc="lower left", bbox_to_anchor=(-0.02, 1.0))
    return ax

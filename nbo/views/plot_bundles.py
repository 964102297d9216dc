"""Which products sell together more often, or less often, than chance has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nbo.checks import check_columns, check_frame
from nbo.numbers import check_number
from nbo.views.axes import COLORS, FAINT, MARKERS, calm, new_axes
from nbo.views.plain_names import plain_names

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_bundles"]

_RELATIONS = ("complement", "unclear", "substitute")


def plot_bundles(bundles: Any, ax: Axes | None = None, k: int = 10) -> Axes:
    """Plot the lifts of the surest complements and substitutes with their intervals.

    Parameters
    ----------
    bundles : BundleCandidates or DataFrame
        As :func:`nbo.bundle_candidates` gives it, or its ``frame``.
    ax : Axes, optional
        Where to draw; a new figure by default.
    k : int, default=10
        Most pairs of each end, 1 or more.

    Returns
    -------
    Axes
        On a scale of logarithms; pairs of which nothing is expected have no mark.

    Raises
    ------
    InputError
        If a column is missing, or `k` is below 1.

    Examples
    --------
    >>> import pandas as pd
    >>> pairs = pd.DataFrame({"bundle_id": ["cup + tea", "beer + wine"], "lift": [2.0, 0.6], "lift_low": [1.7, 0.5],
    ...                       "lift_high": [2.4, 0.7], "relation": ["complement", "substitute"]})
    >>> ax = plot_bundles(pairs)
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['cup + tea', 'beer + wine']
    """
    check_number(k, "k", "1 or more", lambda given: given >= 1, whole=True)
    rows = check_frame(getattr(bundles, "frame", bundles), "bundles")
    check_columns(rows, ["bundle_id", "lift", "lift_low", "lift_high", "relation"], "bundles")
    rows = rows.iloc[sorted({*range(min(k, len(rows))), *range(max(len(rows) - k, 0), len(rows))})]
    ax = calm(new_axes(ax, width=6.8, height=1.4 + 0.3 * max(len(rows), 2)), grid="x")
    ax.set_xscale("log")
    ax.axvline(1.0, color=FAINT, linewidth=0.8)
    place, lift = np.arange(len(rows)), rows["lift"].to_numpy(dtype=float)
    for color, marker, relation in zip(COLORS, MARKERS, _RELATIONS, strict=False):
        some = (rows["relation"] == relation).to_numpy() & (lift > 0)
        if some.any():
            reach = np.abs(rows.loc[some, ["lift_low", "lift_high"]].to_numpy(dtype=float).T - lift[some])
            ax.errorbar(lift[some], place[some], xerr=reach, fmt=marker, color=color, capsize=3, label=relation)
            ax.legend(frameon=False, ncols=3, loc="lower right", bbox_to_anchor=(1.0, 1.0))
    ax.set_yticks(place, plain_names(rows["bundle_id"]))
    ax.invert_yaxis()
    ax.set_xlabel("Lift: baskets with both, over those expected by chance")
    return ax

"""Open opportunities by stage: what they hold, and what of it is expected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nbo import columns as c
from nbo.checks import check_columns, check_frame
from nbo.prospects import SalesForecast
from nbo.views.axes import COLORS, FAINT, calm, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_pipeline"]


def plot_pipeline(pipeline: Any, ax: Axes | None = None, stages: Sequence[str] | None = None) -> Axes:
    """Plot the money in each stage of the pipeline, and the share of it that is expected to be won.

    Parameters
    ----------
    pipeline : SalesForecast or DataFrame
        A frame has one row for each open opportunity: stage, amount and expected.
    ax : Axes, optional
        Where to draw; a new figure by default.
    stages : sequence of str, optional
        Stages from the top; by default those that are there, the one with the most money first. Others are left out.

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
    >>> rows = pd.DataFrame({"stage": ["lead", "lead", "offer"], "amount": [100.0, 50.0, 80.0]})
    >>> rows["expected"] = [10.0, 5.0, 40.0]
    >>> [text.get_text() for text in plot_pipeline(rows).texts]
    ['2 open, 10 % expected', '1 open, 50 % expected']
    """
    frame = pipeline.opportunities if isinstance(pipeline, SalesForecast) else check_frame(pipeline, "pipeline")
    check_columns(frame, [c.STAGE, c.AMOUNT, "expected"], "pipeline")
    sums = frame.groupby(c.STAGE)[[c.AMOUNT, "expected"]].sum().assign(n=frame[c.STAGE].value_counts())
    sums = sums.sort_values(c.AMOUNT, ascending=False) if stages is None else sums.reindex(list(stages), fill_value=0)
    ax = calm(new_axes(ax, width=6.4, height=0.6 + 0.6 * max(len(sums), 2)), grid="x")
    places = np.arange(len(sums))
    ax.barh(places, sums[c.AMOUNT], height=0.6, color=FAINT, alpha=0.4, label="open")
    ax.barh(places, sums["expected"], height=0.6, color=COLORS[0], label="expected")
    for place in places:
        n, amount, expected = (float(sums[name].iloc[place]) for name in ("n", c.AMOUNT, "expected"))
        text = f"{n:,.0f} open, {100 * expected / amount if amount else 0:.0f} % expected"
        ax.annotate(text, (amount, place), (4, 0), textcoords="offset points", va="center", fontsize="small")
    ax.set_yticks(places, [str(stage) for stage in sums.index])
    ax.set_ylim(max(len(sums), 1) - 0.5, -0.5)
    ax.margins(x=0.3)
    ax.set_xlim(left=0)
    ax.set_xlabel("Money")
    # Above, for what each stage holds is written right of its bar.
    ax.legend(frameon=False, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2)
    return ax

"""Acceptance rates with their intervals, at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbo.checks import check_columns, check_frame, check_probabilities
from nbo.numbers import check_number
from nbo.views.plot_estimates import plot_estimates

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_rates"]


def plot_rates(report: Any, by: str, ax: Axes | None = None, *, top: int = 25) -> Axes:
    """Plot acceptance rates with their intervals, one row each, and that of all as a line.

    Parameters
    ----------
    report : DataFrame
        The column named by `by`, rate, low and high, as of :func:`nbo.segment_report`. The row "all" is the line.
    by : str
        Column of the names.
    ax : Axes, optional
        Where to draw; a new figure by default.
    top : int, default=25
        Rows shown, the first ones.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If a column is missing, a rate is not in [0, 1], or `top` is below 1.

    Examples
    --------
    >>> import pandas as pd
    >>> report = pd.DataFrame({"segment": ["a", "all"], "rate": [0.1, 0.2], "low": 0.05, "high": 0.3})
    >>> [text.get_text() for text in plot_rates(report, "segment").get_yticklabels()]
    ['a']
    """
    rows = check_frame(report, "report")
    check_columns(rows, [by, "rate", "low", "high"], "report")
    check_number(top, "top", "1 or more", lambda given: given >= 1, whole=True)
    check_probabilities(rows["rate"], "report.rate")
    whole = (rows[by] == "all").to_numpy(dtype=bool)
    shown = rows[~whole].head(top)
    percent = shown[[by]].assign(value=100 * shown["rate"], low=100 * shown["low"], high=100 * shown["high"])
    reference = 100 * float(rows.loc[whole, "rate"].iloc[0]) if whole.any() else None
    label = "Acceptance rate in %" + ("; dashed: all" if whole.any() else "")
    return plot_estimates(percent.reset_index(drop=True), by, ax, reference=reference, label=label)

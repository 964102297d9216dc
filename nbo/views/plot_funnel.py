"""How many customers and offers each stage of the rules leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from nbo.arbitration import Rule
from nbo.checks import check_columns, check_frame, check_one_of
from nbo.views.axes import COLORS, FAINT, calm, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_funnel"]

_WHAT = {
    "customers": "Customers with an offer left",
    "pairs": "Pairs of customer and offer left",
    "value": "Worth of the best offers left",
}
_ORDER = ("all", *Rule.STAGES)


def plot_funnel(frame: Any, ax: Axes | None = None, *, what: str = "customers", by: str = "stage") -> Axes:
    """Plot how many customers, offers or how much money is left after each stage, for one set of rules or two.

    Parameters
    ----------
    frame : DataFrame
        As :func:`~nbo.arbitration.decision_funnel` gives it, or the `funnel` of a simulation, whose column `rules`
        tells A from B.
    ax : Axes, optional
        Where to draw; a new figure by default.
    what : {"customers", "pairs", "value"}, default="customers"
        What is counted: customers who have an offer left, pairs of a customer and an offer, or the money that the best
        offer left to each customer is worth.
    by : {"stage", "reason"}, default="stage"
        A bar for each stage, or for each reason.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If a column is missing, or an option or a stage is not one.

    Examples
    --------
    >>> frame = pd.DataFrame({"stage": ["all", "consent", "eligibility"], "reason": ["all", "no consent", "minors"]})
    >>> ax = plot_funnel(frame.assign(customers_left=[100, 80, 50]))
    >>> [float(bar.get_width()) for bar in ax.patches], [tick.get_text() for tick in ax.get_yticklabels()]
    ([100.0, 80.0, 50.0], ['all', 'consent', 'eligibility'])
    """
    check_one_of(what, tuple(_WHAT), "what")
    check_one_of(by, ("stage", "reason"), "by")
    rows = check_frame(frame, "frame")
    column = f"{what}_left"
    check_columns(rows, ["stage", "reason", column], "frame")
    for stage in rows["stage"].unique():
        check_one_of(stage, _ORDER, "frame.stage")
    left = _left(rows, column, by)
    n, sets = len(left), list(left)
    ax = calm(new_axes(ax, height=1.2 + 0.38 * max(n, 1) * max(len(sets), 1) ** 0.5), grid="x")
    thick = 0.76 / max(len(sets), 1)
    for at, name in enumerate(sets):
        places = np.arange(n) + (at - (len(sets) - 1) / 2) * thick
        numbers = left[name].to_numpy(dtype=float)
        ax.barh(places, numbers, height=0.92 * thick, color=COLORS[at % len(COLORS)], label=name)
        _write(ax, places, numbers, str(name) if len(sets) > 1 else "")
    ax.set_yticks(np.arange(n), left.index.tolist())
    ax.set_ylim(max(n, 1) - 0.5, -0.5)
    # Room for the numbers behind the bars.
    ax.set_xlim(0, 1.3 * max(float(np.nanmax(left.to_numpy(dtype=float), initial=0.0)), 1e-12))
    ax.xaxis.set_major_formatter("{x:,.0f}")
    ax.set_xlabel(_WHAT[what])
    return ax


def _left(rows: pd.DataFrame, column: str, by: str) -> pd.DataFrame:
    """Give a row for each stage or reason, in their order, and a column for each set of rules."""
    sets = rows["rules"] if "rules" in rows else pd.Series("", index=rows.index)
    rank = rows["stage"].map(_ORDER.index).to_numpy()
    named = rows.assign(_set=sets.to_numpy(), _rank=rank).sort_values("_rank", kind="stable")
    last = named.groupby(["_set", "_rank", by], sort=False)[column].last()
    table = last.unstack("_set", sort=False).sort_index(level="_rank", sort_remaining=False, kind="stable")
    # A stage that one set of rules does not have leaves what the one before it left.
    return table.droplevel("_rank").ffill()


def _write(ax: Axes, places: np.ndarray, numbers: np.ndarray, name: str) -> None:
    before = np.concatenate([numbers[:1], numbers[:-1]])
    for place, number, earlier in zip(places, numbers, before, strict=True):
        lost = f"  (−{earlier - number:,.0f})" if earlier - number >= 0.5 else ""
        label = f"{name}  " if name else ""
        ax.annotate(
            f"{label}{number:,.0f}{lost}",
            (number, place),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
            color=FAINT,
        )

"""How far features are from what they were at training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nbo.checks import check_columns, check_frame
from nbo.errors import InputError
from nbo.numbers import check_number
from nbo.views.axes import COLORS, FAINT, calm, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_drift"]

# Longer names lose their middle, so that the plot has room on a phone, too.
_LONGEST = 28
# Up to the warning, beyond it, beyond the alarm.
_LOOKS = ((FAINT, "o", "ok"), (COLORS[4], "s", "warning"), (COLORS[1], "D", "alarm"))


def plot_drift(
    drift: Any, limits: tuple[float, float] = (0.1, 0.25), top: int = 20, ax: Axes | None = None, *, by: str = "psi"
) -> Axes:
    """Plot which features have moved most since training.

    Parameters
    ----------
    drift : DataFrame
        feature, and the column of `by`, as :meth:`nbo.features.FeatureProfile.drift` gives them. Features without
        a number are left out.
    limits : (float, float), default=(0.1, 0.25)
        Of a warning and an alarm.
    top : int, default=20
        Features shown, those that have moved most.
    ax : Axes, optional
        Where to draw; a new figure by default.
    by : str, default="psi"
        What is drawn: a column of numbers, 0 for no drift.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If a column is missing, `top` is below 1, or the warning is above the alarm.

    Examples
    --------
    >>> import pandas as pd
    >>> ax = plot_drift(pd.DataFrame({"feature": ["age", "visits"], "psi": [0.02, 0.31]}))
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['visits', 'age']
    """
    rows = check_frame(drift, "drift")
    check_columns(rows, ["feature", by], "drift")
    check_number(top, "top", "1 or more", lambda number: number >= 1, whole=True)
    warning, alarm = limits
    if not warning <= alarm:
        raise InputError(f"limits must be (warning, alarm) with the warning first; got {limits!r}.")
    rows = rows[rows[by].notna()].sort_values(by, ascending=False, kind="stable").head(top)
    values, place = rows[by].to_numpy(dtype=float), np.arange(len(rows))
    ax = calm(new_axes(ax, height=1.4 + 0.27 * max(len(rows), 1)), grid="x")
    grade = (values > warning).astype(int) + (values > alarm)
    for number, (color, marker, label) in enumerate(_LOOKS):
        of = grade == number
        if of.any():
            ax.hlines(place[of], 0, values[of], color=color, linewidth=1.6)
            ax.plot(values[of], place[of], marker, color=color, markersize=6, label=label)
    for limit, color in ((warning, COLORS[4]), (alarm, COLORS[1])):
        ax.axvline(limit, color=color, linestyle="--", linewidth=1)
    ax.set_yticks(place, [_short(name) for name in rows["feature"].astype(str)], fontsize=8)
    ax.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    ax.set_xlim(0, 1.08 * max(alarm, float(values.max(initial=0.0))))
    ax.set_xlabel(f"{by.upper()} against training")
    if len(rows):
        ax.legend(
            frameon=False, loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=3, columnspacing=1.0, handletextpad=0.1
        )
    return ax


def _short(name: str) -> str:
    half = _LONGEST // 2
    return name if len(name) <= _LONGEST else f"{name[: half - 1]}…{name[-half:]}"

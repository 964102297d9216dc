"""What an experiment showed at each look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nbo.checks import check_columns, check_frame, check_one_of
from nbo.errors import InputError
from nbo.numbers import check_number
from nbo.views.axes import COLORS
from nbo.views.plot_confidence_sequence import plot_confidence_sequence

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_always_valid"]


def plot_always_valid(
    looks: Any,
    arm: str | None = None,
    ax: Axes | None = None,
    *,
    reference: float = 0.0,
    label: str = "Difference to the baseline",
) -> Axes:
    """Plot a difference and its interval over the customers so far, and where it was decided.

    Parameters
    ----------
    looks : DataFrame
        customers, difference, low and high, as of :func:`~nbo.experiments.always_valid` or in the `looks` of a
        :class:`~nbo.experiments.CampaignVerdict`; arm, if there are several.
    arm : str, optional
        The one to be shown; by default the only one.
    ax : Axes, optional
        Where to draw; a new figure by default.
    reference : float, default=0.0
        Drawn as a line; the first interval that does not hold it is marked.
    label : str, default="Difference to the baseline"
        Of the axis, with the unit.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If a column is missing, the arm must be named, or no interval has ends yet.

    Examples
    --------
    >>> import pandas as pd
    >>> looks = pd.DataFrame({"customers": [100, 200], "difference": 0.2, "low": [-0.1, 0.1], "high": [0.5, 0.3]})
    >>> [text.get_text() for text in plot_always_valid(looks).texts]
    ['decided after 200']
    """
    rows = check_frame(looks, "looks")
    check_columns(rows, ["customers", "difference", "low", "high"], "looks")
    check_number(reference, "reference", "a finite number", np.isfinite)
    known = list(dict.fromkeys(rows["arm"])) if "arm" in rows else []
    if arm is not None or len(known) > 1:
        rows = rows[(rows["arm"] == check_one_of(arm, known, "arm")).to_numpy()]
    rows = rows[np.isfinite(rows[["low", "high"]].to_numpy(dtype=float)).all(axis=1)]
    if not len(rows):
        raise InputError("looks must have an interval with two ends; none has, as there are too few customers yet.")
    named = rows.rename(columns={"customers": "decisions", "difference": "value"})
    ax = plot_confidence_sequence(named, ax, reference=reference, label=label)
    ax.set_xlabel("Customers")
    ends = float(rows["customers"].iloc[0]), float(rows["customers"].iloc[-1])
    ax.set_xlim(max(ends[0], 0.02 * ends[1]) if len(rows) > 1 else 0.5 * ends[0], ends[1])
    outside = ((rows["low"] > reference) | (rows["high"] < reference)).to_numpy()
    if outside.any():
        first = rows.iloc[int(outside.argmax())]
        ax.axvline(first["customers"], color=COLORS[1], linewidth=1.2)
        text = f"decided after {int(first['customers']):,}"
        ax.text(
            first["customers"], 0.02, text, color=COLORS[1], transform=ax.get_xaxis_transform(), ha="right", rotation=90
        )
    return ax

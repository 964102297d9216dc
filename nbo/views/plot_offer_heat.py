"""Which offers stand out in which segments, at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nbo import columns as c
from nbo.checks import check_columns, check_frame
from nbo.numbers import check_number
from nbo.views.plot_acceptance import plot_acceptance

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_offer_heat"]

_MARKS = {"above": "+", "below": "−"}


def plot_offer_heat(
    report: Any, ax: Axes | None = None, *, of: str = c.OFFER_ID, most_offers: int = 10, most_segments: int = 25
) -> Axes:
    """Plot acceptance rates by segment and offer as a heat map, with signs where a segment differs.

    Parameters
    ----------
    report : DataFrame
        segment, offer_id (or what `of` names), n, rate and flag, as :func:`nbo.segment_report` gives them; rows of
        the segment "all" are left out.
    ax : Axes, optional
        Where to draw; a new figure by default.
    of : str, default="offer_id"
        Column of what is reported.
    most_offers, most_segments : int
        Those that stand out are shown, then those with the most decisions.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If a column is missing, a pair stands twice, or a number is below 1.

    Examples
    --------
    >>> import pandas as pd
    >>> report = pd.DataFrame({"segment": ["a", "b"], "offer_id": "card", "n": 90, "rate": [0.1, 0.25]})
    >>> [text.get_text() for text in plot_offer_heat(report.assign(flag=["unclear", "above"])).texts]
    ['10', '25+']
    """
    rows = check_frame(report, "report")
    check_columns(rows, [c.SEGMENT, of, "n", "rate", "flag"], "report")
    for name, number in (("most_offers", most_offers), ("most_segments", most_segments)):
        check_number(number, name, "1 or more", lambda given: given >= 1, whole=True)
    rows = rows[(rows[c.SEGMENT] != "all").to_numpy(dtype=bool)]
    shown = rows
    weight = rows["n"] + np.where(rows["flag"].isin(list(_MARKS)), rows["n"].sum(), 0)
    for name, most in ((c.SEGMENT, most_segments), (of, most_offers)):
        largest = weight.groupby(rows[name]).sum().nlargest(most).index
        shown = shown[shown[name].isin(largest).to_numpy()]
    shown = shown.sort_values([c.SEGMENT, of], kind="stable").rename(columns={of: c.OFFER_ID})
    ax = plot_acceptance(shown, ax)
    segments, offers = (list(shown[name].unique()) for name in (c.SEGMENT, c.OFFER_ID))
    keys = zip(shown[c.SEGMENT], shown[c.OFFER_ID], strict=True)
    flags = dict(zip(keys, shown["flag"], strict=True))
    for text in ax.texts:
        column, row = (round(place) for place in text.get_position())
        text.set_text(text.get_text() + _MARKS.get(flags.get((segments[row], offers[column]), ""), ""))
    left_out = rows[of].nunique() - len(offers), rows[c.SEGMENT].nunique() - len(segments)
    said = [f"{n} {what} left out" for n, what in zip(left_out, ("offers", "segments"), strict=True) if n]
    ax.set_xlabel("Rate in %; + above, − below others" + ("\n" + ", ".join(said) if said else ""))
    return ax

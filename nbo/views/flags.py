"""What to watch out for with the customer: the flags of a snapshot."""

from __future__ import annotations

from typing import Any

import pandas as pd

from nbo import columns as c
from nbo.views.field import Field
from nbo.views.formats import plain
from nbo.views.orders import records

__all__ = ["flags"]

_CONTACT_WINDOW = pd.Timedelta("30D")
# Table -> the column that tells a mood, when it was told, and its scale.
_MOODS = {
    "social": (c.SENTIMENT, c.EVENT_TIME, "-1 to 1"),
    "surveys": (c.SCORE, c.EVENT_TIME, "as asked"),
    "cases": (c.SATISFACTION, c.CLOSED_AT, "1 to 5"),
}


def flags(rows: dict[str, pd.DataFrame], as_of: pd.Timestamp) -> dict[str, Field]:
    """Say what to watch out for, as far as no model is needed.

    Parameters
    ----------
    rows : dict of str to DataFrame
        What was known of the customer, see :func:`nbo.views.known_rows.complete_rows`.
    as_of : Timestamp
        UTC.

    Returns
    -------
    dict of str to Field
        open_complaint (True or False), complaints (number so far), contacts_30D (offers made
        in ``[as_of - 30D, as_of)``), mood (the last sentiment, survey score or satisfaction
        with a case: dict with measure, score, scale and time) and last_issue (the last case).
    """
    cases, made = rows["cases"], rows["decisions"]
    complaints = cases[cases[c.KIND] == "complaint"]
    still_open = complaints[complaints[c.CLOSED_AT].isna()]
    contacts = made[(made[c.OFFER_ID] != c.NO_OFFER) & (made[c.DECIDED_AT] >= as_of - _CONTACT_WINDOW)]
    issue = records(cases.tail(1), (c.KIND, c.TOPIC, c.SEVERITY, c.OPENED_AT, c.CLOSED_AT))
    return {
        "open_complaint": Field.of(len(still_open) > 0, "cases", still_open[c.OPENED_AT]),
        "complaints": Field.of(len(complaints), "cases", complaints[c.OPENED_AT]),
        "contacts_30D": Field.of(len(contacts), "decisions", contacts[c.DECIDED_AT]),
        "mood": _mood(rows),
        "last_issue": Field.of(issue[0] if issue else None, "cases", cases[c.OPENED_AT].tail(1)),
    }


def _mood(rows: dict[str, pd.DataFrame]) -> Field:
    """Take the newest of what tells a mood, whichever table it is in."""
    told = [found for table in _MOODS if (found := _last_mood(rows[table], table)) is not None]
    if not told:
        return Field(None, ", ".join(_MOODS))
    table, mood = max(told, key=lambda found: found[1]["time"])
    return Field(mood, table, mood["time"])


def _last_mood(rows: pd.DataFrame, table: str) -> tuple[str, dict[str, Any]] | None:
    if rows.empty:
        return None
    column, moment, scale = _MOODS[table]
    rows = rows[rows[column].notna()].sort_values([moment, column], kind="stable")
    if rows.empty:
        return None
    last = rows.iloc[-1]
    survey = plain(last[c.SURVEY]) if table == "surveys" else None
    measure = {"social": "sentiment", "cases": "satisfaction with a case"}.get(table, survey or "survey")
    return table, {"measure": measure, c.SCORE: float(last[column]), "scale": scale, "time": last[moment]}

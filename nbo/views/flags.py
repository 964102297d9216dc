"""What to watch out for with the customer: the flags of a snapshot."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.views.field import Field
from nbo.views.own_rows import OwnRows, moment, newest

__all__ = ["flags"]

_CONTACT_WINDOW = pd.Timedelta("30D")
# Table -> the column that tells a mood, when it was told, and its scale.
_MOODS = {
    "social": (c.SENTIMENT, c.EVENT_TIME, "-1 to 1"),
    "surveys": (c.SCORE, c.EVENT_TIME, "as asked"),
    "cases": (c.SATISFACTION, c.CLOSED_AT, "1 to 5"),
}


def flags(rows: dict[str, OwnRows], as_of: pd.Timestamp) -> dict[str, Field]:
    """Say what to watch out for, as far as no model is needed.

    Parameters
    ----------
    rows : dict of str to OwnRows
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
    complaints = cases.among(c.KIND, ("complaint",))
    still_open = complaints & ~cases.there(c.CLOSED_AT)
    since = np.datetime64(as_of - _CONTACT_WINDOW, "us").astype(np.int64)
    contacts = ~made.among(c.OFFER_ID, (c.NO_OFFER,)) & (made.times >= since)
    last = np.arange(len(cases))[-1:]
    issue = cases.lines((c.KIND, c.TOPIC, c.SEVERITY, c.OPENED_AT, c.CLOSED_AT), last)
    return {
        "open_complaint": Field(bool(still_open.any()), "cases", newest(cases.times[still_open])),
        "complaints": Field(int(complaints.sum()), "cases", newest(cases.times[complaints])),
        "contacts_30D": Field(int(contacts.sum()), "decisions", newest(made.times[contacts])),
        "mood": _mood(rows),
        "last_issue": Field(issue[0] if issue else None, "cases", newest(cases.times[last])),
    }


def _mood(rows: dict[str, OwnRows]) -> Field:
    """Take the newest of what tells a mood, whichever table it is in."""
    told = [found for table in _MOODS if (found := _last_mood(rows[table], table)) is not None]
    if not told:
        return Field(None, ", ".join(_MOODS))
    table, mood = max(told, key=lambda found: found[1]["time"])
    return Field(mood, table, mood["time"])


def _last_mood(rows: OwnRows, table: str) -> tuple[str, dict[str, Any]] | None:
    column, told_at, scale = _MOODS[table]
    scores = rows.numbers(column)
    there = np.flatnonzero(~np.isnan(scores))
    if not len(there):
        return None
    times = rows.moments(told_at)[there]
    # Of several at one moment the highest.
    last = there[np.lexsort((scores[there], times))[-1]]
    survey = rows.cells(c.SURVEY, np.array([last]))[0] if table == "surveys" else None
    measure = {"social": "sentiment", "cases": "satisfaction with a case"}.get(table, survey or "survey")
    return table, {"measure": measure, c.SCORE: float(scores[last]), "scale": scale, "time": moment(times.max())}

"""What whoever has the customer on the phone must know first."""

from __future__ import annotations

from typing import Any

import pandas as pd

from nbo.views.field import HIDDEN
from nbo.views.formats import shown

__all__ = ["headlines", "percent"]

_HIGH_CHURN, _SOME_CHURN = 0.5, 0.25
_MANY_CONTACTS = 4
# What somebody said longer ago is no mood to meet it in.
_RECENT = pd.Timedelta("90D")
_WATCHED = ("open_complaint", "churn_probability", "mood", "contacts_30D")
# Measure -> the highest score that is a bad mood.
_BAD_MOODS = {"sentiment": -0.2, "satisfaction with a case": 2.0, "csat": 2.0, "ces": 2.0, "nps": 6.0}


def headlines(blocks: dict[str, dict[str, Any]], as_of: pd.Timestamp) -> list[tuple[str, str]]:
    """Say what to watch out for, the gravest first.

    Parameters
    ----------
    blocks : dict
        Block -> field -> value, masked as far as it must be.
    as_of : Timestamp
        A bad mood is told for 90 days.

    Returns
    -------
    list of (str, str)
        How grave it is ("bad", "watch" or "good"), and what it is.
    """
    current, flags = blocks["current"], blocks["flags"]
    found = [*_cases(current, flags), *_churn(flags), *_mood(flags, as_of), *_contacts(flags, blocks["identity"])]
    waiting = current["pending_orders"]
    if isinstance(waiting, list) and waiting:
        found.append(("watch", f"{len(waiting)} pending order{'s' if len(waiting) > 1 else ''}"))
    grave = {"bad": 0, "watch": 1}
    watched = (waiting, current["open_cases"], *(flags[name] for name in _WATCHED), blocks["identity"]["consents"])
    hides = any(entry == HIDDEN for entry in watched if isinstance(entry, str))
    nothing = "Nothing to watch out for" + (" that may be shown" if hides else "")
    return sorted(found, key=lambda line: grave[line[0]]) or [("good", nothing)]


def percent(share: Any) -> str:
    """Write a share as percent.

    Parameters
    ----------
    share : float
        In [0, 1]; anything else is shown as it is.

    Returns
    -------
    str

    Examples
    --------
    >>> percent(0.1234), percent(0.004), percent("hidden")
    ('12 %', '0.4 %', 'hidden')
    """
    if not isinstance(share, float):
        return shown(share)
    return f"{100 * share:.1f} %" if 0 < share < 0.095 else f"{100 * share:.0f} %"


def _cases(current: dict[str, Any], flags: dict[str, Any]) -> list[tuple[str, str]]:
    cases = current["open_cases"]
    if not isinstance(cases, list):
        return [("bad", "Open complaint")] if flags["open_complaint"] is True else []
    found = []
    for case in cases:
        kind, days = case.get("kind", "case"), case["days_open"]
        about = f": {case['topic']}" if "topic" in case else ""
        for_days = f", for {days} day{'s' if days != 1 else ''}" if isinstance(days, int) else ""
        found.append(("bad" if kind == "complaint" else "watch", f"Open {kind}{about}{for_days}"))
    return found


def _churn(flags: dict[str, Any]) -> list[tuple[str, str]]:
    churn = flags["churn_probability"]
    if not isinstance(churn, float) or churn < _SOME_CHURN:
        return []
    return [("bad" if churn >= _HIGH_CHURN else "watch", f"Churn risk {percent(churn)}")]


def _mood(flags: dict[str, Any], as_of: pd.Timestamp) -> list[tuple[str, str]]:
    mood = flags["mood"]
    if not isinstance(mood, dict) or not isinstance(mood["score"], float):
        return []
    if mood["score"] > _BAD_MOODS.get(mood["measure"], float("-inf")):
        return []
    if isinstance(mood["time"], pd.Timestamp) and mood["time"] < as_of - _RECENT:
        return []
    return [("watch", f"Bad mood: {mood['measure']} {mood['score']:g} on {shown(mood['time'])}")]


def _contacts(flags: dict[str, Any], identity: dict[str, Any]) -> list[tuple[str, str]]:
    found, n, consents = [], flags["contacts_30D"], identity["consents"]
    if isinstance(n, int) and n >= _MANY_CONTACTS:
        found.append(("watch", f"{n} offers in 30 days"))
    if isinstance(consents, dict) and consents and not any(consents.values()):
        found.append(("watch", "No consent to any channel"))
    return found

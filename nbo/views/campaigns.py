"""What we offered the customer and how it answered, and what it looked at: two fields of a snapshot."""

from __future__ import annotations

from typing import Any

import numpy as np

from nbo import columns as c
from nbo.views.field import Field
from nbo.views.own_rows import OwnRows, newest

__all__ = ["campaigns", "viewed"]

_LOOKS = ("page_view", "product_view", "search")


def campaigns(rows: dict[str, OwnRows]) -> Field:
    """Count the offers made to the customer by what came of them.

    Parameters
    ----------
    rows : dict of str to OwnRows
        What was known of the customer, see :func:`nbo.views.known_rows.complete_rows`; of outcomes, one for each
        decision.

    Returns
    -------
    Field
        Dict with offers, accepted, rejected, no_answer, open (not answered yet), and last_offer and
        last_at if there was one.
    """
    made, outcomes = rows["decisions"], rows["outcomes"]
    offered = np.flatnonzero(~made.among(c.OFFER_ID, (c.NO_OFFER,)))
    own = set(made.cells(c.DECISION_ID, offered))
    every = np.arange(len(outcomes))
    pairs = zip(outcomes.cells(c.DECISION_ID, every), outcomes.cells(c.OUTCOME, every), strict=True)
    answers = [answer for decision, answer in pairs if decision in own]
    found: dict[str, Any] = {
        "offers": len(offered),
        "accepted": answers.count(c.ACCEPT),
        "rejected": answers.count(c.REJECT),
        "no_answer": answers.count(c.NO_ANSWER),
        "open": len(offered) - len(answers),
    }
    if not len(offered):
        return Field(found, "decisions")
    times = made.times[offered]
    last = min(map(str, made.cells(c.OFFER_ID, offered[times == times[-1]])))
    at = newest(times)
    return Field({**found, "last_offer": last, "last_at": at}, "decisions", at)


def viewed(rows: dict[str, OwnRows], last: int) -> Field:
    """List the products and categories that the customer looked at last.

    Parameters
    ----------
    rows : dict of str to OwnRows
        What was known of the customer.
    last : int
        How many.

    Returns
    -------
    Field
        List of dicts with event_time, event_type, product_id and category as far as known, newest first.
    """
    events = rows["events"]
    looks = np.flatnonzero(events.among(c.EVENT_TYPE, _LOOKS))
    looks = looks[(events.there(c.PRODUCT_ID) | events.there(c.CATEGORY))[looks]]
    if not len(looks):
        return Field([], "events")
    # Of looks at one moment, by what they hold: the order in a file never matters.
    recent = looks[events.times[looks] >= events.times[looks[-last:][0]]]
    lines = events.lines((c.EVENT_TIME, c.EVENT_TYPE, c.PRODUCT_ID, c.CATEGORY), recent)
    lines.sort(key=lambda line: (line[c.EVENT_TIME], repr(line)), reverse=True)
    return Field(lines[:last], "events", newest(events.times[looks]))

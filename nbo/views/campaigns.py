"""What we offered the customer and how it answered, and what it looked at: two fields of a snapshot."""

from __future__ import annotations

from typing import Any

import pandas as pd

from nbo import columns as c
from nbo.views.field import Field
from nbo.views.formats import plain
from nbo.views.orders import records

__all__ = ["campaigns", "viewed"]

_LOOKS = ("page_view", "product_view", "search")


def campaigns(rows: dict[str, pd.DataFrame]) -> Field:
    """Count the offers made to the customer by what came of them.

    Parameters
    ----------
    rows : dict of str to DataFrame
        What was known of the customer, see :func:`nbo.views.known_rows.complete_rows`; of outcomes, one for each
        decision.

    Returns
    -------
    Field
        Dict with offers, accepted, rejected, no_answer, open (not answered yet), and last_offer and
        last_at if there was one.
    """
    made, outcomes = rows["decisions"], rows["outcomes"]
    made = made[(made[c.OFFER_ID] != c.NO_OFFER).to_numpy(dtype=bool)]
    own = set(made[c.DECISION_ID].tolist())
    pairs = zip(outcomes[c.DECISION_ID].tolist(), outcomes[c.OUTCOME].tolist(), strict=True)
    answers = [answer for decision, answer in pairs if decision in own]
    found: dict[str, Any] = {
        "offers": len(made),
        "accepted": answers.count(c.ACCEPT),
        "rejected": answers.count(c.REJECT),
        "no_answer": answers.count(c.NO_ANSWER),
        "open": len(made) - len(answers),
    }
    if not len(made):
        return Field(found, "decisions")
    newest = made[c.DECIDED_AT].iloc[-1]
    last = min(str(plain(offer)) for offer in made.loc[made[c.DECIDED_AT] == newest, c.OFFER_ID])
    return Field({**found, "last_offer": last, "last_at": newest}, "decisions", newest)


def viewed(rows: dict[str, pd.DataFrame], last: int) -> Field:
    """List the products and categories that the customer looked at last.

    Parameters
    ----------
    rows : dict of str to DataFrame
        What was known of the customer.
    last : int
        How many.

    Returns
    -------
    Field
        List of dicts with event_time, event_type, product_id and category as far as known, newest first.
    """
    events = rows["events"]
    told = (events[c.PRODUCT_ID].notna() | events[c.CATEGORY].notna()).to_numpy()
    looks = events[told & events[c.EVENT_TYPE].isin(_LOOKS).to_numpy()]
    if not len(looks):
        return Field([], "events")
    # Of looks at one moment, by what they hold: the order in a file never matters.
    recent = looks[looks[c.EVENT_TIME] >= looks[c.EVENT_TIME].iloc[-last:].iloc[0]]
    lines = records(recent, (c.EVENT_TIME, c.EVENT_TYPE, c.PRODUCT_ID, c.CATEGORY))
    lines.sort(key=lambda line: (line[c.EVENT_TIME], repr(line)), reverse=True)
    return Field(lines[:last], "events", looks[c.EVENT_TIME].iloc[-1])

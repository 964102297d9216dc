"""The tables of events and identities."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.simulate.clock import DAY, Clock
from nbo.simulate.customers import People
from nbo.simulate.labels import draw_labels, named, numbered
from nbo.simulate.offers import CATEGORIES
from nbo.simulate.sessions import APP_OPEN, EMAIL_OPEN, EVENT_TYPES, Sessions, joined_sessions

__all__ = ["anonymous_tables", "events_frame"]

_DEVICES = ("mobile", "desktop", "tablet")


def events_frame(
    rng: np.random.Generator,
    sessions: Sessions,
    opens: Sessions,
    anonymous: pd.DataFrame,
    ids: pd.api.extensions.ExtensionArray,
    clock: Clock,
) -> pd.DataFrame:
    """Make the table of events.

    Parameters
    ----------
    rng : Generator
    sessions, opens : Sessions
    anonymous : DataFrame
        Events of visitors before they signed up, as `anonymous_tables` gives them.
    ids : array of str, shape (n,)
        Customer ids.
    clock : Clock

    Returns
    -------
    DataFrame
        In order of time.
    """
    own = joined_sessions(sessions, opens)
    order = np.argsort(own.second, kind="stable")
    # Numbered anew in order of time: the old numbers tell which visits lead to a purchase.
    session = pd.factorize(own.session[order])[0]
    n_sessions = int(session.max(initial=-1)) + 1
    device = np.searchsorted([0.55, 0.90], rng.random(n_sessions), side="right")[session]
    kind = own.kind[order]
    by_app = (kind == APP_OPEN) | ((device == 0) & (rng.random(n_sessions) < 0.5)[session])
    channel = np.where(kind == EMAIL_OPEN, 2, by_app.astype(np.int64))
    table = pd.DataFrame(
        {
            c.CUSTOMER_ID: named(ids, own.customer[order]),
            c.EVENT_TIME: clock.times(own.second[order]),
            c.EVENT_TYPE: named(EVENT_TYPES, kind),
            c.CATEGORY: named(CATEGORIES, own.category[order]),
            c.SESSION_ID: numbered("S", session, 8),
            c.DURATION: np.round(np.exp(3.4 + 0.8 * rng.normal(size=len(kind))), 1),
            c.DEVICE: named(_DEVICES, device),
            c.CHANNEL: named(("web", "app", "email"), channel),
        }
    )
    if anonymous.empty:
        return table
    return pd.concat([table, anonymous], ignore_index=True).sort_values(c.EVENT_TIME, kind="stable", ignore_index=True)


def anonymous_tables(
    rng: np.random.Generator, people: People, ids: pd.api.extensions.ExtensionArray, clock: Clock
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw what half of the new customers looked at before they signed up.

    Parameters
    ----------
    rng : Generator
    people : People
    ids : array of str, shape (n,)
        Customer ids.
    clock : Clock

    Returns
    -------
    events : DataFrame
        Page views under an anonymous id.
    identities : DataFrame
        Who that was, known from the sign-up on.
    """
    visitors = np.flatnonzero((people.joined > 0) & (rng.random(len(people)) < 0.5))
    views = 1 + rng.poisson(1.5, len(visitors))
    who = np.repeat(np.arange(len(visitors)), views)
    second = people.joined[visitors][who] - rng.integers(60, 10 * DAY, len(who))
    who, second = who[second >= 0], second[second >= 0]
    m = len(who)
    events = pd.DataFrame(
        {
            c.CUSTOMER_ID: numbered("V", who, 7),
            c.EVENT_TIME: clock.times(second),
            c.EVENT_TYPE: named(EVENT_TYPES, np.zeros(m, dtype=np.int64)),
            c.CATEGORY: named(CATEGORIES, people.favorite[visitors][who]),
            c.SESSION_ID: numbered("SV", np.arange(m), 7),
            c.DURATION: np.round(np.exp(3.4 + 0.8 * rng.normal(size=m)), 1),
            c.DEVICE: draw_labels(rng, _DEVICES, (55, 35, 10), m),
            c.CHANNEL: named(("web",), np.zeros(m, dtype=np.int64)),
        }
    )
    seen = np.unique(who)
    identities = pd.DataFrame(
        {
            c.ANONYMOUS_ID: numbered("V", seen, 7),
            c.CUSTOMER_ID: named(ids, visitors[seen]),
            c.EVENT_TIME: clock.times(people.joined[visitors[seen]]),
        }
    )
    return events, identities

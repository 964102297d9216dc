"""Visits and clicks of customers: views of a category precede its purchase."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nbo.simulate.clock import DAY, Clock, KeyedMoments
from nbo.simulate.customers import People
from nbo.simulate.offers import CATEGORIES
from nbo.simulate.purchases import Sales, poisson_moments

__all__ = [
    "APP_OPEN",
    "EMAIL_OPEN",
    "EVENT_TYPES",
    "Sessions",
    "draw_sessions",
    "email_opens",
    "intent_of",
    "joined_sessions",
]

EVENT_TYPES = ("page_view", "search", "cart", "app_open", "email_open", "chat", "download")
APP_OPEN, EMAIL_OPEN = 3, 4

# Of these, so many tell of a wish for the category seen.
_INTENT_TYPES = 3

_RESEARCH_PER_PURCHASE = 1.2
_LEAD_DAYS = 3.0
_OPEN_SHARE = 0.35


@dataclass(frozen=True, eq=False)
class Sessions:
    """Events as arrays, one entry an event; those of one visit share a session.

    Attributes
    ----------
    customer, second, session : ndarray of int, shape (m,)
    category : ndarray of int, shape (m,)
        -1 for none.
    kind : ndarray of int, shape (m,)
        Position in `EVENT_TYPES`.
    """

    customer: np.ndarray
    second: np.ndarray
    session: np.ndarray
    category: np.ndarray
    kind: np.ndarray


def draw_sessions(
    rng: np.random.Generator, people: People, sales: Sales, first: np.ndarray, last: np.ndarray
) -> Sessions:
    """Draw visits: research before purchases, idle looks around, and app opens, chats, downloads.

    Parameters
    ----------
    rng : Generator
    people : People
    sales : Sales
        Purchases of the customers' own accord.
    first, last : ndarray of int, shape (n,)
        Seconds between which each customer is there.

    Returns
    -------
    Sessions
        Not in order of time.
    """
    # The more engaged look more often before they buy, and anyway.
    looks = rng.poisson(_RESEARCH_PER_PURCHASE * np.minimum(people.engagement[sales.customer], 2))
    bought = np.repeat(np.arange(len(looks)), looks)
    lead = (60 + rng.exponential(_LEAD_DAYS * DAY, len(bought))).astype(np.int64)
    idle_customer, idle_second = poisson_moments(rng, 4.0 * people.engagement, first, last)
    liked = rng.random(len(idle_customer)) < 0.4
    anything = rng.integers(0, len(CATEGORIES), len(idle_customer))
    customer = np.concatenate([sales.customer[bought], idle_customer])
    second = np.concatenate([sales.second[bought] - lead, idle_second])
    category = np.concatenate([sales.category[bought], np.where(liked, people.favorite[idle_customer], anything)])
    after_start = second >= first[customer]
    views = _views(rng, customer[after_start], second[after_start], category[after_start], last)
    return joined_sessions(views, _other_events(rng, people, first, last))


def _views(
    rng: np.random.Generator, customer: np.ndarray, second: np.ndarray, category: np.ndarray, last: np.ndarray
) -> Sessions:
    """Expand visits to page views, searches and carts, some seconds apart."""
    sizes = 1 + rng.poisson(0.5, len(customer))
    session = np.repeat(np.arange(len(customer)), sizes)
    place = np.arange(len(session)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    kind = np.searchsorted([0.78, 0.90], rng.random(len(session)), side="right")
    when = second[session] + place * rng.integers(20, 90, len(session))
    kept = when < last[customer[session]]
    return Sessions(*(part[kept] for part in (customer[session], when, session, category[session], kind)))


def _other_events(rng: np.random.Generator, people: People, first: np.ndarray, last: np.ndarray) -> Sessions:
    """Single events without a category: app opens, newsletters opened, chats, downloads."""
    app, email = people.consent[:, 2], people.consent[:, 0]
    parts = []
    for kind, yearly in enumerate((4.0 * app, 2.0 * email, 0.5 + 0 * app, 0.5 + 0 * app), start=APP_OPEN):
        customer, second = poisson_moments(rng, yearly * people.engagement, first, last)
        parts.append(_single(customer, second, kind))
    return joined_sessions(*parts)


def email_opens(rng: np.random.Generator, customer: np.ndarray, second: np.ndarray, last: np.ndarray) -> Sessions:
    """Draw which offers sent by e-mail are opened.

    Parameters
    ----------
    rng : Generator
    customer, second : ndarray of int, shape (m,)
        To whom an offer was sent, and when.
    last : ndarray of int, shape (n,)
        Second from which each customer is not there any more.

    Returns
    -------
    Sessions
    """
    opened = rng.random(len(customer)) < _OPEN_SHARE
    when = second + (300 + rng.exponential(0.3 * DAY, len(customer))).astype(np.int64)
    opened &= when < last[customer]
    return _single(customer[opened], when[opened], EMAIL_OPEN)


def _single(customer: np.ndarray, second: np.ndarray, kind: int) -> Sessions:
    m = len(customer)
    return Sessions(customer, second, np.arange(m), np.full(m, -1), np.full(m, kind))


def joined_sessions(*parts: Sessions) -> Sessions:
    """Put sets of events in one; the sessions of each get numbers of their own.

    Parameters
    ----------
    *parts : Sessions

    Returns
    -------
    Sessions
        Not in order of time.
    """
    sizes = [int(part.session.max(initial=-1)) + 1 for part in parts]
    starts = np.cumsum([0, *sizes])
    session = [part.session + start for part, start in zip(parts, starts, strict=False)]
    names = ("customer", "second", "category", "kind")
    merged = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    return Sessions(session=np.concatenate(session), **merged)


def intent_of(sessions: Sessions, clock: Clock) -> KeyedMoments:
    """Index the page views, searches and carts by customer and category.

    Parameters
    ----------
    sessions : Sessions
    clock : Clock

    Returns
    -------
    KeyedMoments
        With the key customer * 6 + category.
    """
    seen = sessions.kind < _INTENT_TYPES
    keys = sessions.customer[seen] * len(CATEGORIES) + sessions.category[seen]
    return KeyedMoments(keys, sessions.second[seen], clock)

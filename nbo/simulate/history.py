"""The logged contacts: offers drawn uniformly among those that could be made, and their answers."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.simulate.clock import DAY, Clock
from nbo.simulate.customers import People
from nbo.simulate.labels import named, numbered
from nbo.simulate.lives import Lives
from nbo.simulate.offers import CHANNELS, OfferBook

__all__ = ["Contacts", "decisions_frame", "draw_contacts"]

_FIRST_HOUR, _LAST_HOUR = 8, 20


@dataclass(frozen=True, eq=False)
class Contacts:
    """Offers made, one entry a contact.

    Attributes
    ----------
    customer, second, offer, channel : ndarray of int, shape (m,)
    """

    customer: np.ndarray
    second: np.ndarray
    offer: np.ndarray
    channel: np.ndarray


def draw_contacts(
    rng: np.random.Generator, people: People, lives: Lives, offers: OfferBook
) -> tuple[Contacts, np.ndarray]:
    """Draw for each contact the moment in its day, and one of the offers that can be made then.

    Parameters
    ----------
    rng : Generator
    people : People
    lives : Lives
    offers : OfferBook

    Returns
    -------
    contacts : Contacts
        In order of time.
    eligible : ndarray of bool, shape (m, k)
        Offers that could have been made.
    """
    m = len(lives.contacted)
    second = lives.contact_day * DAY + rng.integers(_FIRST_HOUR * 3600, _LAST_HOUR * 3600, m)
    order = np.argsort(second, kind="stable")
    customer, second = lives.contacted[order], second[order]
    consent = people.consent[customer]
    eligible = offers.reachable(consent) & (second[:, None] >= offers.launch)
    drawn = (rng.random(m) * eligible.sum(axis=1)).astype(np.int64)
    offer = (eligible.cumsum(axis=1) > drawn[:, None]).argmax(axis=1)
    channel = offers.first_channel(consent)[np.arange(m), offer]
    return Contacts(customer, second, offer, channel.astype(np.int64)), eligible


def decisions_frame(
    contacts: Contacts, eligible: np.ndarray, offers: OfferBook, ids: pd.api.extensions.ExtensionArray, clock: Clock
) -> pd.DataFrame:
    """Make the table of decisions.

    Parameters
    ----------
    contacts : Contacts
    eligible : ndarray of bool, shape (m, k)
    offers : OfferBook
    ids : array of str, shape (n,)
        Customer ids.
    clock : Clock

    Returns
    -------
    DataFrame
        In order of time.
    """
    m = len(contacts.offer)
    decided = clock.times(contacts.second)
    days = pd.Series(decided).dt.strftime("%Y%m%d")
    return pd.DataFrame(
        {
            c.DECISION_ID: numbered("D", np.arange(m), 8),
            c.RUN_ID: ("history-" + days).astype("str"),
            c.CUSTOMER_ID: named(ids, contacts.customer),
            c.DECIDED_AT: decided,
            c.OFFER_ID: named(offers.catalog.offer_ids, contacts.offer),
            c.CHANNEL: named(CHANNELS, contacts.channel),
            c.ACTION_PROBABILITY: 1 / eligible.sum(axis=1),
            c.VALUE: offers.catalog.values[contacts.offer],
            c.POLICY: named(("uniform",), np.zeros(m, dtype=np.int64)),
            c.REASON: named(("random contact",), np.zeros(m, dtype=np.int64)),
            c.CANDIDATES: _candidates(eligible, offers.catalog.offer_ids),
        }
    )


def _candidates(eligible: np.ndarray, offer_ids: list[str]) -> pd.Series:
    """JSON of the offers that could be made with their probabilities; few patterns, so each is written once."""
    code = eligible @ (1 << np.arange(len(offer_ids)))
    _, first, pattern = np.unique(code, return_index=True, return_inverse=True)
    texts = []
    for row in eligible[first]:
        there = [offer_id for offer_id, allowed in zip(offer_ids, row, strict=True) if allowed]
        texts.append(json.dumps({offer_id: 1 / len(there) for offer_id in there}))
    return named(texts, pattern)

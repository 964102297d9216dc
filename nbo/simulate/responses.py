"""How customers answer: the true chance of acceptance, and answers drawn by key."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit, ndtri

from nbo import columns as c
from nbo.rng import uniform_by_key
from nbo.simulate.clock import DAY, YEAR, Clock, KeyedMoments
from nbo.simulate.customers import People
from nbo.simulate.history import Contacts
from nbo.simulate.labels import named
from nbo.simulate.lives import Lives
from nbo.simulate.offers import CATEGORIES, OfferBook

__all__ = ["INTENT_DAYS", "Answers", "Responses"]

# Page views, searches and carts of the offer's category on so many days before count as intent.
INTENT_DAYS = 14

_INTENT = 0.6
_TENURE = 0.15
_TASTE = 0.3
_DOG = -0.8

# Of those who do not accept, so many say no; the others never answer.
_REJECT_SHARE = 0.45
_MEDIAN_DELAY = 10 * 3600.0
_DELAY_SPREAD = 1.2
_SHORTEST_DELAY, _LONGEST_DELAY = 60, 14 * DAY


@dataclass(frozen=True, eq=False)
class Answers:
    """Answers to offers, one entry an answer.

    Attributes
    ----------
    frame : DataFrame of m rows
        The table of outcomes: decision_id, outcome, outcome_at.
    place : ndarray of int, shape (m,)
        Position of the decision.
    accepted : ndarray of bool, shape (m,)
    second : ndarray of int, shape (m,)
    """

    frame: pd.DataFrame
    place: np.ndarray
    accepted: np.ndarray
    second: np.ndarray


@dataclass(frozen=True, eq=False)
class Responses:
    """The planted model of acceptance.

    Parameters
    ----------
    people : People
    lives : Lives
    offers : OfferBook
    intent : KeyedMoments
        Views of categories, with the key customer * 6 + category.
    clock : Clock
    """

    people: People
    lives: Lives
    offers: OfferBook
    intent: KeyedMoments
    clock: Clock

    def alive(self, rows: np.ndarray, seconds: np.ndarray) -> np.ndarray:
        """Tell who has signed up and not left.

        Parameters
        ----------
        rows, seconds : ndarray of int
            Shapes that broadcast.

        Returns
        -------
        ndarray of bool
        """
        return (self.people.joined[rows] <= seconds) & (seconds < self.lives.left[rows])

    def acceptance(self, rows: np.ndarray, offers: np.ndarray, channels: np.ndarray, seconds: np.ndarray) -> np.ndarray:
        """Give the chance that an offer made at a moment is accepted.

        Parameters
        ----------
        rows, offers, channels, seconds : ndarray of int
            Customers, offers and channels by position; shapes that broadcast.

        Returns
        -------
        ndarray of float
            0 where the customer is not there or the offer not launched.
        """
        people, book = self.people, self.offers
        audience = book.audience[(seconds >= book.drift).astype(np.int64), offers]
        log_odds = book.base[audience] + book.segment_effect[people.segment[rows], audience]
        log_odds += book.age_slope[audience] * ((people.age[rows] - 46) / 16)
        log_odds += book.affluence_slope[audience] * people.affluence[rows]
        log_odds += people.preference[rows, channels]
        log_odds += book.weekday[(self.clock.start.day_of_week + seconds // DAY) % 7]
        tenure = np.maximum(seconds - people.joined[rows], 0) / YEAR
        log_odds += _TENURE * (np.log1p(tenure) - 1) + _DOG * (people.contact_hazard[rows] > 0)
        log_odds += self._wish(rows, book.category[offers], seconds)
        possible = self.alive(rows, seconds) & (seconds >= book.launch[offers])
        return np.where(possible, expit(log_odds), 0.0)

    def _wish(self, rows: np.ndarray, category: np.ndarray, seconds: np.ndarray) -> np.ndarray:
        """Log odds that lasting taste and recent views of the category add."""
        views = self.intent.count(rows * len(CATEGORIES) + category, seconds - INTENT_DAYS * DAY, seconds)
        taste = np.log(np.maximum(self.people.taste[rows, category], 0.01) * len(CATEGORIES))
        return _INTENT * np.log1p(views) + _TASTE * taste

    def answers(self, decision_ids: pd.Series, contacts: Contacts, salt: str) -> Answers:
        """Draw what becomes of offers made, by the key of each decision.

        Parameters
        ----------
        decision_ids : Series of shape (m,)
        contacts : Contacts
            The offers made, of length m.
        salt : str
            Another salt gives independent answers.

        Returns
        -------
        Answers
        """
        chance = self.acceptance(contacts.customer, contacts.offer, contacts.channel, contacts.second)
        draw = uniform_by_key(decision_ids, salt=f"{salt}/answer")
        spread = ndtri(np.maximum(uniform_by_key(decision_ids, salt=f"{salt}/delay"), 2.0**-53))
        delay = np.clip(_MEDIAN_DELAY * np.exp(_DELAY_SPREAD * spread), _SHORTEST_DELAY, _LONGEST_DELAY)
        place = np.flatnonzero(draw < chance + (1 - chance) * _REJECT_SHARE)
        second = (contacts.second + delay.astype(np.int64))[place]
        outcome = named((c.REJECT, c.ACCEPT), (draw < chance)[place].astype(np.int64))
        ids = decision_ids.iloc[place].reset_index(drop=True)
        frame = pd.DataFrame({c.DECISION_ID: ids, c.OUTCOME: outcome, c.OUTCOME_AT: self.clock.times(second)})
        return Answers(frame, place, (draw < chance)[place], second)

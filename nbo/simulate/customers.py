"""Who lives in the world: what can be seen of the customers, and what drives them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nbo.simulate.clock import DAY, YEAR, Clock
from nbo.simulate.offers import CATEGORIES, CHANNELS

__all__ = ["SEGMENTS", "People", "draw_people"]

SEGMENTS = ("young value", "young affluent", "family value", "family affluent", "senior", "business")

_BUSINESS_SHARE = 0.10
_DOG_SHARE = 0.08
_NEW_SHARE = 0.30
_POSTCODES = 200


@dataclass(frozen=True, eq=False)
class People:
    """Customers as arrays, one entry a customer.

    Attributes
    ----------
    business : ndarray of bool, shape (n,)
    household, account, member, postcode : ndarray of int, shape (n,)
        Number of the household (-1 for business), of the business account (-1 for
        consumers), place in the household or account, and number of the postcode.
    age, income : ndarray of float, shape (n,)
        Years at the world's start; money a year.
    affluence, satisfaction, engagement : ndarray of float, shape (n,)
        Income and satisfaction as standard scores; engagement has mean 1.
    joined : ndarray of int, shape (n,)
        Second of signing up, below 0 for those who came before the start.
    consent : ndarray of bool, shape (n, 4)
    preference : ndarray of float, shape (n, 4)
        What a channel adds to the log odds of acceptance.
    taste : ndarray of float, shape (n, 6)
        Share of each category in the customer's purchases.
    favorite : ndarray of int, shape (n,)
        The category liked most.
    rate, hazard, complaint_rate : ndarray of float, shape (n,)
        Purchases a year; chance of leaving a day without complaint or contact; complaints a year.
    spend : ndarray of float, shape (n,)
        Mean log amount of a purchase.
    contact_hazard : ndarray of float, shape (n,)
        Chance of leaving a day that a contact adds; above 0 for sleeping dogs only.
    segment : ndarray of int, shape (n,)
        Position in `SEGMENTS`.
    """

    business: np.ndarray
    household: np.ndarray
    account: np.ndarray
    member: np.ndarray
    postcode: np.ndarray
    age: np.ndarray
    income: np.ndarray
    affluence: np.ndarray
    satisfaction: np.ndarray
    engagement: np.ndarray
    joined: np.ndarray
    consent: np.ndarray
    preference: np.ndarray
    taste: np.ndarray
    favorite: np.ndarray
    rate: np.ndarray
    hazard: np.ndarray
    complaint_rate: np.ndarray
    spend: np.ndarray
    contact_hazard: np.ndarray
    segment: np.ndarray

    def __len__(self) -> int:
        return len(self.business)


def draw_people(rng: np.random.Generator, n: int, clock: Clock, contact_days: int) -> People:
    """Draw the customers.

    Parameters
    ----------
    rng : Generator
    n : int
        Number of customers.
    clock : Clock
    contact_days : int
        Days over which a contact may drive a sleeping dog away.

    Returns
    -------
    People
    """
    business = rng.random(n) < _BUSINESS_SHARE
    household, account, member = _groups(rng, business)
    # Groups share a postcode, part of their income and the age of their head.
    group = np.where(business, household.max(initial=0) + 1 + account, household)
    postcode = rng.integers(_POSTCODES, size=n)[group]
    head_age = _grown(rng.normal(46, 16, n))[group]
    age = _ages(rng, head_age, member, business)
    shared = 0.5 * rng.normal(size=_POSTCODES)[postcode] + 0.6 * rng.normal(size=n)[group]
    affluence = shared + 0.6 * rng.normal(size=n) + 0.25 - 0.25 * ((age - 48) / 18) ** 2
    satisfaction, engagement = rng.normal(size=n), rng.gamma(3.0, 1 / 3, n)
    taste = rng.dirichlet(np.full(len(CATEGORIES), 1.5), n)
    # Mean hazards a year: 0.25; the unhappy leave and complain more.
    mood = np.exp(-0.3 * satisfaction - 0.045)
    return People(
        business=business,
        household=household,
        account=account,
        member=member,
        postcode=postcode,
        age=age,
        income=30_000 * np.exp(0.45 * affluence),
        affluence=affluence,
        satisfaction=satisfaction,
        engagement=engagement,
        joined=_joined(rng, age, clock),
        consent=_consents(rng, age),
        preference=_preferences(rng, age),
        taste=taste,
        favorite=taste.argmax(axis=1),
        rate=rng.gamma(2.0, 4.0, n),
        hazard=rng.gamma(2.0, 0.125, n) * mood / 365.25,
        complaint_rate=rng.gamma(2.0, 0.25, n) * mood,
        spend=3.2 + 0.3 * affluence + 0.4 * rng.normal(size=n),
        contact_hazard=_contact_hazards(rng, age, engagement, contact_days),
        segment=_segments(age, affluence, business),
    )


def _groups(rng: np.random.Generator, business: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Households of consumers, accounts of business contacts, and the place in them."""
    household, account, member = (np.full(len(business), -1) for _ in range(3))
    for numbers, chosen in ((household, ~business), (account, business)):
        count = int(chosen.sum())
        sizes = 1 + np.searchsorted([0.40, 0.75, 0.90], rng.random(count), side="right")
        group = np.repeat(np.arange(count), sizes)[:count]
        numbers[chosen] = group
        member[chosen] = np.arange(count) - np.searchsorted(group, group)
    return household, account, member


def _ages(rng: np.random.Generator, head_age: np.ndarray, member: np.ndarray, business: np.ndarray) -> np.ndarray:
    """Partners are of one age, the third and fourth of a household are grown children."""
    child = (member >= 2) & ~business & (head_age >= 46)
    return _grown(head_age - 27 * child + rng.normal(0, 3.5, len(member)) * (member > 0))


def _grown(age: np.ndarray) -> np.ndarray:
    """Ages of 18 to 95: those below are mirrored, so that they do not pile up."""
    return np.minimum(18 + np.abs(age - 18), 95)


def _joined(rng: np.random.Generator, age: np.ndarray, clock: Clock) -> np.ndarray:
    """Seconds of signing up; nobody did before the age of 18."""
    new = rng.random(len(age)) < _NEW_SHARE
    tenure = np.minimum(rng.gamma(1.5, 2.0, len(age)), age - 18) * YEAR + DAY
    return np.where(new, rng.integers(0, clock.end, len(age)), -tenure.astype(np.int64))


def _consents(rng: np.random.Generator, age: np.ndarray) -> np.ndarray:
    young = np.clip((60 - age) / 40, -0.5, 1)
    share = np.stack([0.85 + 0 * young, 0.60 + 0 * young, 0.45 + 0.30 * young, 0.45 - 0.15 * young], axis=1)
    return rng.random(share.shape) < share


def _preferences(rng: np.random.Generator, age: np.ndarray) -> np.ndarray:
    decades = (age - 46) / 10
    slopes = np.array([0.03, -0.06, -0.12, 0.12])
    return decades[:, None] * slopes + 0.35 * rng.normal(size=(len(age), len(CHANNELS)))


def _contact_hazards(
    rng: np.random.Generator, age: np.ndarray, engagement: np.ndarray, contact_days: int
) -> np.ndarray:
    """Sleeping dogs are more often old and little engaged; 10 to 30 % of them leave when contacted."""
    weight = np.exp(0.6 * (age >= 60) - 0.5 * engagement)
    dog = rng.random(len(age)) < np.minimum(_DOG_SHARE * weight / weight.mean(), 1)
    harm = rng.uniform(0.10, 0.30, len(age))
    return np.where(dog, -np.log1p(-harm) / contact_days, 0.0)


def _segments(age: np.ndarray, affluence: np.ndarray, business: np.ndarray) -> np.ndarray:
    affluent = (affluence > 0).astype(np.int64)
    consumer = np.select([age < 35, age < 60], [affluent, 2 + affluent], default=4)
    return np.where(business, 5, consumer)

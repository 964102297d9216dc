"""Who knows whom, who recommends us to whom, and what customers say in public."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.simulate.clock import DAY, NEVER, YEAR, Clock
from nbo.simulate.customers import People
from nbo.simulate.labels import named, numbered
from nbo.simulate.offers import CATEGORIES
from nbo.simulate.purchases import Sales, poisson_moments

__all__ = ["referrals_table", "relationships_table", "social_table"]

_KINDS = ("like", "comment", "share", "mention", "follow")
_LIKE, _FOLLOW = 0, 4
_FRIENDSHIPS_PER_CUSTOMER = 1.5
_LIKE_MINDED_SHARE = 0.7

Ids = pd.api.extensions.ExtensionArray
Span = tuple[np.ndarray, np.ndarray]


def social_table(rng: np.random.Generator, people: People, span: Span, ids: Ids, clock: Clock) -> pd.DataFrame:
    """Make the table of social events; what is said carries a sentiment that reflects satisfaction.

    Parameters
    ----------
    rng : Generator
    people : People
    span : tuple of two ndarrays of int, shape (n,)
        First and last second at which each customer is there.
    ids : array of str, shape (n,)
    clock : Clock

    Returns
    -------
    DataFrame
        In order of time.
    """
    who, second = poisson_moments(rng, 1.2 * people.engagement, *span)
    m = len(who)
    kind = np.searchsorted([0.45, 0.70, 0.80, 0.90], rng.random(m), side="right")
    mood = np.clip(0.15 + 0.35 * people.satisfaction[who] + 0.3 * rng.normal(size=m), -1, 1)
    anything = rng.integers(0, len(CATEGORIES), m)
    topic = np.where(rng.random(m) < 0.6, people.favorite[who], anything)
    fans = np.exp(4.5 + rng.normal(size=len(people)))[who]
    return pd.DataFrame(
        {
            c.CUSTOMER_ID: named(ids, who),
            c.EVENT_TIME: clock.times(second),
            c.KIND: named(_KINDS, kind),
            c.TOPIC: named(CATEGORIES, topic),
            c.SENTIMENT: np.where((kind == _LIKE) | (kind == _FOLLOW), np.nan, np.round(mood, 3)),
            c.REACH: np.round(fans * np.exp(0.3 * rng.normal(size=m))),
        }
    )


def relationships_table(rng: np.random.Generator, people: People, ids: Ids, clock: Clock) -> pd.DataFrame:
    """Make the table of relationships: family, colleagues, and friends, who share tastes.

    Parameters
    ----------
    rng : Generator
    people : People
    ids : array of str, shape (n,)
    clock : Clock

    Returns
    -------
    DataFrame
        Each edge once, valid from when both are customers.
    """
    one, other, kind = _edges(rng, people)
    since = np.maximum(people.joined[one], people.joined[other])
    met = since + (kind == 2) * rng.integers(0, int(YEAR), len(one))
    kept = met < clock.end
    table = pd.DataFrame(
        {
            c.CUSTOMER_ID: named(ids, one[kept]),
            c.RELATED_ID: named(ids, other[kept]),
            c.VALID_FROM: clock.times(met[kept]),
            c.KIND: named(("family", "colleague", "friend"), kind[kept]),
            c.WEIGHT: np.round(np.where(kind[kept] == 0, 1.0, rng.uniform(0.1, 1.0, int(kept.sum()))), 2),
        }
    )
    return table.sort_values([c.CUSTOMER_ID, c.RELATED_ID], kind="stable", ignore_index=True)


def _edges(rng: np.random.Generator, people: People) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Both ends of each pair once, and its kind: 0 family, 1 colleague, 2 friend."""
    one, other, kind = [], [], []
    for number, group in enumerate((people.household, people.account)):
        members = np.flatnonzero(group >= 0)
        for step in (1, 2, 3):
            # Members of a group stand in order, so pairs are a few places apart.
            near, far = members[:-step], members[step:]
            same = group[near] == group[far]
            one.append(near[same])
            other.append(far[same])
            kind.append(np.full(int(same.sum()), number))
    friend, of_friend = _friends(rng, people)
    first = np.concatenate([*one, friend])
    second = np.concatenate([*other, of_friend])
    kinds = np.concatenate([*kind, np.full(len(friend), 2)])
    _, places = np.unique(first * len(people) + second, return_index=True)
    return first[places], second[places], kinds[places]


def _friends(rng: np.random.Generator, people: People) -> tuple[np.ndarray, np.ndarray]:
    n = len(people)
    m = int(_FRIENDSHIPS_PER_CUSTOMER * n)
    one, anybody = rng.integers(0, n, m), rng.integers(0, n, m)
    by_taste = np.argsort(people.favorite, kind="stable")
    starts = np.searchsorted(people.favorite[by_taste], np.arange(len(CATEGORIES) + 1))
    low, high = starts[people.favorite[one]], starts[people.favorite[one] + 1]
    like_minded = by_taste[low + (rng.random(m) * (high - low)).astype(np.int64)]
    other = np.where(rng.random(m) < _LIKE_MINDED_SHARE, like_minded, anybody)
    differ = one != other
    return np.minimum(one, other)[differ], np.maximum(one, other)[differ]


def referrals_table(
    rng: np.random.Generator,
    people: People,
    sales: Sales,
    customers: pd.DataFrame,
    span: Span,
    ids: Ids,
    clock: Clock,
) -> pd.DataFrame:
    """Make the table of referrals: the new customers won so, and the people who never came.

    Parameters
    ----------
    rng : Generator
    people : People
    sales : Sales
        In order of time.
    customers : DataFrame
        The table of customers, for the channel that won them.
    span : tuple of two ndarrays of int, shape (n,)
        First and last second at which each customer is there.
    ids : array of str, shape (n,)
    clock : Clock

    Returns
    -------
    DataFrame
        In order of time.
    """
    channel = customers.drop_duplicates(c.CUSTOMER_ID)["acquisition_channel"].to_numpy()
    won = np.flatnonzero((channel == "referral") & (people.joined > 0))
    by = rng.integers(0, len(people), len(won))
    told = people.joined[won] - rng.integers(DAY, 30 * DAY, len(won))
    there = (told >= span[0][by]) & (told < span[1][by]) & (by != won)
    won, by, told = won[there], by[there], told[there]
    in_vain, when = poisson_moments(rng, 0.12 * np.exp(0.4 * people.satisfaction), *span)
    buyer, first_sale = np.unique(sales.customer, return_index=True)
    first = np.full(len(people), -1)
    first[buyer] = first_sale
    sale = first[won]
    bought = sale >= 0
    converted = np.full(len(won) + len(when), NEVER)
    value = np.full(len(won) + len(when), np.nan)
    converted[: len(won)][bought] = sales.second[sale[bought]]
    value[: len(won)][bought] = sales.amount[sale[bought]]
    strangers = numbered("R", np.arange(len(when)), 7)
    table = pd.DataFrame(
        {
            c.CUSTOMER_ID: named(ids, np.concatenate([by, in_vain])),
            c.EVENT_TIME: clock.times(np.concatenate([told, when])),
            c.REFERRED_ID: pd.concat([named(ids, won), strangers], ignore_index=True),
            c.CONVERTED_AT: clock.times(converted),
            c.CONVERTED_VALUE: np.round(value, 2),
        }
    )
    return table.sort_values(c.EVENT_TIME, kind="stable", ignore_index=True)

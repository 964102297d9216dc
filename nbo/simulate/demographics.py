"""What the business and third parties write down of the customers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.simulate.clock import DAY, YEAR, Clock
from nbo.simulate.customers import People
from nbo.simulate.labels import draw_labels, named, numbered
from nbo.simulate.offers import CHANNELS

__all__ = ["customers_table", "environment_table"]

_REGIONS = ("north", "north-east", "north-west", "center", "east", "west", "south", "islands")
_POSTCODES_PER_REGION = 25
_JOBS = ("clerk", "craftsman", "engineer", "manager", "nurse", "sales", "teacher", "self-employed")
_INDUSTRIES = ("construction", "finance", "health", "manufacturing", "retail", "software")
_ROLES = ("decision maker", "influencer", "user")
_TECHNOLOGIES = ("crm", "crm|erp", "erp", "webshop", "crm|webshop", "crm|erp|webshop")
_ACQUISITION = ("search", "social", "referral", "store", "partner")
_ACQUISITION_COST = np.array([18.0, 12.0, 6.0, 9.0, 25.0])

_MOVE_SHARE = 0.04
_JOB_CHANGE_SHARE = 0.04
_COVERAGE = 0.70
_LATE_SHARE = 0.40
_UPDATE_SHARE = 0.20

Ids = pd.api.extensions.ExtensionArray


def customers_table(rng: np.random.Generator, people: People, ids: Ids, clock: Clock) -> pd.DataFrame:
    """Make the table of customers; a move or a new job adds a second row.

    Parameters
    ----------
    rng : Generator
    people : People
    ids : array of str, shape (n,)
    clock : Clock

    Returns
    -------
    DataFrame
        By customer, then in order of time.
    """
    n = len(people)
    household = np.where(people.business, -1, people.household)
    table = pd.DataFrame(
        {
            c.CUSTOMER_ID: pd.Series(ids),
            c.VALID_FROM: clock.times(people.joined),
            c.CUSTOMER_TYPE: named(("consumer", "business"), people.business.astype(np.int64)),
            c.BIRTH_DATE: _birth_dates(people, clock),
            c.GENDER: draw_labels(rng, ("female", "male", "other"), (49, 49, 2), n),
            "education": draw_labels(rng, ("primary", "secondary", "tertiary"), (15, 50, 35), n),
            "job": _jobs(rng, people),
            "marital_status": draw_labels(rng, ("single", "married", "divorced", "widowed"), (38, 45, 12, 5), n),
            "country": named(("XX",), np.zeros(n, dtype=np.int64)),
            **_places(people.postcode),
            c.SIGNED_UP_AT: clock.times(people.joined),
            **_acquisition(rng, n),
            c.HOUSEHOLD_ID: numbered("H", household, 6),
            c.ACCOUNT_ID: numbered("A", people.account, 6),
            **_firms(rng, people),
            **{c.CONSENT_PREFIX + name: people.consent[:, place] for place, name in enumerate(CHANNELS)},
        }
    )
    both = pd.concat([table, _changed(rng, table, people, clock)], ignore_index=True)
    return both.sort_values([c.CUSTOMER_ID, c.VALID_FROM], kind="stable", ignore_index=True)


def _birth_dates(people: People, clock: Clock) -> np.ndarray:
    return clock.times(-(people.age * YEAR).astype(np.int64)).astype("datetime64[D]").astype("datetime64[us]")


def _jobs(rng: np.random.Generator, people: People) -> pd.Series:
    job = rng.integers(0, len(_JOBS), len(people))
    return named((*_JOBS, "retired"), np.where(people.age > 66, len(_JOBS), job))


def _places(postcode: np.ndarray) -> dict[str, pd.Series]:
    region = postcode // _POSTCODES_PER_REGION
    city = postcode // 5
    return {
        "region": named(_REGIONS, region),
        "city": named([f"{_REGIONS[number // 5]} {number % 5 + 1}" for number in range(40)], city),
        c.POSTCODE: numbered("P", 1000 + postcode, 4),
    }


def _acquisition(rng: np.random.Generator, n: int) -> dict[str, object]:
    channel = np.searchsorted([0.35, 0.60, 0.75, 0.90], rng.random(n), side="right")
    cost = _ACQUISITION_COST[channel] * np.exp(0.3 * rng.normal(size=n))
    return {"acquisition_channel": named(_ACQUISITION, channel), "acquisition_cost": np.round(cost, 2)}


def _firms(rng: np.random.Generator, people: People) -> dict[str, object]:
    """Columns that the contacts of one account share, and each contact's role."""
    business, account = people.business, people.account
    n = len(people)
    industry, technology = rng.integers(0, len(_INDUSTRIES), n), rng.integers(0, len(_TECHNOLOGIES), n)
    size = np.ceil(np.exp(3.0 + 1.2 * rng.normal(size=n)))
    revenue = np.round(size * np.exp(11.5 + 0.5 * rng.normal(size=n)), -3)
    role = rng.integers(0, len(_ROLES), n)
    return {
        "industry": named(_INDUSTRIES, np.where(business, industry[account], -1)),
        "company_size": np.where(business, size[account], np.nan),
        "revenue": np.where(business, revenue[account], np.nan),
        "technologies": named(_TECHNOLOGIES, np.where(business, technology[account], -1)),
        "buying_role": named(_ROLES, np.where(business, role, -1)),
    }


def _changed(rng: np.random.Generator, table: pd.DataFrame, people: People, clock: Clock) -> pd.DataFrame:
    """Second rows: households move, persons change jobs."""
    n = len(people)
    group = np.where(people.business, n + np.arange(n), people.household)
    moves = (rng.random(2 * n) < _MOVE_SHARE)[group]
    changes_job = ~moves & (rng.random(n) < _JOB_CHANGE_SHARE)
    when = np.where(moves, rng.integers(0, clock.end, 2 * n)[group], rng.integers(0, clock.end, n))
    to_postcode = rng.integers(0, len(_REGIONS) * _POSTCODES_PER_REGION, 2 * n)[group]
    job = table["job"].where(~changes_job, named(_JOBS, rng.integers(0, len(_JOBS), n)))
    places = _places(np.where(moves, to_postcode, people.postcode))
    later = table.assign(**places, **{c.VALID_FROM: pd.Series(clock.times(when)), "job": job})
    return later[(moves | changes_job) & (when > people.joined)]


def environment_table(rng: np.random.Generator, people: People, ids: Ids, clock: Clock) -> pd.DataFrame:
    """Make the table of third-party data: part of the customers, with noise, some of it late.

    Parameters
    ----------
    rng : Generator
    people : People
    ids : array of str, shape (n,)
    clock : Clock

    Returns
    -------
    DataFrame
        By customer, then in order of time.
    """
    matched = np.flatnonzero(rng.random(len(people)) < _COVERAGE)
    updated = matched[rng.random(len(matched)) < _UPDATE_SHARE]
    first = np.minimum(people.joined[matched], 0) - rng.integers(0, 90 * DAY, len(matched))
    later = rng.integers(0, clock.end, len(updated))
    who, valid = np.concatenate([matched, updated]), np.concatenate([first, later])
    # The first row of each customer is known before the world starts, so that coverage holds throughout.
    lag = np.where(rng.random(len(who)) < _LATE_SHARE, rng.integers(5 * DAY, 60 * DAY, len(who)), 0)
    known = np.where(np.arange(len(who)) < len(matched), np.minimum(valid + lag, 0), valid + lag)
    kept = known < clock.end
    who, valid, known = who[kept], valid[kept], known[kept]
    table = pd.DataFrame(
        {
            c.CUSTOMER_ID: named(ids, who),
            c.VALID_FROM: clock.times(valid),
            c.KNOWN_AT: clock.times(known),
            c.MATCH_CONFIDENCE: np.round(rng.beta(8, 2, len(who)), 3),
            **_wealth(rng, people, who),
        }
    )
    return table.sort_values([c.CUSTOMER_ID, c.VALID_FROM], kind="stable", ignore_index=True)


def _wealth(rng: np.random.Generator, people: People, who: np.ndarray) -> dict[str, object]:
    """Money as third parties guess it, around what it is."""
    m = len(who)

    def guess(typical: float, power: float, spread: float) -> np.ndarray:
        return np.round(typical * np.exp(power * people.affluence[who] + spread * rng.normal(size=m)), -2)

    sizes = np.bincount(people.household[people.household >= 0], minlength=1)
    income = np.round(people.income[who] * np.exp(0.2 * rng.normal(size=m)), -2)
    household_size = np.where(people.business[who], 1, sizes[people.household[who]])
    return {
        "occupation": draw_labels(rng, ("blue collar", "white collar", "public", "not working"), (3, 4, 2, 1), m),
        "income": income,
        "household_size": household_size,
        "household_income": np.round(income * (1 + 0.6 * (household_size - 1)), -2),
        "home_value": guess(220_000, 0.6, 0.3),
        "disposable_income": np.round(income * rng.uniform(0.2, 0.5, m), -2),
        "net_worth": guess(90_000, 0.9, 0.6) - 30_000,
        "purchases_elsewhere": guess(2_500, 0.4, 0.5),
    }

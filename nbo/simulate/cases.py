"""Complaints, inquiries and requests, and what customers answer when asked."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.simulate.clock import DAY, NEVER, Clock
from nbo.simulate.customers import People
from nbo.simulate.labels import draw_labels, named, numbered
from nbo.simulate.lives import Lives
from nbo.simulate.purchases import poisson_moments

__all__ = ["cases_table", "surveys_table"]

_KINDS = ("complaint", "inquiry", "request")
_COMPLAINT = 0
_TOPICS = ("delivery", "product", "billing", "service")
_COST_TO_SERVE = np.array([14.0, 6.0, 8.0])
_RATED_SHARE = 0.6

Ids = pd.api.extensions.ExtensionArray
Span = tuple[np.ndarray, np.ndarray]


def cases_table(
    rng: np.random.Generator, people: People, lives: Lives, span: Span, ids: Ids, clock: Clock
) -> pd.DataFrame:
    """Make the table of cases; complaints are those that raised the hazard of leaving.

    Parameters
    ----------
    rng : Generator
    people : People
    lives : Lives
    span : tuple of two ndarrays of int, shape (n,)
        First and last second at which each customer is there.
    ids : array of str, shape (n,)
    clock : Clock

    Returns
    -------
    DataFrame
        In order of opening.
    """
    yearly = np.ones(len(people))
    asks = [poisson_moments(rng, rate * yearly, *span) for rate in (0.6, 0.4)]
    who = np.concatenate([lives.complainer, *(customer for customer, _ in asks)])
    opened = np.concatenate([lives.complained, *(second for _, second in asks)])
    kind = np.repeat([_COMPLAINT, 1, 2], [len(lives.complainer), *(len(customer) for customer, _ in asks)])
    order = np.argsort(opened, kind="stable")
    who, opened, kind = who[order], opened[order], kind[order]
    m = len(who)
    severity = np.clip(rng.poisson(np.where(kind == _COMPLAINT, 1.8, 0.4)) + 1, 1, 5)
    closed = opened + np.maximum(DAY * np.exp(0.5 + 0.3 * severity / 2 + rng.normal(size=m)), 600).astype(np.int64)
    closed = np.where(closed < clock.end, closed, NEVER)
    mood = 3.8 + 0.7 * people.satisfaction[who] - 0.3 * (severity - 1) + 0.7 * rng.normal(size=m)
    rated = (closed < NEVER) & (rng.random(m) < _RATED_SHARE)
    return pd.DataFrame(
        {
            c.CASE_ID: numbered("K", np.arange(m), 7),
            c.CUSTOMER_ID: named(ids, who),
            c.OPENED_AT: clock.times(opened),
            c.CLOSED_AT: clock.times(closed),
            c.KIND: named(_KINDS, kind),
            c.TOPIC: draw_labels(rng, _TOPICS, (35, 30, 20, 15), m),
            c.SEVERITY: severity,
            c.CHANNEL: draw_labels(rng, ("phone", "email", "chat"), (5, 3, 2), m),
            c.SATISFACTION: np.where(rated, np.clip(np.round(mood), 1, 5), np.nan),
            c.COST_TO_SERVE: np.round(_COST_TO_SERVE[kind] * np.exp(0.4 * rng.normal(size=m)), 2),
        }
    )


def surveys_table(
    rng: np.random.Generator, people: People, cases: pd.DataFrame, span: Span, ids: Ids, clock: Clock
) -> pd.DataFrame:
    """Make the table of surveys: csat (1 to 5) after rated cases, nps (0 to 10) now and then.

    Parameters
    ----------
    rng : Generator
    people : People
    cases : DataFrame
        As `cases_table` gives it.
    span : tuple of two ndarrays of int, shape (n,)
        First and last second at which each customer is there.
    ids : array of str, shape (n,)
    clock : Clock

    Returns
    -------
    DataFrame
        In order of time.
    """
    rated = cases[cases[c.SATISFACTION].notna()]
    asked = rated[c.CLOSED_AT] + pd.to_timedelta(rng.integers(600, 2 * DAY, len(rated)), unit="s")
    csat = pd.DataFrame({c.CUSTOMER_ID: rated[c.CUSTOMER_ID], c.EVENT_TIME: asked, c.SCORE: rated[c.SATISFACTION]})
    csat = csat[asked < clock.start + pd.Timedelta(days=clock.days)]
    who, second = poisson_moments(rng, np.full(len(people), 0.4), *span)
    score = np.clip(np.round(7 + 1.8 * people.satisfaction[who] + rng.normal(size=len(who))), 0, 10)
    nps = pd.DataFrame({c.CUSTOMER_ID: named(ids, who), c.EVENT_TIME: clock.times(second), c.SCORE: score})
    both = pd.concat([csat.assign(survey="csat"), nps.assign(survey="nps")], ignore_index=True)
    both = both.astype({c.EVENT_TIME: "datetime64[us]", c.SURVEY: "str"})
    both = both.sort_values(c.EVENT_TIME, kind="stable", ignore_index=True)
    return both[[c.CUSTOMER_ID, c.EVENT_TIME, c.SURVEY, c.SCORE]]

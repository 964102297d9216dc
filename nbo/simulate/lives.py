"""How long customers stay: a daily hazard that complaints multiply and contacts add to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nbo.simulate.clock import DAY, NEVER, YEAR, Clock, KeyedMoments
from nbo.simulate.customers import People

__all__ = ["COMPLAINT_DAYS", "COMPLAINT_FACTOR", "CONTACT_DAYS", "Lives", "live"]

# The hazard is so many times as high on so many days after a complaint.
COMPLAINT_FACTOR = 3.0
COMPLAINT_DAYS = 60

# Days after a contact on which a sleeping dog may leave because of it.
CONTACT_DAYS = 14

_CONTACT_SHARE = 0.0125

# Who, and at which second, in order of time.
Moments = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True, eq=False)
class Lives:
    """What happened in the customers' lives.

    Attributes
    ----------
    left : ndarray of int, shape (n,)
        Second of leaving, a midnight; `NEVER` for those who are still there at the end.
    complainer, complained : ndarray of int, shape (n_complaints,)
        Who complained, at which second.
    contacted, contact_day : ndarray of int, shape (n_contacts,)
        Who was contacted, on which day, in order of the days.
    complaints, contacts : KeyedMoments
        The same, to be counted; a contact counts from the beginning of its day.
    """

    left: np.ndarray
    complainer: np.ndarray
    complained: np.ndarray
    contacted: np.ndarray
    contact_day: np.ndarray
    complaints: KeyedMoments
    contacts: KeyedMoments

    def hazard(self, people: People, rows: np.ndarray, seconds: np.ndarray) -> np.ndarray:
        """Give the hazard of leaving at the end of the day of a moment.

        Parameters
        ----------
        people : People
        rows : ndarray of int, shape (n,)
            Customers, who need not be there any more.
        seconds : ndarray of int, shape (n,)

        Returns
        -------
        ndarray of float, shape (n,)
            A day.
        """
        midnight = seconds // DAY * DAY
        upset = self.complaints.count(rows, midnight - COMPLAINT_DAYS * DAY, midnight) > 0
        bothered = self.contacts.count(rows, midnight - CONTACT_DAYS * DAY, midnight) > 0
        return people.hazard[rows] * np.where(upset, COMPLAINT_FACTOR, 1) + people.contact_hazard[rows] * bothered


def live(rng: np.random.Generator, people: People, contact_until: int, clock: Clock) -> Lives:
    """Let the customers live, day by day.

    A customer leaves at the end of the day on which the summed hazard passes an exponential
    draw. So complaints and contacts, which happen only to those who are there, change it.

    Parameters
    ----------
    rng : Generator
    people : People
    contact_until : int
        First day without contacts.
    clock : Clock

    Returns
    -------
    Lives
    """
    complaints = _moments(rng, people.complaint_rate * clock.end / YEAR, clock.end)
    contacts = _contact_plan(rng, people, contact_until)
    limit = rng.exponential(size=len(people))
    leaves, (complained, contacted) = _days_lived(people, limit, complaints, contacts, clock.days)
    complainer, complaint_second = (part[complained] for part in complaints)
    customer, contact_second = (part[contacted] for part in contacts)
    return Lives(
        left=np.where(leaves <= clock.days, leaves * DAY, NEVER),
        complainer=complainer,
        complained=complaint_second,
        contacted=customer,
        contact_day=contact_second // DAY,
        complaints=KeyedMoments(complainer, complaint_second, clock),
        contacts=KeyedMoments(customer, contact_second, clock),
    )


def _days_lived(
    people: People, limit: np.ndarray, complaints: Moments, contacts: Moments, days: int
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """First day without each customer, and which of the planned complaints and contacts happened."""
    arrives, leaves = -(-people.joined // DAY), np.full(len(people), days + 1)
    summed = np.zeros(len(people))
    upset_until, bothered_until = np.full(len(people), -1), np.full(len(people), -1)
    complained, contacted = np.zeros(len(complaints[0]), dtype=bool), np.zeros(len(contacts[0]), dtype=bool)
    plans = (
        (*complaints, complained, upset_until, COMPLAINT_DAYS),
        (*contacts, contacted, bothered_until, CONTACT_DAYS),
    )
    edges = [np.searchsorted(second, np.arange(days + 1) * DAY) for _, second, *_ in plans]
    for day in range(days):
        here = (arrives <= day) & (leaves > day)
        hazard = people.hazard * np.where(upset_until >= day, COMPLAINT_FACTOR, 1)
        summed += here * (hazard + people.contact_hazard * (bothered_until >= day))
        leaves[here & (summed >= limit)] = day + 1
        # What happens today works from tomorrow on.
        for (who, _, happened, until, length), edge in zip(plans, edges, strict=True):
            today = slice(edge[day], edge[day + 1])
            happened[today] = here[who[today]]
            until[who[today][happened[today]]] = day + length
    return leaves, (complained, contacted)


def _moments(rng: np.random.Generator, expected: np.ndarray, end: int) -> Moments:
    """Poisson moments of each customer, in order of time."""
    who = np.repeat(np.arange(len(expected)), rng.poisson(expected))
    when = rng.integers(0, end, len(who))
    order = np.argsort(when, kind="stable")
    return who[order], when[order]


def _contact_plan(rng: np.random.Generator, people: People, until: int) -> Moments:
    """Draw who is to be contacted on which day, at most once a day, if still there then."""
    cells = len(people) * until
    drawn = np.unique(rng.integers(0, max(cells, 1), rng.binomial(cells, _CONTACT_SHARE)))
    day, who = np.divmod(drawn, len(people))
    willing = people.consent[who].any(axis=1)
    return who[willing], day[willing] * DAY

"""What nobody knows outside a simulated world: the true chances, effects and hazards."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo.checks import check_matrix, check_rows
from nbo.simulate.customers import SEGMENTS
from nbo.simulate.lives import COMPLAINT_FACTOR, CONTACT_DAYS
from nbo.simulate.offers import CHANNELS
from nbo.simulate.responses import Responses

__all__ = ["UPLIFT_DAYS", "Truth"]

# Purchases so many days after a contact count for its effect.
UPLIFT_DAYS = 28


class Truth:
    """The truth of a simulated world, to compare estimates with.

    A world makes it: ``World(...).truth``. All columns are in the order of `offer_ids`.

    Parameters
    ----------
    responses : Responses
        The planted model.
    ids : array of str, shape (n,)
        Customer ids, in the order of the planted customers.

    Attributes
    ----------
    offer_ids : list of str
        The offers, in the catalog's order.
    complaint_factor : float
        How many times as high the hazard of leaving is on the 60 days after a complaint.

    Examples
    --------
    >>> from nbo.simulate import World
    >>> world = World(customers=50, days=30)
    >>> world.truth.acceptance(["C0000001", "C0000002"], "2025-01-20").shape
    (2, 12)
    """

    complaint_factor = COMPLAINT_FACTOR

    def __init__(self, responses: Responses, ids: pd.api.extensions.ExtensionArray) -> None:
        self._responses = responses
        self._index = pd.Index(ids)
        self.offer_ids = responses.offers.catalog.offer_ids

    def __repr__(self) -> str:
        return f"Truth({len(self._index)} customers, {len(self.offer_ids)} offers)"

    def acceptance(self, customer_ids: Any, as_of: Any, channels: Any = None) -> np.ndarray:
        """Give the chance that each customer accepts each offer, if it is made.

        Parameters
        ----------
        customer_ids : array-like of str, shape (n,)
        as_of : str, Timestamp, or array-like of shape (n,)
            When the offer is made: one moment, or one a customer, UTC.
        channels : array-like of str, shape (n, k), optional
            Channels used. By default each offer's first channel that the customer consents
            to, else its first.

        Returns
        -------
        ndarray of float, shape (n, k)
            In [0, 1]; 0 where the offer is not launched yet, or the customer has left or not
            signed up yet.

        Raises
        ------
        InputError
            If a customer or a channel is unknown, or a moment lies outside the world.
        """
        rows = self._rows(customer_ids)
        seconds = self._responses.clock.seconds(as_of, len(rows))
        offers = np.arange(len(self.offer_ids))
        return self._responses.acceptance(rows[:, None], offers, self._channels(rows, channels), seconds[:, None])

    def uplift(self, customer_ids: Any, as_of: Any) -> np.ndarray:
        """Give the effect of each offer on buying in its category, against no contact.

        It is the chance of at least one purchase in the offer's category within 28 days with
        the offer, less the chance without. Purchases that would come anyway count at the
        customer's long-run rate, not at what the clicks of the last days say; the effect is
        below 0 where a contact drives away more than the offer brings.

        Parameters
        ----------
        customer_ids : array-like of str, shape (n,)
        as_of : str, Timestamp, or array-like of shape (n,)
            When the offer is made, UTC.

        Returns
        -------
        ndarray of float, shape (n, k)
            In [-1, 1]; 0 for customers who are not there.

        Raises
        ------
        InputError
            If a customer is unknown, or a moment lies outside the world.
        """
        world, rows = self._responses, self._rows(customer_ids)
        accepted = self.acceptance(customer_ids, as_of)
        leaving = self.churn_hazard(customer_ids, as_of)[:, None]
        category = world.offers.category
        buying = world.people.rate[rows, None] * world.people.taste[rows][:, category] / 365.25
        harm = world.people.contact_hazard[rows, None]
        without = _bought(buying, leaving, 0 * harm)
        with_contact = _bought(buying, leaving, harm)
        there = world.alive(rows, world.clock.seconds(as_of, len(rows)))[:, None]
        return np.where(there, accepted + (1 - accepted) * with_contact - without, 0.0)

    def churn_hazard(self, customer_ids: Any, as_of: Any) -> np.ndarray:
        """Give the hazard of leaving at the end of the day of `as_of`.

        It knows the complaints and logged contacts of earlier days: 60 days after a complaint
        it is three times as high, and 14 days after a contact sleeping dogs have more of it.
        The chance of leaving that day is ``1 - exp(-hazard)``.

        Parameters
        ----------
        customer_ids : array-like of str, shape (n,)
        as_of : str, Timestamp, or array-like of shape (n,)
            UTC.

        Returns
        -------
        ndarray of float, shape (n,)
            A day; 0 for customers who are not there.

        Raises
        ------
        InputError
            If a customer is unknown, or a moment lies outside the world.
        """
        rows = self._rows(customer_ids)
        seconds = self._responses.clock.seconds(as_of, len(rows))
        hazard = self._responses.lives.hazard(self._responses.people, rows, seconds)
        return np.where(self._responses.alive(rows, seconds), hazard, 0.0)

    def contact_harm(self, customer_ids: Any) -> np.ndarray:
        """Give the chance that a contact drives away a customer who would have stayed.

        It works on the 14 days after the contact's day, with any offer, accepted or not.

        Parameters
        ----------
        customer_ids : array-like of str, shape (n,)

        Returns
        -------
        ndarray of float, shape (n,)
            Above 0 for sleeping dogs, 0 for all others.

        Raises
        ------
        InputError
            If a customer is unknown.
        """
        return -np.expm1(-CONTACT_DAYS * self._responses.people.contact_hazard[self._rows(customer_ids)])

    def expected_value(self, customer_ids: Any, as_of: Any, channels: Any = None) -> np.ndarray:
        """Give what making each offer brings on average: acceptance x value - cost.

        Parameters
        ----------
        customer_ids : array-like of str, shape (n,)
        as_of : str, Timestamp, or array-like of shape (n,)
            When the offer is made, UTC.
        channels : array-like of str, shape (n, k), optional
            As in :meth:`acceptance`.

        Returns
        -------
        ndarray of float, shape (n, k)
            Money; the harm of the contact is not in it.

        Raises
        ------
        InputError
            If a customer or a channel is unknown, or a moment lies outside the world.
        """
        catalog = self._responses.offers.catalog
        return self.acceptance(customer_ids, as_of, channels) * catalog.values - catalog.costs

    def segment(self, customer_ids: Any) -> np.ndarray:
        """Give the planted segment.

        Parameters
        ----------
        customer_ids : array-like of str, shape (n,)

        Returns
        -------
        ndarray of object (str), shape (n,)

        Raises
        ------
        InputError
            If a customer is unknown.
        """
        return np.array(SEGMENTS, dtype=object)[self._responses.people.segment[self._rows(customer_ids)]]

    def alive(self, customer_ids: Any, as_of: Any) -> np.ndarray:
        """Tell who has signed up and not left.

        Parameters
        ----------
        customer_ids : array-like of str, shape (n,)
        as_of : str, Timestamp, or array-like of shape (n,)
            UTC.

        Returns
        -------
        ndarray of bool, shape (n,)

        Raises
        ------
        InputError
            If a customer is unknown, or a moment lies outside the world.
        """
        rows = self._rows(customer_ids)
        return self._responses.alive(rows, self._responses.clock.seconds(as_of, len(rows)))

    def _rows(self, customer_ids: Any) -> np.ndarray:
        ids = pd.Series(customer_ids).reset_index(drop=True)
        rows = np.asarray(self._index.get_indexer(pd.Index(ids)))
        check_rows(rows < 0, ids, "customer_id", "customers of this world, such as 'C0000001'")
        return rows

    def _channels(self, rows: np.ndarray, channels: Any) -> np.ndarray:
        if channels is None:
            return self._responses.offers.first_channel(self._responses.people.consent[rows])
        matrix = check_matrix(channels, (len(rows), len(self.offer_ids)), "channels")
        places = np.asarray(pd.Index(CHANNELS).get_indexer(pd.Index(matrix.ravel()))).reshape(matrix.shape)
        check_rows(
            np.asarray((places < 0).any(axis=1)), list(map(tuple, matrix)), "channels", f"among {', '.join(CHANNELS)}"
        )
        return places


def _bought(buying: np.ndarray, leaving: np.ndarray, harm: np.ndarray) -> np.ndarray:
    """Chance of a purchase within the days of effect, when buying ends with leaving.

    The harm of a contact works on the first days only.
    """
    first = buying + leaving + harm
    stays = np.exp(-CONTACT_DAYS * first)
    later = buying + leaving
    rest = 1 - np.exp(-(UPLIFT_DAYS - CONTACT_DAYS) * later)
    return buying * ((1 - stays) / np.maximum(first, 1e-12) + stays * rest / np.maximum(later, 1e-12))

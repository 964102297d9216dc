"""A simulated world with all five data types, logged contacts and a known truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_keys, check_rows
from nbo.errors import InputError
from nbo.simulate.clock import Clock
from nbo.simulate.history import Contacts
from nbo.simulate.offers import CHANNELS
from nbo.simulate.simulation import simulate
from nbo.simulate.truth import Truth
from nbo.tables import Catalog
from nbo.times import check_time, check_times

__all__ = ["World"]


class World:
    """A simulated world with all five data types, logged contacts and a known truth.

    No public data set has all five data types together with randomized offers. This world
    does, and one can ask it what is really so: everything in it is simulated, nothing is
    measured on people. The truth is in `truth` only, never in the tables.

    Parameters
    ----------
    customers : int, default=20000
        Number of customers, 1 to 9,999,999.
    days : int, default=365
        Length of the world, 1 or more.
    seed : int, default=7
        0 or more. The same seed gives the same world.
    live_days : int, default=0
        Days at the end without logged contacts, 0 to `days`; there a policy can be tried with
        :meth:`answer`.
    start : str or Timestamp, default="2025-01-01"
        First moment, UTC.

    Attributes
    ----------
    tables : CustomerTables
        All tables, with the catalog, and the decisions and outcomes of the logged contacts.
    catalog : Catalog
        Twelve offers over four channels.
    truth : Truth
        What is really so.
    start, end, live_from : Timestamp
        The world runs from `start` to `end`, which is not included; contacts are logged
        until `live_from`, which is not included. Their answers may come up to 14 days later.

    Raises
    ------
    InputError
        If a number is out of its range or `start` is no time.
    TypeError
        If a number is not a whole number.

    Examples
    --------
    >>> world = World(customers=100, days=60, seed=1)
    >>> world
    World(customers=100, days=60, seed=1, live_days=0, start='2025-01-01')
    >>> world.tables.customers["customer_id"].nunique()
    100
    >>> world.truth.acceptance(["C0000001"], "2025-02-01").shape
    (1, 12)
    """

    def __init__(
        self,
        customers: int = 20_000,
        days: int = 365,
        seed: int = 7,
        live_days: int = 0,
        start: str | pd.Timestamp = "2025-01-01",
    ) -> None:
        self.customers = _whole(customers, "customers", 1, 9_999_999)
        self.days = _whole(days, "days", 1, 36_500)
        self.seed = _whole(seed, "seed", 0)
        self.live_days = _whole(live_days, "live_days", 0, self.days)
        self.start = check_time(start, "start")
        self.end = self.start + pd.Timedelta(days=self.days)
        self.live_from = self.end - pd.Timedelta(days=self.live_days)
        self._responses, self._ids, self.tables = simulate(
            self.customers, self.seed, self.days - self.live_days, Clock(self.start, self.days)
        )
        self.catalog: Catalog = self._responses.offers.catalog
        self.truth = Truth(self._responses, self._ids)

    def __repr__(self) -> str:
        return (
            f"World(customers={self.customers}, days={self.days}, seed={self.seed}, live_days={self.live_days}, "
            f"start={str(self.start.date() if self.start == self.start.normalize() else self.start)!r})"
        )

    def answer(self, decisions: Any, salt: str = "answers") -> pd.DataFrame:
        """Draw the answers that decisions would get, from the truth.

        Each answer depends on the decision's id, the world's seed and `salt` only, beside the
        truth: not on other rows or their order. The world itself does not change.

        Parameters
        ----------
        decisions : DataFrame of any library
            decision_id, customer_id, decided_at, offer_id and, if known, channel. A missing
            channel is the offer's first one that the customer consents to, else its first.
        salt : str, default="answers"
            Another salt gives independent answers. The logged outcomes have the salt "history".

        Returns
        -------
        DataFrame
            decision_id, outcome (accept or reject) and outcome_at, which is 1 minute to 14 days
            after decided_at. Decisions that get no answer, and those to make no offer, have no row.

        Raises
        ------
        InputError
            If a column is missing, a customer, offer or channel is unknown, or a moment is outside
            the world.
        """
        frame = check_frame(decisions, "decisions")
        check_columns(frame, [c.DECISION_ID, c.CUSTOMER_ID, c.DECIDED_AT, c.OFFER_ID], "decisions")
        check_keys(frame[c.DECISION_ID], f"decisions.{c.DECISION_ID}")
        contacts, made = self._contacts(frame)
        return self._responses.answers(made, contacts, f"{self.seed}/{salt}").frame

    def _contacts(self, frame: pd.DataFrame) -> tuple[Contacts, pd.Series]:
        """Look up the offers made by decisions, and the ids of these decisions."""
        offer_ids = [*self.catalog.offer_ids, c.NO_OFFER]
        rows = _places(frame[c.CUSTOMER_ID], self._ids, "customers of this world, such as 'C0000001'")
        offers = _places(frame[c.OFFER_ID], offer_ids, f"one of {', '.join(offer_ids)}")
        decided = check_times(frame[c.DECIDED_AT], f"decisions.{c.DECIDED_AT}")
        seconds = self._responses.clock.seconds(decided, len(frame))
        made = np.flatnonzero(offers < len(self.catalog))
        rows, offers = rows[made], offers[made]
        usual = self._responses.offers.first_channel(self._responses.people.consent[rows])
        channels = usual[np.arange(len(made)), offers].astype(np.int64)
        if c.CHANNEL in frame:
            given = frame[c.CHANNEL].where(frame[c.OFFER_ID] != c.NO_OFFER)
            places = _places(given, CHANNELS, f"one of {', '.join(CHANNELS)}, or missing", missing=True)[made]
            channels = np.where(places >= 0, places, channels)
        return Contacts(rows, seconds[made], offers, channels), frame[c.DECISION_ID].iloc[made].reset_index(drop=True)


def _places(values: pd.Series, known: Any, allowed: str, missing: bool = False) -> np.ndarray:
    """Positions of values in a list of those known; -1 for missing ones, where these are allowed."""
    check_keys(values.dropna() if missing else values, f"decisions.{values.name}")
    places = np.asarray(pd.Index(known).get_indexer(pd.Index(values)))
    wrong = (places < 0) & values.notna().to_numpy() if missing else places < 0
    check_rows(wrong, values, f"decisions.{values.name}", allowed)
    return places


def _whole(value: int, what: str, low: int, high: int | None = None) -> int:
    """Take a whole number in a range."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{what} must be a whole number; got {type(value).__name__}: {value!r}.")
    if value < low or (high is not None and value > high):
        limits = f"{low:,} or more" if high is None else f"from {low:,} to {high:,}"
        raise InputError(f"{what} must be {limits}; got {value}.")
    return int(value)

"""All (customer, offer, channel) triples of one decision run, and what the rules leave of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.arbitration.rule import Rule
from nbo.features.windows import rows_as_of
from nbo.tables import Catalog, CustomerTables, Spine

__all__ = ["Candidates"]


@dataclass(frozen=True)
class Candidates:
    """All (customer, offer, channel) triples of one decision run, and what the rules leave of them.

    Parameters
    ----------
    spine : Spine
        Who is decided, as of when; n rows.
    customers : DataFrame of n rows
        Attributes of each row's customer as of its moment, such as the consents; a customer
        that is not known has missing values.
    catalog : Catalog
        k offers.
    rules : tuple of Rule, default=()
        Asked in order; the first that refuses a triple gives its reason.
    """

    spine: Spine
    customers: pd.DataFrame
    catalog: Catalog
    rules: tuple[Rule, ...] = ()

    @classmethod
    def of(cls, tables: CustomerTables, spine: Spine, catalog: Catalog, rules: tuple[Rule, ...] = ()) -> Candidates:
        """Look the customers up as of the moments of the spine.

        Parameters
        ----------
        tables : CustomerTables
        spine : Spine
        catalog : Catalog
        rules : tuple of Rule, default=()

        Returns
        -------
        Candidates
        """
        frame = tables.get("customers")
        position = rows_as_of(frame, spine.frame, "customers")
        # Label -1 is in no frame, so a customer that is not known yet gets missing values.
        customers = frame.reset_index(drop=True).reindex(np.where(position >= 0, position, -1))
        return cls(spine, customers.reset_index(drop=True), catalog, tuple(rules))

    @property
    def shape(self) -> tuple[int, int, int]:
        """Customers, offers, channels."""
        return len(self.spine), len(self.catalog), len(self.channels)

    @property
    def as_of(self) -> np.ndarray:
        """Moments of the rows, ndarray of datetime64, shape (n,)."""
        return self.spine.frame[c.AS_OF].to_numpy()

    @cached_property
    def channels(self) -> list[str]:
        """The m channels that any offer names, sorted; one empty name where none names any."""
        return sorted({channel for offer in self.catalog for channel in offer.channels}) or [""]

    @cached_property
    def _ruled(self) -> tuple[np.ndarray, list[str]]:
        reasons = ["channel"]
        carried = [[not offer.channels or name in offer.channels for name in self.channels] for offer in self.catalog]
        codes = np.broadcast_to(np.where(np.array(carried), 0, 1), self.shape).astype(np.int16)
        for rule in self.rules:
            for reason, refused in rule.refused(self).items():
                reasons.append(reason)
                codes[np.broadcast_to(refused, self.shape) & (codes == 0)] = len(reasons)
        return codes, reasons

    @property
    def codes(self) -> np.ndarray:
        """0 where a triple is allowed, else 1 + the position of its reason; ndarray of int, shape (n, k, m)."""
        return self._ruled[0]

    @property
    def reasons(self) -> list[str]:
        """Reason codes; the first is "channel": the offer does not come by that channel."""
        return self._ruled[1]

    @cached_property
    def eligible(self) -> np.ndarray:
        """Whether an offer may come by any channel, ndarray of bool, shape (n, k)."""
        return (self.codes == 0).any(axis=2)

    @cached_property
    def channel(self) -> np.ndarray:
        """Position of the offer's most preferred allowed channel, -1 for none; ndarray of int, shape (n, k)."""
        last = len(self.channels)
        rank = np.full((len(self.catalog), last), last, dtype=np.int16)
        for row, offer in enumerate(self.catalog):
            order = [self.channels.index(name) for name in offer.channels] or list(range(last))
            rank[row, order] = np.arange(len(order))
        best = np.where(self.codes == 0, rank, last).argmin(axis=2)
        return np.where(self.eligible, best, -1)

    @property
    def channel_names(self) -> np.ndarray:
        """Name of that channel; of an offer that may not come, its first one; ndarray, shape (n, k)."""
        first = [self.channels.index(offer.channels[0]) if offer.channels else 0 for offer in self.catalog]
        names = np.array(self.channels, dtype=object)
        return np.asarray(names[np.where(self.channel >= 0, self.channel, np.array(first)[None, :])])

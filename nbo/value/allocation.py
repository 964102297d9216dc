"""Share out costs that name no customer, by what drives them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_numbers, check_one_of, check_rows
from nbo.tables.key_positions import key_positions
from nbo.value.cents import shared_out
from nbo.value.entries import Entries

__all__ = ["Driver", "allocated"]

_DRIVERS: Final = {
    "orders": "transactions",
    "revenue": "transactions",
    "contacts": "decisions",
    "cases": "cases",
}


@dataclass(frozen=True, eq=False)
class Driver:
    """How much each customer drives a cost, by period and channel.

    Parameters
    ----------
    n : int
        Customers.
    owner, period : ndarray of int, shape (m,)
    weight : ndarray, shape (m,)
        0 or more.
    channel : ndarray of object, shape (m,), optional
        None where it does not depend on the channel.
    """

    n: int
    owner: np.ndarray
    period: np.ndarray
    weight: np.ndarray
    channel: np.ndarray | None = None

    @classmethod
    def of(cls, by: Any, found: list[Entries], owners: list[np.ndarray], periods: list[np.ndarray], n: int) -> Driver:
        """Count what drives the costs.

        Parameters
        ----------
        by : {"orders", "revenue", "contacts", "cases"}
        found : list of Entries
        owners, periods : list of ndarray of int
            Of the rows of each of `found`.
        n : int

        Returns
        -------
        Driver

        Raises
        ------
        InputError
            If it is none of these.
        """
        table = _DRIVERS[check_one_of(by, list(_DRIVERS), "allocate")]
        at = next(at for at, entries in enumerate(found) if entries.table.name == table)
        weight = np.ones(len(owners[at]), dtype=np.int64)
        if table == "transactions":
            # A return is no order: its revenue is 0, as is that of a sale for nothing.
            revenue = np.maximum(found[at].cents["revenue"], 0)
            weight = revenue if by == "revenue" else (revenue > 0).astype(np.int64)
        return cls(n, owners[at], periods[at], weight, found[at].texts(c.CHANNEL))

    @classmethod
    def given(cls, weights: pd.Series, customers: pd.Index, n_periods: int) -> Driver:
        """Take the weights of a caller, the same in every period.

        Parameters
        ----------
        weights : Series
            0 or more, by customer.
        customers : Index
        n_periods : int

        Returns
        -------
        Driver

        Raises
        ------
        InputError
            If a weight is missing, below 0 or infinite.
        """
        numbers = check_numbers(weights, "allocate")
        check_rows(~((numbers >= 0) & np.isfinite(numbers)), numbers, "allocate", "finite, 0 or more, in every row")
        owner = key_positions(weights.index.to_series(), customers, "allocate")
        period = np.repeat(np.arange(n_periods), len(numbers))
        # Proportions only count, and huge weights have no sum.
        shares = numbers / (numbers.max(initial=0.0) or 1.0)
        return cls(len(customers), np.tile(owner, n_periods), period, np.tile(shares, n_periods))

    def weights(self, period: int, channel: str) -> np.ndarray:
        """Give the weight of each customer; with a channel, only what happened there; shape (n,)."""
        counts = (self.owner >= 0) & (self.period == period)
        if channel and self.channel is not None:
            counts &= self.channel == channel
        return np.bincount(self.owner[counts], self.weight[counts], minlength=self.n)


def allocated(
    given: Entries, period: np.ndarray, free: np.ndarray, driver: Driver
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Share out what names no customer over those who drive it, in the same period and channel.

    Parameters
    ----------
    given : Entries
        Costs.
    period : ndarray of int, shape (m,)
        Of each of them.
    free : ndarray of bool, shape (m,)
        Which name no customer.
    driver : Driver

    Returns
    -------
    done : ndarray of bool, shape (m,)
        Which are shared out; those that nobody drives are not.
    owner, when, cents : ndarray of int
        The shares, which add up to what is shared out.
    """
    channel = np.array([text or "" for text in given.texts(c.CHANNEL)], dtype=object)
    done, shares = np.zeros(len(free), dtype=bool), [np.empty((3, 0), dtype=np.int64)]
    for when, name in sorted(set(zip(period[free].tolist(), channel[free].tolist(), strict=True))):
        mine, weights = free & (period == when) & (channel == name), driver.weights(when, name)
        if not weights.any():
            continue
        done |= mine
        total = int(given.cents["other_cost"][mine].sum())
        who = np.flatnonzero(weights)
        shares.append(np.stack([who, np.full(len(who), when), shared_out(total, weights[who])]))
    owner, whens, cents = np.concatenate(shares, axis=1)
    return done, owner, whens, cents

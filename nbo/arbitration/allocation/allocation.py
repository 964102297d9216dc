"""What an allocation gives to whom, what it is worth, and what it could be worth at most."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from nbo.arbitration.allocation.limit import Limit
from nbo.arbitration.allocation.prices import Prices

__all__ = ["Allocation"]


@dataclass(frozen=True, eq=False)
class Allocation:
    """Offers for customers under limits, none of which is broken.

    Parameters
    ----------
    assignment : ndarray of int, shape (n, slots)
        Columns of the offers of each customer; -1 for none.
    prices : Prices
        Price of one unit of each limit.
    value : float
        Sum of the priorities given.
    bound : float
        No allocation within the limits is worth more, by the prices.
    gap : float
        (bound - value) / value, 0 or more: what is lost at most; inf where nothing is given though something may be.
    used : ndarray of shape (m,)
        What is used of each limit; of a limit on a share, the share.
    priorities : ndarray of shape (n, slots)
        Priority of each offer given; NaN for none.
    limits : tuple of Limit
    index : Index
        Name of each customer.
    notes : tuple of str
        What to mind, such as offers that are worth nothing to anybody.
    """

    assignment: np.ndarray
    prices: Prices
    value: float
    bound: float
    gap: float
    used: np.ndarray
    priorities: np.ndarray
    limits: tuple[Limit, ...] = ()
    index: pd.Index = field(default_factory=lambda: pd.RangeIndex(0))
    notes: tuple[str, ...] = ()

    def shadow_prices(self) -> pd.DataFrame:
        """Tell what one more unit of each limit is worth.

        Returns
        -------
        DataFrame of m rows
            `limit`, `price` (what one more unit is worth, in the unit of the priority; of a minimum, what one unit
            less would be worth, as a number below 0), `used`, `at_least` and `at_most` (NaN where there is none; shares
            of limits on a share), `one_more_at_most` (proven: one more unit of a maximum adds no more than this, as no
            allocation gets above the bound).
        """
        amounts = [
            (limit.at_least, limit.at_most) if limit.share is None else (limit.at_least_share, limit.at_most_share)
            for limit in self.limits
        ]
        low, high = (np.array([pair[side] for pair in amounts], dtype=float) for side in (0, 1))
        price = np.asarray(self.prices)
        return pd.DataFrame(
            {
                "limit": pd.Series(list(self.prices.names), dtype="str"),
                "price": price,
                "used": self.used,
                "at_least": low,
                "at_most": high,
                "one_more_at_most": np.where(np.isnan(high), np.nan, np.maximum(price, 0) + self.bound - self.value),
            }
        )

    def to_frame(self) -> pd.DataFrame:
        """List what is given.

        Returns
        -------
        DataFrame
            A row for each offer given: `customer` (of the index of the priority, or the row number), `slot` from 0,
            `offer_id` and `priority`.
        """
        row, slot = np.nonzero(self.assignment >= 0)
        offers = pd.Index(list(self.prices.offer_ids))
        return pd.DataFrame(
            {
                "customer": self.index[row],
                "slot": slot,
                "offer_id": offers[self.assignment[row, slot]],
                "priority": self.priorities[row, slot],
            }
        )

    @property
    def summary(self) -> dict[str, Any]:
        """Customers, customers served, offers given, value, bound, gap, and offers given by offer."""
        given = np.bincount(self.assignment[self.assignment >= 0], minlength=len(self.prices.offer_ids))
        return {
            "customers": len(self.assignment),
            "served": int((self.assignment >= 0).any(axis=1).sum()),
            "given": int(given.sum()),
            "value": self.value,
            "bound": self.bound,
            "gap": self.gap,
            "by_offer": dict(zip(self.prices.offer_ids, given.tolist(), strict=True)),
        }

    def __str__(self) -> str:
        found = self.summary
        head = (
            f"{found['given']:,} offers for {found['served']:,} of {found['customers']:,} customers, worth "
            f"{self.value:.8g}; at most {self.bound:.8g} is possible (gap {self.gap:.2g})."
        )
        return "\n".join([head, *self.notes])

    def _repr_html_(self) -> str:
        lines = "".join(f"<p>{html.escape(line)}</p>" for line in str(self).splitlines())
        table = self.shadow_prices().to_html(index=False, float_format="{:.6g}".format, na_rep="", border=0)
        return lines + (table if self.limits else "")

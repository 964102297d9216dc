"""Customers who brought others, and what those bought."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any

import pandas as pd

from nbo import columns as c
from nbo.value.concentration_result import Concentration
from nbo.value.money_html import money_html

__all__ = ["Referrers"]

_SHOWN = 20


@dataclass(frozen=True, eq=False, repr=False)
class Referrers:
    """Customers who brought others, and what those bought.

    Parameters
    ----------
    customers : DataFrame
        All who referred anybody in the span or have the credit of a sale in it, those with most first: customer_id,
        `referrals` (made in the span), `sales` (credited; with split credit parts of sales) and `value` (credited,
        money).
    concentration : Concentration
        Of the value over these customers: the curve, and how few have how much.
    credit : {"first", "split"}
    n_sales : int
        First purchases of people referred, in the span.
    credited_cents, unallocated_cents, total_cents : int
        Value of these purchases: credited to customers, to nobody, and in all.
    """

    customers: pd.DataFrame
    concentration: Concentration
    credit: str
    n_sales: int
    credited_cents: int
    unallocated_cents: int
    total_cents: int

    def top(self, part: float = 0.8) -> list[Any]:
        """List the fewest customers who together have a part of the credited value.

        Parameters
        ----------
        part : float, default=0.8
            In (0, 1].

        Returns
        -------
        list
            The one with most first; nobody where nothing is credited.

        Raises
        ------
        InputError
            If the part is not in (0, 1].
        """
        fewest = self.concentration.fewest_for(part).value
        return self.concentration.members(fewest) if fewest > 0 else []

    def reconcile(self) -> pd.DataFrame:
        """Set what is credited next to the value of all sales that referrals brought.

        Returns
        -------
        DataFrame
            One row in whole cents: customers, unallocated, total and difference, which is 0.
        """
        row = {"customers": self.credited_cents, "unallocated": self.unallocated_cents, "total": self.total_cents}
        return pd.DataFrame([{**row, "difference": self.total_cents - self.credited_cents - self.unallocated_cents}])

    def __repr__(self) -> str:
        told = (
            f"{self.n_sales:,} people referred bought for {self.total_cents / 100:,.2f}; "
            f"{self.unallocated_cents / 100:,.2f} is credited to nobody."
        )
        if not self.credited_cents:
            return told
        few = self.concentration.fewest_for(0.8)
        return f"{told} Of {self.customers[c.CUSTOMER_ID].nunique():,} referrers {few} brought 80 % of the rest."

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(repr(self))}</p>{money_html(self.customers, _SHOWN)}"

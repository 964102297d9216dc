"""Customers with a loss, the sum of it, and what drives it."""

from __future__ import annotations

import html
from dataclasses import dataclass

import pandas as pd

from nbo.value.concentration_result import ShareEstimate
from nbo.value.money_html import money_html

__all__ = ["LossMakers"]

_SHOWN = 20


@dataclass(frozen=True, eq=False, repr=False)
class LossMakers:
    """Customers with a loss, the sum of it, and what drives it.

    Parameters
    ----------
    customers : DataFrame
        Those with a loss, the largest first: customer_id, revenue, profit, loss (above 0), `driver` (the cost furthest
        above the norm, or if none is the largest) and `excess` (by how much), in money.
    drivers : DataFrame
        driver, customers, loss and excess: totals by driver, the largest loss first.
    curve : DataFrame
        The whale curve: customers (share, the most profitable first), profit (added up, money) and share of the whole
        profit; NaN where that is not above 0. At most 1,002 points, the peak among them.
    share : ShareEstimate
        Of the customers who make a loss.
    peak : ShareEstimate
        Profit of those without a loss as a share of the whole: above 1 where others make losses. NaN where the whole is
        not above 0.
    n_customers : int
    gain_cents, loss_cents, total_cents : int
        Profit of those who make one, loss of those who make one (above 0), and the profit of all.
    """

    customers: pd.DataFrame
    drivers: pd.DataFrame
    curve: pd.DataFrame
    share: ShareEstimate
    peak: ShareEstimate
    n_customers: int
    gain_cents: int
    loss_cents: int
    total_cents: int

    @property
    def loss(self) -> float:
        """Sum of the losses, above 0, money."""
        return self.loss_cents / 100

    def reconcile(self) -> pd.DataFrame:
        """Set gains and losses next to the profit of all customers.

        Returns
        -------
        DataFrame
            One row in whole cents: gains, losses, total and difference, which is 0.
        """
        row = {"gains": self.gain_cents, "losses": self.loss_cents, "total": self.total_cents}
        return pd.DataFrame([{**row, "difference": self.total_cents - self.gain_cents + self.loss_cents}])

    def __repr__(self) -> str:
        return (
            f"{len(self.customers):,} of {self.n_customers:,} customers make a loss ({self.share}), in all "
            f"{self.loss:,.2f}. The others make {self.peak} of the profit, {self.total_cents / 100:,.2f}."
        )

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(repr(self))}</p>{money_html(self.drivers)}{money_html(self.customers, _SHOWN)}"

"""Three levels of knowing what customers are worth, next to the tables."""

from __future__ import annotations

import html
from dataclasses import dataclass

import pandas as pd

from nbo import columns as c
from nbo.value.money_html import money_html
from nbo.value.profitability_result import Profitability

__all__ = ["ValueLevels"]

_SHOWN = 20


@dataclass(frozen=True, eq=False, repr=False)
class ValueLevels:
    """Three levels of knowing what customers are worth, next to the tables.

    Parameters
    ----------
    customers : DataFrame
        A row for each customer. Level 1: `sales` and `expense` (returns, goods and all other costs). Level 2: `profit`
        (sales less expense); recency_days (since the last purchase), frequency (purchases) and monetary (what was paid
        for them), recency_score, frequency_score, monetary_score in 1 to 5, and `segment`, as
        :class:`~nbo.segments.RFMSegmenter` names it. Level 3: `clv`, NaN where it is not known. Money.
    profitability : Profitability
        Behind the levels 1 and 2.
    unallocated_cents : int
        Sales that belong to no customer.
    spend_cents : int
        What the customers had paid for the purchases that the lifetime values rest on.
    clv_cents : int
        Sum of the lifetime values.
    given : bool
        Whether a caller gave the lifetime values.
    """

    customers: pd.DataFrame
    profitability: Profitability
    unallocated_cents: int
    spend_cents: int
    clv_cents: int
    given: bool

    def reconcile(self) -> pd.DataFrame:
        """Set each level next to the tables.

        Returns
        -------
        DataFrame
            level, what, customers, unallocated, total and difference, in whole cents; the difference is 0. The
            purchases that lifetime values rest on are those of level 1.
        """
        lines = self.profitability.reconcile().set_index("line")
        revenue, profit = lines.loc["revenue"], lines.loc["profit"]
        cents = {name: int((100 * self.customers[name]).round().sum()) for name in ("sales", "expense", "profit")}
        paid = int((100 * self.customers["monetary"]).round().sum())
        none, whole = revenue["unallocated"], revenue["total"]
        rows = [
            (1, "sales", cents["sales"], none, whole),
            (1, "expense", cents["expense"], none - profit["unallocated"], whole - profit["total"]),
            (2, "profit", cents["profit"], profit["unallocated"], profit["total"]),
            (2, "monetary", paid, self.unallocated_cents, whole),
            (3, "purchases behind clv", self.spend_cents, self.unallocated_cents, whole),
            (3, "clv", int((100 * self.customers[c.CLV]).round().sum()), 0, self.clv_cents),
        ]
        table = pd.DataFrame(rows, columns=["level", "what", "customers", "unallocated", "total"])
        return table.assign(difference=table["total"] - table["customers"] - table["unallocated"])

    def __repr__(self) -> str:
        sums = self.customers[["sales", "expense", "profit", c.CLV]].sum()
        told = ", ".join(f"{name} {amount:,.2f}" for name, amount in sums.items())
        known = int(self.customers[c.CLV].notna().sum())
        return (
            f"{len(self.customers):,} customers: {told} of {known:,} with a {'given' if self.given else 'model'} one."
        )

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(repr(self))}</p>{money_html(self.customers, _SHOWN)}"

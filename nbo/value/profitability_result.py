"""What each customer brought in and cost, next to the total of the tables."""

from __future__ import annotations

import html
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import pandas as pd

from nbo import columns as c
from nbo.value.cents import money
from nbo.value.money_html import money_html

__all__ = ["PERIOD", "Profitability"]

PERIOD: Final = "period"


@dataclass(frozen=True, eq=False, repr=False)
class Profitability:
    """What each customer brought in and cost, next to the total of the tables.

    The lines are revenue (completed sales), returns (money given back), goods (what they cost), `margin` (revenue less
    returns and goods), cost_to_serve, contact_cost, acquisition_cost, other_cost and `profit` (margin less these
    four). Costs are above 0. `discount` is told beside: it is in the lower revenue already.

    Parameters
    ----------
    start, end, as_of : Timestamp
        Rows of ``start <= time < end`` count, as known before `as_of`.
    cents : DataFrame
        Whole cents: customer_id, `period` (its first moment) if asked for, and the lines as int64. Without periods
        each customer has a row; with them each customer and period that has an entry.
    unallocated_cents : DataFrame
        A row for each period: `period`, and the lines of what belongs to no customer.
    total_cents : DataFrame
        A row for each period: `period`, and the lines of all rows of the tables, summed without looking at customers.
    by : str or None
        What the periods are.
    notes : DataFrame
        What is not known: table, what, n_rows.
    everybody : Index
        Ids of all customers, also of those without an entry.
    """

    start: pd.Timestamp
    end: pd.Timestamp
    as_of: pd.Timestamp
    cents: pd.DataFrame
    unallocated_cents: pd.DataFrame
    total_cents: pd.DataFrame
    by: str | None
    notes: pd.DataFrame
    everybody: pd.Index

    @property
    def lines(self) -> list[str]:
        """Names of the lines."""
        return [str(name) for name in self.total_cents.columns if name != PERIOD]

    @cached_property
    def customers(self) -> pd.DataFrame:
        """What `cents` holds, as money; float, the cent is exact."""
        return self.cents.assign(**{line: money(self.cents[line].to_numpy()) for line in self.lines})

    @property
    def unallocated(self) -> pd.Series:
        """Money that belongs to no customer, by line."""
        return self.unallocated_cents[self.lines].sum() / 100

    @property
    def total(self) -> pd.Series:
        """Money of the company, by line."""
        return self.total_cents[self.lines].sum() / 100

    def by_customer(self) -> pd.DataFrame:
        """Add up the periods of each customer.

        Returns
        -------
        DataFrame
            As `cents`, a row for each customer, in the order of their ids; 0 of who has no entry.
        """
        if self.by is None:
            return self.cents
        found = self.cents.groupby(c.CUSTOMER_ID, sort=False)[self.lines].sum()
        return found.reindex(self.everybody, fill_value=0).reset_index()

    def reconcile(self) -> pd.DataFrame:
        """Set the customers and what belongs to none next to the total, line by line and period by period.

        Returns
        -------
        DataFrame
            `period` if there are any, line, customers, unallocated, total and difference, in whole cents. The
            difference is 0 in every row.
        """
        sides = {"customers": self._customer_side(), "unallocated": self.unallocated_cents, "total": self.total_cents}
        long = {name: side.set_index(PERIOD)[self.lines].stack() for name, side in sides.items()}
        table = pd.concat(long, axis=1).rename_axis([PERIOD, "line"]).reset_index()
        table["difference"] = table["total"] - table["customers"] - table["unallocated"]
        return table if self.by is not None else table.drop(columns=PERIOD)

    def _customer_side(self) -> pd.DataFrame:
        periods = self.total_cents[PERIOD]
        if self.by is None:
            return self.cents[self.lines].sum().to_frame().T.assign(**{PERIOD: periods})
        found = self.cents.groupby(PERIOD)[self.lines].sum()
        return found.reindex(periods, fill_value=0).rename_axis(PERIOD).reset_index()

    def __repr__(self) -> str:
        return self._told()

    def _repr_html_(self) -> str:
        sides = {
            "customers": self.cents[self.lines].sum(),
            "unallocated": self.unallocated_cents[self.lines].sum(),
            "total": self.total_cents[self.lines].sum(),
        }
        table = (pd.DataFrame(sides) / 100).rename_axis("line").reset_index()
        notes = "".join(
            f"<li>{html.escape(str(row.table))}: {row.n_rows:,} rows {html.escape(str(row.what))}</li>"
            for row in self.notes.itertuples()
        )
        return f"<p>{html.escape(self._told())}</p>{money_html(table)}" + (f"<ul>{notes}</ul>" if notes else "")

    def _told(self) -> str:
        of_none = int(self.unallocated_cents["profit"].sum()) / 100
        return (
            f"Profit {int(self.total_cents['profit'].sum()) / 100:,.2f} from {self.start} to {self.end}, known before "
            f"{self.as_of}: {int(self.cents['profit'].sum()) / 100:,.2f} of {len(self.everybody):,} customers and "
            f"{of_none:,.2f} of none."
        )

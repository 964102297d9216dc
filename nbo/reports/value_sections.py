"""The parts of a report of customer value."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.features.windows import rows_as_of
from nbo.reports.section import Section
from nbo.segments import ServiceAssignment, align_services
from nbo.tables import CustomerTables, Spine
from nbo.value import (
    Concentration,
    LossMakers,
    Profitability,
    channel_profit,
    concentration,
    customer_costs,
    loss_makers,
    referrers,
    segment_profit,
    segment_value,
)
from nbo.value.given_segments import given_segments
from nbo.value.given_values import given_values
from nbo.views import plot_channel_profit, plot_concentration, plot_segment_value, plot_whale_curve

__all__ = ["ValueSections"]

# How many customers are listed.
_LISTED: Final = 1000
_COSTS: Final = ("cost_to_serve", "contact_cost", "acquisition_cost", "other_cost")


@dataclass(frozen=True)
class ValueSections:
    """Make the parts of a report of customer value.

    Parameters
    ----------
    tables : CustomerTables
    found, before : Profitability
        Of the period, and of that before.
    costs : DataFrame or None
        Costs that are in no table.
    level : float
        Of all intervals, in (0, 1).
    """

    tables: CustomerTables
    found: Profitability
    before: Profitability
    costs: Any
    level: float

    @cached_property
    def shares(self) -> Concentration:
        """How the profit is spread over the customers."""
        rows = self.found.customers
        return concentration(rows["profit"].to_numpy(), customers=rows[c.CUSTOMER_ID].to_numpy(), level=self.level)

    @cached_property
    def lost(self) -> LossMakers:
        """Who costs more than they bring in."""
        return loss_makers(self.found, level=self.level)

    def facts(self) -> dict[str, Any]:
        """Give the large numbers at the top."""
        facts: dict[str, Any] = {
            "Customers": len(self.found.cents),
            # Cents are in the tables.
            "Revenue": f"{self.found.total['revenue']:,.0f}",
            "Profit": f"{self.found.total['profit']:,.0f}",
            "Profit before": f"{self.before.total['profit']:,.0f}",
        }
        top = self.shares.share_of_top(0.2).value
        if np.isfinite(top):
            facts["Of it by the top 20 %"] = f"{100 * top:.0f} %"
        return (
            facts | {"Customers with a loss": f"{100 * self.lost.share.value:.1f} %"}
            if len(self.found.cents)
            else facts
        )

    def profit(self) -> Section:
        """Set the lines next to those of the period before."""
        now, then = self.found.total, self.before.total
        # Costs stand above 0; more of them is not better.
        table = pd.DataFrame({"line": self.found.lines, "amount": now.to_numpy(), "before": then.to_numpy()})
        revenue = float(now["revenue"])
        table["change"] = (now - then).round(2).to_numpy()
        table["of_revenue"] = now.to_numpy() / revenue if revenue > 0 else np.nan
        note = "All rows of the tables, also those of no customer; before: the period of the same length before."
        return Section("profit", "Profit and loss", table, note, percent=("of_revenue",))

    def reconciliation(self) -> Section:
        """Show that customers, and what belongs to none, add up to the total."""
        table = self.found.reconcile()
        money = {name: table[name] / 100 for name in ("customers", "unallocated", "total", "difference")}
        notes = "; ".join(f"{row.table}: {row.n_rows:,} rows {row.what}" for row in self.found.notes.itertuples())
        note = "Unallocated: rows without a known customer, and costs that name none." + (f" {notes}." if notes else "")
        return Section("reconciliation", "Customers add up to the company", table.assign(**money), note)

    def concentration(self) -> list[Section]:
        """Tell who makes the most of the profit."""
        if not np.isfinite(self.shares.share_of_top(0.2).value):
            return []
        best = self.found.customers.sort_values("profit", ascending=False, kind="stable", ignore_index=True)
        shown = best[[c.CUSTOMER_ID, "revenue", "margin", *_COSTS, "profit"]].head(_LISTED)
        note = "Shares of the profit of all customers; above 100 % where others make losses."
        caption = "Profit of the customers, the most profitable first."
        return [
            Section(
                "concentration", "Who makes the profit", self.shares.summary(), note,
                plot=lambda _: plot_concentration(self.shares), caption=caption, percent=("value", "low", "high"),
            ),
            Section(
                "top_customers", "The most profitable customers", shown, f"Up to {_LISTED:,}, the best first.", rows=10
            ),
        ]  # fmt: skip

    def losses(self) -> list[Section]:
        """Tell who costs more than they bring in, and why."""
        if not len(self.lost.customers):
            return []
        note = (
            "Driver: the cost that is furthest above what it is, at the same revenue, with all customers together; "
            "excess: by how much."
        )
        caption = "Profit added up, the most profitable customers first: what rises above the whole is lost again."
        customers = self.lost.customers.head(_LISTED)
        return [
            Section(
                "loss_drivers", "Customers with a loss", self.lost.drivers, note,
                plot=lambda _: plot_whale_curve(self.lost), caption=caption,
            ),
            Section(
                "loss_customers", "The largest losses", customers, f"Up to {_LISTED:,}, the largest first.", rows=10
            ),
        ]  # fmt: skip

    def segments(self, name: str, labels: Any, clv: pd.Series | None) -> list[Section]:
        """Report the segments of a scheme: profit, costs, and what they will be worth."""
        profit = segment_profit(self.found, labels)
        columns = (
            c.SEGMENT, "customers", "customer_share", "revenue", "margin", *_COSTS, "profit", "profit_share",
            "profit_per_customer", "with_loss",
        )  # fmt: skip
        spent = customer_costs(
            self.tables, self.found.start, self.found.end, segments=labels, as_of=self.found.as_of, costs=self.costs
        ).segments
        sections = [
            Section(
                f"segments_{name}", f"Profit by {name}", profit, "The most profitable first; all rows add up.", columns,
                percent=("customer_share", "profit_share"),
            ),
            Section(
                f"costs_{name}", f"Costs to acquire, serve and retain by {name}", spent,
                "Each cost is in one column; per head: of new customers, or of all.",
            ),
        ]  # fmt: skip
        worth = None if clv is None else self._worth(labels, clv)
        return sections if worth is None else [*sections, self._worth_section(name, worth)]

    def services(self, service: ServiceAssignment | None) -> list[Section]:
        """Line up segments with the services that they get."""
        if service is None:
            return []
        note = "The most profitable segments first; minutes of staff and cost are per month."
        columns = (
            c.SEGMENT, "level", "owner", c.CHANNEL, "n", "share", "profit", "profit_share", "profit_per_customer",
            "staff_minutes", "service_cost",
        )  # fmt: skip
        table = align_services(service)
        return [
            Section("services", "Segments and their service", table, note, columns, percent=("share", "profit_share"))
        ]

    def channels(self) -> Section:
        """Report each channel."""
        found = channel_profit(self.tables, self.found.start, self.found.end, as_of=self.found.as_of, costs=self.costs)
        note = "Each row counts in the channel that it names. An account, not what would be without the channel."
        caption = "Margin and costs of each channel."
        table = found.channels
        return Section(
            "channels",
            "Profit and loss by channel",
            table,
            note,
            plot=lambda _: plot_channel_profit(found),
            caption=caption,
        )

    def referrers(self) -> list[Section]:
        """Report who brings other customers."""
        if c.CONVERTED_AT not in self.tables.columns("referrals"):
            return []
        found = referrers(self.tables, self.found.start, self.found.end, as_of=self.found.as_of, level=self.level)
        if not len(found.customers):
            return []
        few = found.concentration.fewest_for(0.8)
        told = "" if not np.isfinite(few.value) else f" {100 * few.value:.0f} % of them brought 80 % of these sales."
        note = f"Credited with first purchases of people whom they referred, each purchase once.{told}"
        return [Section("referrers", "Who brings other customers", found.customers.head(_LISTED), note, rows=10)]

    def _worth(self, labels: Any, clv: pd.Series) -> pd.DataFrame | None:
        """Sum the worth of customers whose segment and value are known."""
        rows = self.found.customers
        people = pd.Index(rows[c.CUSTOMER_ID])
        known, value = given_segments(labels, people), given_values(clv, people, "clv")
        both = known.notna().to_numpy() & ~np.isnan(value)
        if not both.any():
            return None
        return segment_value(
            value[both],
            known[both].to_numpy(),
            current=rows["profit"][both],
            acquisition_cost=self._paid(people[both]),
            level=self.level,
        )

    def _paid(self, customers: pd.Index) -> np.ndarray | None:
        """Give what it cost to win each customer, as known last; NaN where that is not known."""
        table = self.tables.columns("customers")
        if not self.tables.has("customers") or "acquisition_cost" not in table:
            return None
        rows = rows_as_of(table, Spine.at(self.found.as_of, customers.to_frame(index=False, name=c.CUSTOMER_ID)).frame)
        return np.append(table.numbers("acquisition_cost"), np.nan)[rows]

    def _worth_section(self, name: str, worth: pd.DataFrame) -> Section:
        note = "Expected margin to come, of customers whose value is known; current: profit of the period."
        return Section(
            f"worth_{name}", f"Worth by {name}", worth, note, plot=plot_segment_value,
            caption="Expected margin to come by segment, with its interval.", percent=("clv_share",),
        )  # fmt: skip

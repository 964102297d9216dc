"""What each customer brings in and costs, to the cent."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.tables import CustomerTables
from nbo.value.allocation import Driver, allocated
from nbo.value.entries import Entries
from nbo.value.postings import Postings, all_entries, customers_of, notes_of, tallied
from nbo.value.profitability_result import PERIOD, Profitability
from nbo.value.span import Span

__all__ = ["profitability"]


def profitability(
    tables: CustomerTables,
    start: Any,
    end: Any,
    *,
    as_of: Any = None,
    costs: Any = None,
    by: str | None = None,
    allocate: Any = None,
) -> Profitability:
    """Tell what each customer brought in and cost, to the cent, and what belongs to no customer.

    Every amount is rounded to whole cents, row by row, and summed as an integer. Revenue is that of completed sales; a
    return gives money back, and its goods come back. What goods cost is the amount less the margin or, where that
    is missing, `cost`; where both are, 0, and a note counts the rows. Cases cost what it says to serve them, at the
    time when they were opened. Each decision to make an offer costs what the catalog says of the offer and the
    treatment. Winning a customer costs what the customer's row known last says, at `signed_up_at`.

    Rows are counted as they stand: ``tables.validate()`` finds those that stand twice.

    Parameters
    ----------
    tables : CustomerTables
        Each table may be missing. Customers are those of the table of customers known before `as_of`; without it,
        all who have an entry.
    start, end : Timestamp or str
        UTC; rows of ``start <= time < end`` count.
    as_of : Timestamp or str, optional
        Rows count that happened and were known before it; `end` by default.
    costs : DataFrame, optional
        Costs that are in no table: `event_time`, `amount` and, if known, `customer_id`, `known_at`, `kind`, `channel`.
    by : {"month", "quarter", "year"} or str, optional
        Periods, or a frequency of pandas such as "7D", which counts from `start`. By default one.
    allocate : {"orders", "revenue", "contacts", "cases"} or Series, optional
        What drives costs that name no customer: they are shared out in proportion, within the period and, if the cost
        names one, the channel. A Series has a weight for each customer, such as minutes of calls. What nobody
        drives, and by default all, belongs to no customer.

    Returns
    -------
    Profitability

    Raises
    ------
    InputError
        If a time or `by` is not one, an event has no time, money is no number, or the driver is unknown.

    Examples
    --------
    >>> sales = pd.DataFrame({"customer_id": ["ann", "ann", None], "event_time": "2026-01-05",
    ...                       "amount": [10.0, 5.5, 2.0], "margin": [4.0, 1.5, 1.0]})
    >>> found = profitability(CustomerTables(transactions=sales), "2026-01-01", "2026-02-01")
    >>> found.customers[["customer_id", "revenue", "goods", "margin", "profit"]].values.tolist()
    [['ann', 15.5, 10.0, 5.5, 5.5]]
    >>> float(found.unallocated["profit"]), float(found.total["profit"])
    (1.0, 6.5)
    """
    span = Span.of(start, end, as_of, by)
    found = all_entries(tables, span, costs)
    customers = customers_of(tables, span, found)
    owners = [entries.owners(customers) for entries in found]
    periods = [span.periods(entries.times) for entries in found]
    total = tallied([Postings(period, e.cents) for e, period in zip(found, periods, strict=True)], len(span.starts))
    if allocate is not None:
        found, owners, periods = _shared(found, owners, periods, customers, len(span.starts), allocate)
    nobody = [
        Postings(np.where(owner < 0, period, -1), e.cents)
        for e, owner, period in zip(found, owners, periods, strict=True)
    ]
    when = pd.Series(span.starts, name=PERIOD)
    return Profitability(
        start=span.start,
        end=span.end,
        as_of=span.as_of,
        cents=_customer_cents(found, owners, periods, customers, None if by is None else when),
        unallocated_cents=pd.concat([when, tallied(nobody, len(when))], axis=1),
        total_cents=pd.concat([when, total], axis=1),
        by=by,
        notes=notes_of(found),
        everybody=customers,
    )


def _shared(
    found: list[Entries],
    owners: list[np.ndarray],
    periods: list[np.ndarray],
    customers: pd.Index,
    n_periods: int,
    by: Any,
) -> tuple[list[Entries], list[np.ndarray], list[np.ndarray]]:
    """Put the shares of costs that name no customer in the place of the costs."""
    if isinstance(by, pd.Series):
        driver = Driver.given(by, customers, n_periods)
    else:
        driver = Driver.of(by, found, owners, periods, len(customers))
    costs = found[-1]
    named = costs.table[c.CUSTOMER_ID].notna().to_numpy()[costs.rows] if c.CUSTOMER_ID in costs.table else False
    done, owner, when, cents = allocated(costs, periods[-1], ~np.broadcast_to(named, len(costs.rows)), driver)
    times = np.concatenate([costs.times[~done], np.zeros(len(owner), dtype=np.int64)])
    kept = {"other_cost": np.concatenate([costs.cents["other_cost"][~done], cents])}
    # The shares stand behind the rows of the costs; they are asked for nothing but these cents.
    rows = np.concatenate([costs.rows[~done], np.zeros(len(owner), dtype=costs.rows.dtype)])
    shared = Entries(costs.table, rows, times, kept, notes=costs.notes)
    who = [*owners[:-1], np.concatenate([owners[-1][~done], owner])]
    return [*found[:-1], shared], who, [*periods[:-1], np.concatenate([periods[-1][~done], when])]


def _customer_cents(
    found: list[Entries],
    owners: list[np.ndarray],
    periods: list[np.ndarray],
    customers: pd.Index,
    when: pd.Series | None,
) -> pd.DataFrame:
    """Add up each customer or, with periods, each customer and period that has an entry."""
    if when is None:
        parts = [Postings(owner, e.cents) for e, owner in zip(found, owners, strict=True)]
        return pd.concat([customers.to_frame(index=False), tallied(parts, len(customers))], axis=1)
    n = len(when)
    cells = [
        np.where(owner < 0, -1, owner.astype(np.int64) * n + at) for owner, at in zip(owners, periods, strict=True)
    ]
    touched = np.zeros(len(customers) * n, dtype=bool)
    for cell in cells:
        touched[cell[cell >= 0]] = True
    # Behind the last one stands -1, for the rows of no customer.
    place = np.append(np.cumsum(touched) - 1, -1)
    parts = [Postings(place[cell], e.cents) for e, cell in zip(found, cells, strict=True)]
    cell = np.flatnonzero(touched)
    keys = pd.DataFrame({c.CUSTOMER_ID: customers[cell // n], PERIOD: when.to_numpy()[cell % n]})
    return pd.concat([keys, tallied(parts, len(cell))], axis=1)

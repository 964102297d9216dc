"""The history of each customer in four numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_one_of
from nbo.models.btyd.discounting import PERIODS_PER_YEAR
from nbo.models.btyd.histories import UNIT
from nbo.models.btyd.purchase_days import purchase_days

__all__ = ["days_per_unit", "purchase_summary"]


def purchase_summary(transactions: Any, as_of: Any, unit: str = "W", column: str = c.AMOUNT) -> pd.DataFrame:
    """Summarize the purchases of each customer, as known at a moment.

    Only completed sales count, and those of one day are one purchase. Time is counted in whole days, to the last day
    that has begun before `as_of`: for ``as_of="1997-10-01"`` it is September 30th.

    Parameters
    ----------
    transactions : DataFrame or CustomerTables
        Rows of the table `transactions`.
    as_of : str or Timestamp
        UTC. A sale counts if it happened and was known strictly before it.
    unit : {"D", "W", "M", "Q", "Y"}, default="W"
        Unit of `recency` and `T`; a year has 365.25 days.
    column : {"amount", "margin"}, default="amount"
        The money.

    Returns
    -------
    DataFrame
        One row per customer with a purchase, by customer: ``customer_id``; ``frequency``, the number of
        repeat purchases; ``recency``, time from the first to the last purchase; ``T``, time from the first
        purchase to `as_of`; ``monetary``, mean money of a repeat purchase, missing where there is
        none; ``monetary_all``, the same with the first one; ``first_purchase``, its day. Its ``attrs["unit"]`` is
        the unit, for models that count time in another one to refuse it.

    Raises
    ------
    InputError
        If a column is missing, or an argument or a value is not allowed.

    Examples
    --------
    >>> sales = pd.DataFrame(
    ...     {
    ...         "customer_id": ["ann", "ann", "ann", "bob"],
    ...         "event_time": ["2026-01-01 09:00", "2026-01-01 17:00", "2026-01-15", "2026-01-20"],
    ...         "amount": [10.0, 5.0, 30.0, 8.0],
    ...     }
    ... )
    >>> purchase_summary(sales, as_of="2026-01-30").drop(columns="first_purchase")
      customer_id  frequency  recency         T  monetary  monetary_all
    0         ann          1      2.0  4.000000      30.0          22.5
    1         bob          0      0.0  1.285714       NaN           8.0
    """
    check_one_of(column, (c.AMOUNT, c.MARGIN), "column")
    length = days_per_unit(unit)
    days = purchase_days(transactions, as_of, column)
    start = days.start
    count = np.diff(start, append=len(days.day))
    first, latest = days.day[start], days.day[start + count - 1]
    repeat = days.spend.copy()
    repeat[start] = 0.0
    # `reduceat` has no answer for no rows at all.
    spend, repeat = (np.add.reduceat(values, start) if len(start) else values for values in (days.spend, repeat))
    table = pd.DataFrame(
        {
            c.CUSTOMER_ID: days.customers,
            "frequency": count - 1,
            "recency": (latest - first) / length,
            "T": (days.last - first) / length,
            "monetary": repeat / np.where(count > 1, count - 1, np.nan),
            "monetary_all": spend / count,
            "first_purchase": first.astype("datetime64[D]").astype("datetime64[us]"),
        }
    )
    table.attrs[UNIT] = unit
    return table


def days_per_unit(unit: str) -> float:
    """Give the days of a unit of time.

    Parameters
    ----------
    unit : {"D", "W", "M", "Q", "Y"}

    Returns
    -------
    float

    Raises
    ------
    InputError
        If it is another.

    Examples
    --------
    >>> days_per_unit("M")
    30.4375
    """
    check_one_of(unit, tuple(PERIODS_PER_YEAR), "unit")
    return PERIODS_PER_YEAR["D"] / PERIODS_PER_YEAR[unit]

"""Days on which customers bought, as of a moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame
from nbo.errors import InputError
from nbo.features.builders.transaction import completed_sales
from nbo.features.windows import known_before
from nbo.tables import CustomerTables, TableColumns
from nbo.times import check_time

__all__ = ["PurchaseDays", "purchase_days"]

_DAY = 86_400_000_000


@dataclass(frozen=True)
class PurchaseDays:
    """Each day on which a customer bought, once, by customer and day.

    Parameters
    ----------
    customers : Index of k customers
        Those with a purchase.
    customer : ndarray of int, shape (m,)
        Position in `customers`, rising.
    day : ndarray of int, shape (m,)
        Days since 1970, rising within a customer.
    spend : ndarray of float, shape (m,)
        Sum over the day; NaN where a sale has no amount.
    last : int
        The last day that is over, or begun, before the moment.
    """

    customers: pd.Index
    customer: np.ndarray
    day: np.ndarray
    spend: np.ndarray
    last: int

    @property
    def start(self) -> np.ndarray:
        """Where each customer's days begin, shape (k,)."""
        return np.searchsorted(self.customer, np.arange(len(self.customers)))


def purchase_days(transactions: Any, as_of: Any, column: str) -> PurchaseDays:
    """Find the days on which customers bought, as known at a moment.

    Parameters
    ----------
    transactions : DataFrame or CustomerTables
        Rows of the table `transactions`. Completed sales count.
    as_of : str or Timestamp
        Sales strictly before it count, if they were known strictly before it.
    column : str
        The money to sum; where the table lacks it, spend is NaN.

    Returns
    -------
    PurchaseDays

    Raises
    ------
    InputError
        If a column is missing, or a value is not allowed.
    """
    moment = check_time(as_of)
    given = transactions
    tables = (
        given if isinstance(given, CustomerTables) else CustomerTables(transactions=check_frame(given, "transactions"))
    )
    table = tables.columns("transactions")
    check_columns(table, [c.CUSTOMER_ID, c.EVENT_TIME], "transactions")
    counts = known_before(table, moment) & completed_sales(table)
    keys = table[c.CUSTOMER_ID]
    if counts.any() and keys[counts].isna().any():
        raise InputError("transactions.customer_id must be there in every sale. Leave out sales of unknown customers.")
    owners, customers = pd.factorize(keys[counts].astype(_plain(keys)), sort=True)
    days = table.times(c.EVENT_TIME)[counts] // _DAY
    spend = _money(table, column)[counts]
    last = (moment - pd.Timedelta(1, unit="us") - pd.Timestamp(0)) // pd.Timedelta(1, unit="D")
    return _merged(pd.Index(customers), owners.astype(np.int64), days, spend, int(last))


def _merged(customers: pd.Index, owners: np.ndarray, days: np.ndarray, spend: np.ndarray, last: int) -> PurchaseDays:
    """Make one row of the sales of a customer on one day."""
    if not len(days):
        return PurchaseDays(customers, owners, days, spend, last)
    first, width = int(days.min()), int(days.max() - days.min()) + 1
    packed = owners * width + (days - first)
    # Amounts of one day are summed in the order of their size, so that the order of the rows does not matter.
    order = np.lexsort((spend, packed))
    packed, spend = packed[order], spend[order]
    start = np.flatnonzero(np.diff(packed, prepend=-1))
    total = np.add.reduceat(spend, start)
    return PurchaseDays(customers, packed[start] // width, packed[start] % width + first, total, last)


def _money(table: TableColumns, column: str) -> np.ndarray:
    return table.numbers(column) if column in table else np.full(len(table), np.nan)


def _plain(keys: pd.Series) -> Any:
    """Take categories by what they are, for their own order may be any."""
    return keys.cat.categories.dtype if isinstance(keys.dtype, pd.CategoricalDtype) else keys.dtype

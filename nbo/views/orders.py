"""What the customer has open now, and what the relation has been worth: two blocks of a snapshot."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.views.field import Field
from nbo.views.formats import plain

__all__ = ["current", "records", "value"]

_ORDER = (c.EVENT_TIME, c.TRANSACTION_ID, c.PRODUCT_ID, c.CATEGORY, c.QUANTITY, c.AMOUNT, c.CHANNEL)
_CASE = (c.OPENED_AT, c.CASE_ID, c.KIND, c.TOPIC, c.SEVERITY, c.CHANNEL)


def current(rows: dict[str, pd.DataFrame], as_of: pd.Timestamp, last: int) -> dict[str, Field]:
    """Say what is open now: pending orders, the last completed ones, open cases.

    Parameters
    ----------
    rows : dict of str to DataFrame
        What was known of the customer, see :func:`nbo.views.known_rows.complete_rows`.
    as_of : Timestamp
        UTC.
    last : int
        How many completed orders to show.

    Returns
    -------
    dict of str to Field
        pending_orders, recent_orders and open_cases: lists of dicts, newest first.
    """
    sales, cases = _of_kind(rows, c.SALE), rows["cases"]
    pending = sales[sales[c.STATUS] == c.PENDING]
    completed = sales[sales[c.STATUS] != c.PENDING].tail(last)
    still_open = cases[cases[c.CLOSED_AT].isna()]
    days_open = [{**case, "days_open": (as_of - case[c.OPENED_AT]).days} for case in records(still_open, _CASE)]
    return {
        "pending_orders": Field.of(records(pending, _ORDER), "transactions", pending[c.EVENT_TIME]),
        "recent_orders": Field.of(records(completed, _ORDER), "transactions", completed[c.EVENT_TIME]),
        "open_cases": Field.of(days_open, "cases", still_open[c.OPENED_AT]),
    }


def value(rows: dict[str, pd.DataFrame]) -> dict[str, Field]:
    """Add up what the relation has been worth so far. Pending orders do not count.

    Parameters
    ----------
    rows : dict of str to DataFrame
        What was known of the customer, see :func:`nbo.views.known_rows.complete_rows`.

    Returns
    -------
    dict of str to Field
        spent, returned, net (spent - returned), margin (of sales and returns) and
        cost_to_serve (of closed cases), in money; purchases and returns (numbers);
        products_held and categories_held (bought more often than returned);
        first_purchase and last_purchase.
    """
    sales, returns = _of_kind(rows, c.SALE), _of_kind(rows, c.RETURN)
    sales, returns = (part[part[c.STATUS] != c.PENDING] for part in (sales, returns))
    both, cases = pd.concat([sales, returns]), rows["cases"]
    closed = cases[cases[c.CLOSED_AT].notna()]
    spent, returned = float(sales[c.AMOUNT].sum()), float(returns[c.AMOUNT].sum())
    of_both, of_sales = both[c.EVENT_TIME], sales[c.EVENT_TIME]
    return {
        "spent": Field.of(spent, "transactions", of_sales),
        "returned": Field.of(returned, "transactions", returns[c.EVENT_TIME]),
        "net": Field.of(spent - returned, "transactions", of_both),
        c.MARGIN: Field.of(both[c.MARGIN].sum(min_count=1), "transactions", of_both),
        c.COST_TO_SERVE: Field.of(closed[c.COST_TO_SERVE].sum(min_count=1), "cases", closed[c.CLOSED_AT]),
        "purchases": Field.of(len(sales), "transactions", of_sales),
        "returns": Field.of(len(returns), "transactions", returns[c.EVENT_TIME]),
        "products_held": Field.of(_held(both, c.PRODUCT_ID), "transactions", of_both),
        "categories_held": Field.of(_held(both, c.CATEGORY), "transactions", of_both),
        "first_purchase": Field.of(of_sales.min(), "transactions", of_sales.head(1)),
        "last_purchase": Field.of(of_sales.max(), "transactions", of_sales),
    }


def records(rows: pd.DataFrame, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    """Give rows as dicts of what is there, newest first.

    Parameters
    ----------
    rows : DataFrame
        In order of time.
    columns : tuple of str
        Which to take.

    Returns
    -------
    list of dict
        Missing values are left out.
    """
    dicts = rows[list(columns)].iloc[::-1].to_dict("records")
    return [{str(key): there for key, entry in row.items() if (there := plain(entry)) is not None} for row in dicts]


def _of_kind(rows: dict[str, pd.DataFrame], kind: str) -> pd.DataFrame:
    transactions = rows["transactions"]
    return transactions[transactions[c.KIND].fillna(c.SALE) == kind]


def _held(rows: pd.DataFrame, column: str) -> list[Any]:
    """List what more pieces were bought of than given back; a row without a quantity is one piece."""
    sign = np.where(rows[c.KIND] == c.RETURN, -1.0, 1.0)
    pieces = (rows[c.QUANTITY].fillna(1.0) * sign).groupby(rows[column]).sum()
    return sorted(plain(name) for name in pieces[pieces > 0].index)

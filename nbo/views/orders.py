"""What the customer has open now, and what the relation has been worth: two blocks of a snapshot."""

from __future__ import annotations

from math import fsum
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
    orders, cases = rows["transactions"], rows["cases"]
    sold, waiting = _of_kind(orders, c.SALE), _pending(orders)
    pending, completed = orders[sold & waiting], orders[sold & ~waiting].tail(last)
    still_open = cases[cases[c.CLOSED_AT].isna().to_numpy()]
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
    orders, cases = rows["transactions"], rows["cases"]
    orders = orders[(_of_kind(orders, c.SALE) | _of_kind(orders, c.RETURN)) & ~_pending(orders)]
    returned = _of_kind(orders, c.RETURN)
    times, amounts = orders[c.EVENT_TIME], orders[c.AMOUNT].fillna(0.0).to_numpy(dtype=float)
    closed = cases[cases[c.CLOSED_AT].notna().to_numpy()]
    of_sales, of_returns = times[~returned], times[returned]
    signs = np.where(returned, -1.0, 1.0)
    held = {name: _held(orders[name], orders[c.QUANTITY], signs) for name in (c.PRODUCT_ID, c.CATEGORY)}
    return {
        "spent": Field.of(fsum(amounts[~returned]), "transactions", of_sales),
        "returned": Field.of(fsum(amounts[returned]), "transactions", of_returns),
        "net": Field.of(fsum(amounts * signs), "transactions", times),
        c.MARGIN: Field.of(_sum(orders[c.MARGIN]), "transactions", times),
        c.COST_TO_SERVE: Field.of(_sum(closed[c.COST_TO_SERVE]), "cases", closed[c.CLOSED_AT]),
        "purchases": Field.of(len(of_sales), "transactions", of_sales),
        "returns": Field.of(len(of_returns), "transactions", of_returns),
        "products_held": Field.of(held[c.PRODUCT_ID], "transactions", times),
        "categories_held": Field.of(held[c.CATEGORY], "transactions", times),
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
    if rows.empty:
        return []
    # Column by column: a frame's own way to records takes many times as long.
    cells = [[plain(entry) for entry in reversed(rows[column].tolist())] for column in columns]
    lines = (zip(columns, line, strict=True) for line in zip(*cells, strict=True))
    return [{column: entry for column, entry in line if entry is not None} for line in lines]


def _of_kind(orders: pd.DataFrame, kind: str) -> np.ndarray:
    return (orders[c.KIND].fillna(c.SALE) == kind).to_numpy(dtype=bool)


def _pending(orders: pd.DataFrame) -> np.ndarray:
    return np.asarray((orders[c.STATUS] == c.PENDING).fillna(False), dtype=bool)


def _sum(values: pd.Series) -> float | None:
    """Add up without an error of rounding; None if there is no value."""
    there = values.to_numpy(dtype=float, na_value=np.nan)
    there = there[~np.isnan(there)]
    return fsum(there) if len(there) else None


def _held(names: pd.Series, quantities: pd.Series, signs: np.ndarray) -> list[Any]:
    """List what more pieces were bought of than given back; a row without a quantity is one piece."""
    codes, different = pd.factorize(names)
    pieces = quantities.fillna(1.0).to_numpy(dtype=float) * signs
    there = codes >= 0
    left = np.bincount(codes[there], weights=pieces[there], minlength=len(different))
    return sorted(plain(name) for name, n in zip(different, left, strict=True) if n > 0)

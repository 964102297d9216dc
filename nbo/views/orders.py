"""What the customer has open now, and what the relation has been worth: two blocks of a snapshot."""

from __future__ import annotations

from math import fsum
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.views.field import Field
from nbo.views.formats import plain
from nbo.views.own_rows import OwnRows, newest

__all__ = ["current", "records", "value"]

_ORDER = (c.EVENT_TIME, c.TRANSACTION_ID, c.PRODUCT_ID, c.CATEGORY, c.QUANTITY, c.AMOUNT, c.CHANNEL)
_CASE = (c.OPENED_AT, c.CASE_ID, c.KIND, c.TOPIC, c.SEVERITY, c.CHANNEL)


def current(rows: dict[str, OwnRows], as_of: pd.Timestamp, last: int) -> dict[str, Field]:
    """Say what is open now: pending orders, the last completed ones, open cases.

    Parameters
    ----------
    rows : dict of str to OwnRows
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
    sold, waiting = _of_kind(orders, c.SALE), orders.among(c.STATUS, (c.PENDING,))
    pending, completed = np.flatnonzero(sold & waiting), np.flatnonzero(sold & ~waiting)[-last:]
    still_open = np.flatnonzero(~cases.there(c.CLOSED_AT))
    days_open = [{**case, "days_open": (as_of - case[c.OPENED_AT]).days} for case in records(cases, _CASE, still_open)]
    return {
        "pending_orders": Field(records(orders, _ORDER, pending), "transactions", newest(orders.times[pending])),
        "recent_orders": Field(records(orders, _ORDER, completed), "transactions", newest(orders.times[completed])),
        "open_cases": Field(days_open, "cases", newest(cases.times[still_open])),
    }


def value(rows: dict[str, OwnRows]) -> dict[str, Field]:
    """Add up what the relation has been worth so far. Pending orders do not count.

    Parameters
    ----------
    rows : dict of str to OwnRows
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
    returned, waiting = _of_kind(orders, c.RETURN), orders.among(c.STATUS, (c.PENDING,))
    counted = (_of_kind(orders, c.SALE) | returned) & ~waiting
    returned, times, amounts = returned[counted], orders.times[counted], orders.numbers(c.AMOUNT)[counted]
    amounts = np.where(np.isnan(amounts), 0.0, amounts)
    closed = cases.there(c.CLOSED_AT)
    of_sales, of_returns = newest(times[~returned]), newest(times[returned])
    signs, last = np.where(returned, -1.0, 1.0), newest(times)
    held = {name: _held(orders, name, counted, signs) for name in (c.PRODUCT_ID, c.CATEGORY)}
    first = newest(times[~returned][:1])
    return {
        "spent": Field(fsum(amounts[~returned]), "transactions", of_sales),
        "returned": Field(fsum(amounts[returned]), "transactions", of_returns),
        "net": Field(fsum(amounts * signs), "transactions", last),
        c.MARGIN: Field(_sum(orders.numbers(c.MARGIN)[counted]), "transactions", last),
        c.COST_TO_SERVE: Field(
            _sum(cases.numbers(c.COST_TO_SERVE)[closed]), "cases", newest(cases.moments(c.CLOSED_AT)[closed])
        ),
        "purchases": Field(int((~returned).sum()), "transactions", of_sales),
        "returns": Field(int(returned.sum()), "transactions", of_returns),
        "products_held": Field(held[c.PRODUCT_ID], "transactions", last),
        "categories_held": Field(held[c.CATEGORY], "transactions", last),
        "first_purchase": Field(first, "transactions", first),
        "last_purchase": Field(of_sales, "transactions", of_sales),
    }


def records(rows: OwnRows, columns: tuple[str, ...], places: np.ndarray) -> list[dict[str, Any]]:
    """Give rows as dicts of what is there, newest first.

    Parameters
    ----------
    rows : OwnRows
    columns : tuple of str
        Which to take.
    places : ndarray of int
        Which rows, in order of time.

    Returns
    -------
    list of dict
        Missing values are left out.
    """
    return rows.lines(columns, places[::-1])


def _of_kind(orders: OwnRows, kind: str) -> np.ndarray:
    return orders.among(c.KIND, (kind,), missing=kind == c.SALE)


def _sum(values: np.ndarray) -> float | None:
    """Add up without an error of rounding; None if there is no value."""
    there = values[~np.isnan(values)]
    return fsum(there) if len(there) else None


def _held(orders: OwnRows, column: str, counted: np.ndarray, signs: np.ndarray) -> list[Any]:
    """List what more pieces were bought of than given back; a row without a quantity is one piece."""
    codes, different = orders.codes(column)
    quantities = orders.numbers(c.QUANTITY)[counted]
    pieces = np.where(np.isnan(quantities), 1.0, quantities) * signs
    codes = codes[counted]
    there = codes >= 0
    left = np.bincount(codes[there], weights=pieces[there], minlength=len(different))
    return sorted(plain(name) for name, n in zip(different, left, strict=True) if n > 0)

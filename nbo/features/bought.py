"""Who buys within a horizon: anything, something new to the customer, or something dearer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_one_of
from nbo.errors import InputError
from nbo.features.aggregates import AGGREGATES
from nbo.features.base import Tables
from nbo.features.bought_before import sold_beyond
from nbo.features.builders.transaction import completed_sales
from nbo.features.label_windows import Incomplete, sales_ahead
from nbo.features.window import ALL
from nbo.features.windows import rows_before
from nbo.tables import Spine, TableColumns

__all__ = ["bought"]


def bought(
    tables: Tables,
    spine: Spine,
    horizon: str = "90D",
    what: Literal["any", "cross_sell", "up_sell"] = "any",
    column: str = c.CATEGORY,
    values: Sequence[str] | None = None,
    gap: str = "0D",
    incomplete: Incomplete = "drop",
    until: Any = None,
) -> pd.Series:
    """Label the customers that buy within the horizon: anything, something new to them, or something dearer.

    Parameters
    ----------
    tables, spine, horizon
        As for :func:`nbo.labels.churned`.
    what : {"any", "cross_sell", "up_sell"}, default="any"
        "cross_sell" is a completed sale of a value of `column` of which the customer had none before `as_of`;
        "up_sell" one of a larger amount than any that it had of the same value before, of which there must be one.
    column : str, default="category"
        Column of transactions, such as "category" or "product_id".
    values : sequence of str, optional
        Only sales of these values of the column count; by default all do.
    gap, incomplete, until
        As for :func:`nbo.labels.churned`.

    Returns
    -------
    Series of int, name "bought"
        1 where there is such a sale in [as_of + gap, as_of + gap + horizon), else 0; indexed by the spine's row labels.

    Raises
    ------
    InputError
        As for :func:`nbo.labels.churned`, or if transactions lack the column, one of the values or, for "up_sell", the
        amount.

    Examples
    --------
    >>> from nbo.tables import CustomerTables
    >>> sales = pd.DataFrame({"customer_id": "ann", "event_time": ["2026-01-01", "2026-02-10", "2026-02-15"]})
    >>> sales["category"] = ["card", "loan", "card"]
    >>> tables, spine = CustomerTables(transactions=sales), Spine.at("2026-02-01", ["ann"])
    >>> bought(tables, spine, horizon="14D", what="cross_sell").to_dict()
    {0: 1}
    >>> bought(tables, spine, horizon="14D", what="cross_sell", values=["card"]).to_dict()
    {0: 0}
    """
    check_one_of(what, ("any", "cross_sell", "up_sell"), "what")
    sales, kept = sales_ahead(tables, spine, horizon, gap, incomplete, until)
    counts = np.ones(len(sales.table), dtype=bool) if values is None else _having(sales.table, column, values)
    sales = sales.where(counts[sales.rows])
    if what == "any":
        found = AGGREGATES["any"](sales, "", [ALL])[0]
    else:
        before = rows_before(sales.table, spine.frame)
        before = before.where((completed_sales(sales.table) & counts)[before.rows])
        found = sold_beyond(before, sales, column, dearer=what == "up_sell")
    return pd.Series(found, name="bought")[kept]


def _having(table: TableColumns, column: str, values: Sequence[str]) -> np.ndarray:
    """Mark the rows with one of some values of a column."""
    asked, codes = [values] if isinstance(values, str) else [str(value) for value in values], table.codes(column)
    unknown = [value for value in asked if value not in codes.texts]
    if unknown or not asked:
        raise InputError(
            f"values must be some of transactions.{column}, such as {', '.join(codes.texts[:3])}; "
            f"{len(unknown)} of {len(asked)} are not{f', first: {unknown[0]!r}' if unknown else ''}."
        )
    return codes.having(asked)[codes.codes]

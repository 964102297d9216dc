"""Who came to belong to the most valuable customers."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_one_of
from nbo.features import labels
from nbo.features.aggregates import AGGREGATES
from nbo.features.builders.transaction import completed_sales
from nbo.features.windows import rows_before
from nbo.numbers import check_number
from nbo.tables import CustomerTables, Spine

__all__ = ["entered_top_tier"]


def entered_top_tier(
    tables: CustomerTables,
    spine: Spine,
    horizon: str = "180D",
    top: float = 0.2,
    column: str = c.MARGIN,
    incomplete: Literal["drop", "raise"] = "drop",
    until: Any = None,
) -> pd.DataFrame:
    """Label the customers who reach, within the horizon, what made the top tier before.

    The threshold of a moment is what the last of its `top` share of customers brought in the window of the same
    length before that moment, as it was known then: nothing later moves it. Where fewer than that share brought
    anything, it is the least that anybody brought.

    Parameters
    ----------
    tables : CustomerTables
        With transactions; completed sales count, returns are not taken off.
    spine : Spine of n rows
        All customers of each moment: their share is taken.
    horizon : str, default="180D"
        Length of the windows, before the moment and after.
    top : float, default=0.2
        Share of customers in the top tier, in (0, 1).
    column : {"margin", "amount"}, default="margin"
        The money to sum.
    incomplete, until
        As for :func:`nbo.labels.churned`.

    Returns
    -------
    DataFrame
        Indexed by the spine's row labels: ``entered`` (1 where `later_value` is the threshold or more), ``later_value``
        (in [as_of, as_of + horizon)), ``value`` (in [as_of - horizon, as_of)), ``threshold`` (money; infinite where
        nobody brought anything) and ``already`` (whether the customer is in the tier at `as_of`). Learn from the rows
        that are not.

    Raises
    ------
    InputError
        If there are no transactions, an argument is not allowed, or windows are not over and `incomplete` is "raise".

    Examples
    --------
    >>> sales = pd.DataFrame(
    ...     {
    ...         "customer_id": ["ann", "bob", "cy", "bob"],
    ...         "event_time": ["2026-01-05", "2026-01-06", "2026-01-07", "2026-02-20"],
    ...         "amount": [90.0, 10.0, 5.0, 95.0],
    ...     }
    ... )
    >>> spine = Spine.at("2026-02-01", ["ann", "bob", "cy"])
    >>> found = entered_top_tier(
    ...     CustomerTables(transactions=sales), spine, "30D", top=0.3, column="amount", until="2026-04-01"
    ... )
    >>> found[["entered", "threshold", "already"]]
       entered  threshold  already
    0        0       90.0     True
    1        1       90.0    False
    2        0       90.0    False
    """
    check_number(top, "top", "in (0, 1)", lambda share: 0 < share < 1)
    later = labels.spend(tables, spine, horizon, column, incomplete=incomplete, until=until)
    value = _brought(tables, spine, horizon, column)
    threshold = value.groupby(spine.frame[c.AS_OF]).transform(_threshold, top)
    found = pd.DataFrame({"value": value, "threshold": threshold, "already": value >= threshold}).loc[later.index]
    entered = (later >= found["threshold"]).astype(np.int64)
    return pd.DataFrame({"entered": entered, "later_value": later}).join(found)


def _brought(tables: CustomerTables, spine: Spine, horizon: str, column: str) -> pd.Series:
    """Sum what each spine row's customer brought in the window before, as known then."""
    check_one_of(column, (c.MARGIN, c.AMOUNT), "column")
    table = tables.columns("transactions")
    check_columns(table, [column], "transactions")
    history = rows_before(table, spine.frame)
    sales = history.where(completed_sales(table)[history.rows])
    return pd.Series(AGGREGATES["sum"](sales, column, [horizon])[0])


def _threshold(value: pd.Series, top: float) -> float:
    """Give what the last of the best brought."""
    ranked = np.sort(value.to_numpy())[::-1]
    last = ranked[int(np.ceil(round(top * len(ranked), 9))) - 1]
    some = ranked[ranked > 0]
    return float(last if last > 0 else some.min(initial=np.inf))

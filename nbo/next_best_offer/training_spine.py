"""Past moments whose labels are over, to learn churn and lifetime value from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from nbo.errors import InputError
from nbo.features import known_customers
from nbo.tables import CustomerTables, Spine
from nbo.times import check_duration, check_time

__all__ = ["training_spine"]


def training_spine(
    tables: CustomerTables, as_of: Any, horizons: Sequence[str] = ("90D",), moments: int = 3, every: str = "30D"
) -> Spine:
    """Ask for the customers known then at several past moments, the last one a horizon ago.

    Parameters
    ----------
    tables : CustomerTables
        With customers.
    as_of : Timestamp or str
        Moment of training.
    horizons : sequence of str, default=("90D",)
        Horizons of the labels; the longest counts.
    moments : int, default=3
        Number of moments, 1 or more.
    every : str, default="30D"
        Distance between them.

    Returns
    -------
    Spine
        Each customer at each moment at which it was known.

    Raises
    ------
    InputError
        If there is no table of customers, or none was known at any of them.

    Examples
    --------
    >>> customers = pd.DataFrame({"customer_id": ["ann"], "valid_from": ["2025-01-01"]})
    >>> spine = training_spine(CustomerTables(customers=customers), "2026-01-01", moments=2)
    >>> spine.frame["as_of"].dt.date.astype(str).tolist()
    ['2025-09-03', '2025-10-03']
    """
    if moments < 1:
        raise InputError(f"moments must be 1 or more; got {moments}.")
    last = check_time(as_of) - max(check_duration(horizon, "horizon") for horizon in horizons)
    step = check_duration(every, "every")
    parts = [known_customers(tables, last - i * step).frame for i in reversed(range(moments))]
    spine = Spine.of(pd.concat(parts, ignore_index=True))
    if not len(spine):
        raise InputError(
            f"no customer was known at {last}, one horizon before {as_of}; train later or shorten the horizon."
        )
    return spine

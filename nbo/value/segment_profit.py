"""What the customers of each segment bring in and cost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.value.breakdown import NOT_KNOWN
from nbo.value.cents import money, sums
from nbo.value.given_segments import given_segments
from nbo.value.profitability_result import Profitability

__all__ = ["segment_profit"]


def segment_profit(profitability: Profitability, segments: Any) -> pd.DataFrame:
    """Add up by segment what customers bring in and cost, the most profitable segment first.

    The rows add up to the total of the tables, to the cent: customers without a segment are in "not known", and what
    belongs to no customer has a row of its own, the last.

    Parameters
    ----------
    profitability : Profitability
        Periods are added up.
    segments : Series or DataFrame
        Segment of each customer: a Series by customer id, or columns `customer_id` and `segment`, each customer once.

    Returns
    -------
    DataFrame
        `segment`, `customers`, `customer_share`, the lines of the profitability (money), `profit_share` of the whole
        (NaN where that is not above 0), `profit_per_customer`, and `with_loss`, the customers with a loss.

    Raises
    ------
    InputError
        If the segments lack a column, a customer stands twice, or ids are of another kind than the customers'.

    Examples
    --------
    >>> from nbo.tables import CustomerTables
    >>> from nbo.value import profitability
    >>> sales = pd.DataFrame({"customer_id": ["ann", "bob", None], "event_time": "2026-01-05",
    ...                       "amount": [90.0, 10.0, 5.0], "margin": [30.0, 4.0, 1.0]})
    >>> found = profitability(CustomerTables(transactions=sales), "2026-01-01", "2026-02-01")
    >>> segment_profit(found, pd.Series({"ann": "gold", "bob": "blue"}))[["segment", "customers", "profit"]]
           segment  customers  profit
    0         gold          1    30.0
    1         blue          1     4.0
    2  no customer          0     1.0
    """
    cents = profitability.by_customer()
    found = given_segments(segments, pd.Index(cents[c.CUSTOMER_ID]))
    codes, names = pd.factorize(found.fillna(NOT_KNOWN))
    n, k = np.bincount(codes, minlength=len(names)), len(names)
    lines = {line: sums(codes, cents[line].to_numpy(), k) for line in profitability.lines}
    lost = np.bincount(codes, cents["profit"].to_numpy() < 0, k).astype(np.int64)
    order = np.lexsort([np.asarray(names, dtype=object).astype(str), -lines["profit"]])
    nobody = profitability.unallocated_cents[profitability.lines].sum()
    total = int(profitability.total_cents["profit"].sum())
    table = pd.DataFrame(
        {
            c.SEGMENT: pd.Series([*np.asarray(names, dtype=object)[order], "no customer"], dtype="str"),
            "customers": np.append(n[order], 0),
            "customer_share": np.append(n[order], 0) / max(len(cents), 1),
            **{line: money(np.append(values[order], int(nobody[line]))) for line, values in lines.items()},
        }
    )
    heads = table["customers"].where(table["customers"] > 0)
    return table.assign(
        profit_share=table["profit"] * 100 / total if total > 0 else np.nan,
        profit_per_customer=table["profit"] / heads,
        with_loss=np.append(lost[order], 0),
    )

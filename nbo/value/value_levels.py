"""Three levels of knowing what customers are worth, from one table."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.errors import InputError
from nbo.features.moments import moments
from nbo.features.windows import known_before
from nbo.models import CLVModel, purchase_summary
from nbo.numbers import check_number
from nbo.segments import RFMSegmenter
from nbo.tables import CustomerTables
from nbo.tables.plain_values import MISSING_TIME
from nbo.times import check_time
from nbo.value.cents import money, sums, whole_cents
from nbo.value.given_values import given_values
from nbo.value.profitability import profitability
from nbo.value.sales_entries import sales_entries
from nbo.value.span import Span
from nbo.value.value_levels_result import ValueLevels

__all__ = ["value_levels"]

_EVENTS: Final = ("transactions", "cases", "decisions")
_DAY: Final = 86_400_000_000
# With fewer customers who bought again a model of purchases is nothing but its starting point.
_REPEATS: Final = 30


def value_levels(
    tables: CustomerTables,
    as_of: Any,
    *,
    start: Any = None,
    costs: Any = None,
    clv: Any = None,
    weeks: float = 52.0,
) -> ValueLevels:
    """Go the three steps from sales and expense over profitability and RFM to lifetime value, for all customers.

    The first level needs the sales and what was spent; the second sets them against each other and says when, how often
    and for how much somebody bought; the third looks ahead. Each rests on the rows of the one before, and each
    reconciles to the tables.

    Parameters
    ----------
    tables : CustomerTables
        Transactions are enough; cases, decisions, the catalog and customers make the expense complete.
    as_of : Timestamp or str
        UTC; rows count that happened and were known before it.
    start : Timestamp or str, optional
        Rows from then on count; by default all that are known.
    costs : DataFrame, optional
        As for :func:`profitability`.
    clv : Series, optional
        Lifetime value by customer id, such as the prediction of a model; those who are missing have none. By default
        the money that :class:`nbo.CLVModel` expects of the next `weeks` by the purchases counted (MBG/NBD and
        gamma-gamma with the first purchase), times the share of the revenue that is left as margin; none where fewer
        than 30 customers bought again.
    weeks : float, default=52
        How far to look ahead, above 0.

    Returns
    -------
    ValueLevels

    Raises
    ------
    InputError
        If an argument is not allowed, or no row is known before `as_of` and no start is given.
    TypeError
        If `clv` is no Series.

    Examples
    --------
    >>> sales = pd.DataFrame({"customer_id": ["ann", "ann", "bob"], "amount": [10.0, 20.0, 5.0],
    ...                       "event_time": ["2026-01-05", "2026-01-25", "2026-01-20"], "margin": [4.0, 8.0, 2.0]})
    >>> clv = pd.Series({"ann": 40.0, "bob": 9.5})
    >>> found = value_levels(CustomerTables(transactions=sales), "2026-02-01", clv=clv)
    >>> found.customers[["customer_id", "sales", "expense", "profit", "recency_days", "frequency", "monetary", "clv"]
    ...                 ].values.tolist()
    [['ann', 30.0, 18.0, 12.0, 7.0, 2, 30.0, 40.0], ['bob', 5.0, 3.0, 2.0, 12.0, 1, 5.0, 9.5]]
    """
    moment = check_time(as_of)
    check_number(weeks, "weeks", "above 0", lambda ahead: 0 < ahead < np.inf)
    first = _first(tables, moment) if start is None else check_time(start, "start")
    found = profitability(tables, first, moment, costs=costs)
    cents = found.cents
    bought = _purchases(tables, Span.of(first, moment), cents[c.CUSTOMER_ID])
    rfm, summary = _rfm(bought, moment, len(cents)), _summary(bought, moment)
    value = (
        _expected(summary, weeks, cents) if clv is None else given_values(clv, pd.Index(cents[c.CUSTOMER_ID]), "clv")
    )
    clv_cents = whole_cents(value, "clv")
    frame = pd.DataFrame(
        {
            c.CUSTOMER_ID: cents[c.CUSTOMER_ID],
            "sales": money(cents["revenue"].to_numpy()),
            "expense": money((cents["revenue"] - cents["profit"]).to_numpy()),
            "profit": money(cents["profit"].to_numpy()),
            **rfm,
            c.CLV: np.where(np.isnan(value), np.nan, money(clv_cents)),
        }
    )
    spend = np.rint(100 * (summary["frequency"] + 1) * summary["monetary_all"]).astype("int64")
    others = int(bought.loc[bought["owner"] < 0, "cents"].sum())
    return ValueLevels(frame, found, others, int(spend.sum()), int(clv_cents.sum()), given=clv is not None)


def _first(tables: CustomerTables, moment: pd.Timestamp) -> pd.Timestamp:
    """Find when what is known begins."""
    times = [moments(table)[0][known_before(table, moment)] for table in map(tables.columns, _EVENTS) if len(table)]
    people = tables.columns("customers")
    if len(people) and c.SIGNED_UP_AT in people:
        signed_up = people.times(c.SIGNED_UP_AT)
        times.append(signed_up[known_before(people, moment) & (signed_up != MISSING_TIME)])
    begins = [int(known.min()) for known in times if len(known)]
    first = pd.Timestamp(min(begins, default=0), unit="us")
    if not begins or first >= moment:
        raise InputError(f"no row is known before {moment} to start from; give a start before it.")
    return first


def _purchases(tables: CustomerTables, span: Span, customers: pd.Series) -> pd.DataFrame:
    """Give customer, time and cents of each completed sale that cost anything."""
    entries = sales_entries(tables, span)
    paid = entries.cents["revenue"] > 0
    owner = entries.owners(pd.Index(customers))
    return pd.DataFrame({"owner": owner, "time": entries.times, "cents": entries.cents["revenue"]})[paid]


def _rfm(bought: pd.DataFrame, moment: pd.Timestamp, n: int) -> dict[str, Any]:
    """Say of each customer how long ago the last purchase was, how many and what for; with scores and segment."""
    owner, times = bought["owner"].to_numpy(), bought["time"].to_numpy()
    last = np.full(n, MISSING_TIME)
    np.maximum.at(last, owner[owner >= 0], times[owner >= 0])
    ago = (np.datetime64(moment, "us").astype(np.int64) - np.where(last == MISSING_TIME, 0, last)) / _DAY
    values = pd.DataFrame(
        {
            "recency_days": np.where(last == MISSING_TIME, np.nan, ago),
            "frequency": np.bincount(owner[owner >= 0], minlength=n),
            "monetary": money(sums(owner, bought["cents"].to_numpy(), n)),
        }
    )
    segmenter = RFMSegmenter(*values.columns).fit(values)
    scores = segmenter.scores(values).to_numpy()
    names = ("recency_score", "frequency_score", "monetary_score")
    return {
        **{str(name): values[name] for name in values},
        **dict(zip(names, scores.T, strict=True)),
        c.SEGMENT: segmenter.predict(values),
    }


def _summary(bought: pd.DataFrame, moment: pd.Timestamp) -> pd.DataFrame:
    """Summarize the purchases of each customer who has any; `customer_id` is the customer's position."""
    known = bought[bought["owner"] >= 0]
    times = known["time"].to_numpy().view("datetime64[us]")
    sales = {c.CUSTOMER_ID: known["owner"].to_numpy(), c.EVENT_TIME: times, c.AMOUNT: known["cents"].to_numpy() / 100}
    return purchase_summary(pd.DataFrame(sales), moment)


def _expected(summary: pd.DataFrame, weeks: float, cents: pd.DataFrame) -> np.ndarray:
    """Expect the margin of the purchases to come, where enough bought again to fit a model of it."""
    value = np.full(len(cents), np.nan)
    if (summary["frequency"] > 0).sum() < _REPEATS:
        return value
    money_to_come = CLVModel(horizon=weeks * pd.Timedelta("7D"), method="btyd").fit(summary).predict(summary)
    margin = int(cents["margin"].sum()) / int(cents["revenue"].sum())
    value[summary[c.CUSTOMER_ID].to_numpy(dtype=int)] = money_to_come * margin
    return value

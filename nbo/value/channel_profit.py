"""Profit and loss of every channel or service, to the cent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from nbo import columns as c
from nbo.checks import check_columns, check_one_of
from nbo.tables import CustomerTables
from nbo.value.breakdown import breakdown, named_groups, with_counts
from nbo.value.channel_profit_result import ChannelProfit
from nbo.value.postings import all_entries, notes_of
from nbo.value.span import Span

__all__ = ["channel_profit"]

_CHANNELS: Final = {
    "transactions": c.CHANNEL,
    "cases": c.CHANNEL,
    "decisions": c.CHANNEL,
    "customers": "acquisition_channel",
    "costs": c.CHANNEL,
}


def channel_profit(
    tables: CustomerTables,
    start: Any,
    end: Any,
    *,
    as_of: Any = None,
    costs: Any = None,
    by: str | None = None,
    columns: Mapping[str, str] | None = None,
) -> ChannelProfit:
    """Tell what each channel brought in and cost, to the cent, and what no channel is known of.

    Each row counts in the channel that it names: a sale where it was bought, a case where it came in, an offer where it
    was made, the cost of winning a customer where the customer was won, a cost given where it says. So a channel that
    sells little may well serve the sales of another: this is an account, not what would be if it were closed.

    Parameters
    ----------
    tables : CustomerTables
    start, end, as_of, costs, by
        As for :func:`profitability`.
    columns : dict of str to str, optional
        Table -> the column that tells its rows apart, such as ``{"transactions": "category", "cases": "topic"}`` for
        services. Tables that are not named count as not known. By default the channels; of a table that has none, not
        known.

    Returns
    -------
    ChannelProfit

    Raises
    ------
    InputError
        If an argument is not allowed, a table lacks the column named, or money is no number.

    Examples
    --------
    >>> import pandas as pd
    >>> when = "2026-01-05"
    >>> sales = pd.DataFrame({"customer_id": ["ann", "bob"], "event_time": when, "amount": [9.0, 5.0],
    ...                       "margin": [4.0, 2.0], "channel": ["web", None]})
    >>> cases = pd.DataFrame({"customer_id": ["ann"], "opened_at": when, "channel": "phone", "cost_to_serve": [3.5]})
    >>> found = channel_profit(CustomerTables(transactions=sales, cases=cases), "2026-01-01", "2026-02-01")
    >>> found.channels[["channel", "revenue", "cost_to_serve", "profit"]].values.tolist()
    [['phone', 0.0, 3.5, -3.5], ['web', 9.0, 0.0, 4.0], ['not known', 5.0, 0.0, 2.0]]
    """
    span = Span.of(start, end, as_of, by)
    named = dict(_CHANNELS if columns is None else columns)
    for table in named:
        check_one_of(table, list(_CHANNELS), "columns")
    found = all_entries(tables, span, costs)
    for entries in found:
        if columns is not None and entries.table.name in named and len(entries.rows):
            check_columns(entries.table, [named[entries.table.name]], entries.table.name)
    groups, names = named_groups(found, named)
    cents, total = breakdown(found, groups, names, span, c.CHANNEL)
    return ChannelProfit(
        start=span.start,
        end=span.end,
        as_of=span.as_of,
        cents=with_counts(cents, found, groups, span),
        total_cents=total,
        by=by,
        notes=notes_of(found),
    )

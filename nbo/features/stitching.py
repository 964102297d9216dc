"""Give the events of anonymous visitors to the customers they turned out to be."""

from __future__ import annotations

import pandas as pd

from nbo import columns as c
from nbo.tables import CustomerTables, TableColumns

__all__ = ["stitched_events"]


def stitched_events(events: TableColumns, identities: TableColumns) -> TableColumns:
    """Give the events of anonymous visitors to the customers they turned out to be.

    They count for the customer from when the link was known. Asked for by its own id, the visitor
    keeps them: a link of the future must not take them away.

    Parameters
    ----------
    events, identities : TableColumns

    Returns
    -------
    TableColumns
        The events, those of customers moved, and those of visitors once more under their own id.
    """
    if not len(identities):
        return events
    names = list(dict.fromkeys([*events.columns, c.KNOWN_AT]))
    return TableColumns.later(events.name, names, lambda: _stitched(events, identities))


def _stitched(events: TableColumns, identities: TableColumns) -> TableColumns:
    visitors = events[c.CUSTOMER_ID].isin(identities[c.ANONYMOUS_ID]).to_numpy()
    if not visitors.any() and c.KNOWN_AT in events:
        return events
    keys = [name for name in (c.CUSTOMER_ID, c.EVENT_TIME, c.KNOWN_AT) if name in events]
    moved = CustomerTables(events=events.frame(keys), identities=identities.frame()).stitched().get("events")

    def read(name: str) -> pd.Series:
        first = moved[name] if name in moved else events[name]
        again = events[name] if name in events else pd.Series(pd.NaT, index=first.index, dtype=first.dtype)
        return pd.concat([first, again[visitors]], ignore_index=True)

    names = list(dict.fromkeys([*events.columns, *moved.columns]))
    return TableColumns(events.name, names, len(events) + int(visitors.sum()), read)

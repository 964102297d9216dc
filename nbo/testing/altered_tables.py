"""Tables with changes that must not matter: the future, the order of rows, other customers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.tables import CONTRACTS, CustomerTables

__all__ = ["of_customers", "shuffled", "with_future", "without_future"]

_LATER = (pd.Timedelta(0), pd.Timedelta("1us"), pd.Timedelta("1D"))


def with_future(tables: CustomerTables, names: Sequence[str], as_of: pd.Timestamp) -> CustomerTables:
    """Change all that is not known yet at a moment.

    Rows are added that happened or became known at or after the moment, with other values;
    what ends then, such as a case that is closed later, ends at another time.

    Parameters
    ----------
    tables : CustomerTables
    names : sequence of str
        Tables to add to, where they are there.
    as_of : Timestamp
        The first rows added happen at exactly this moment.

    Returns
    -------
    CustomerTables
    """
    changed = {}
    for name in names:
        time = CONTRACTS[name].time
        if not tables.has(name) or time is None:
            continue
        frame = tables.get(name)
        parts = [_ending_later(frame, name, as_of), _strange(_known_late(frame, time, as_of), name)]
        parts += [
            _strange(frame.iloc[i :: len(_LATER)], name).assign(**{time: as_of + d}) for i, d in enumerate(_LATER)
        ]
        changed[name] = pd.concat([part for part in parts if len(part)] or [frame], ignore_index=True)
    return tables.replace(**changed)


def without_future(tables: CustomerTables, as_of: pd.Timestamp) -> CustomerTables:
    """Leave out all rows that happened or became known at or after a moment.

    Parameters
    ----------
    tables : CustomerTables
    as_of : Timestamp

    Returns
    -------
    CustomerTables
    """
    kept = {}
    for name in tables.names:
        frame, time = tables.get(name), CONTRACTS[name].time
        late = np.zeros(len(frame), dtype=bool)
        for column in (time, c.KNOWN_AT):
            if column in frame:
                late |= (frame[column] >= as_of).to_numpy()
        kept[name] = frame[~late]
    return tables.replace(**kept)


def shuffled(tables: CustomerTables) -> CustomerTables:
    """Put the rows of every table into another order.

    Parameters
    ----------
    tables : CustomerTables

    Returns
    -------
    CustomerTables
    """
    frames = {name: tables.get(name) for name in tables.names}
    return tables.replace(**{name: frame.sample(frac=1.0, random_state=0) for name, frame in frames.items()})


def of_customers(tables: CustomerTables, customers: pd.Series, links: Sequence[str] = ()) -> CustomerTables:
    """Leave out the rows of all other customers.

    Parameters
    ----------
    tables : CustomerTables
    customers : Series
        Ids to keep, with the visitors that turned out to be them; rows without a customer, such
        as those of a postcode, stay.
    links : sequence of str, default=()
        Of household_id, account_id and related_id: those stay too who ever shared such a key with one
        of them, or stood at the other end of a relationship.

    Returns
    -------
    CustomerTables
    """
    customers = pd.concat([customers, *(_linked(tables, customers, link) for link in links)])
    known = tables.get("identities")
    visitors = known.loc[known[c.CUSTOMER_ID].isin(customers), c.ANONYMOUS_ID]
    kept = {}
    for name in tables.names:
        frame = tables.get(name)
        if c.CUSTOMER_ID in frame:
            ids = frame[c.CUSTOMER_ID]
            kept[name] = frame[ids.isna() | ids.isin(customers) | ids.isin(visitors)]
    return tables.replace(**kept)


def _linked(tables: CustomerTables, customers: pd.Series, link: str) -> pd.Series:
    """Find who is linked to customers by a key, at any time."""
    if link == c.RELATED_ID:
        ends = tables.get("relationships")[[c.CUSTOMER_ID, c.RELATED_ID]]
        near = ends.isin(set(customers)).any(axis=1)
        return pd.concat([ends.loc[near, c.CUSTOMER_ID], ends.loc[near, c.RELATED_ID]])
    frame = tables.get("customers")
    if link not in frame:
        return customers.iloc[:0]
    shared = frame.loc[frame[c.CUSTOMER_ID].isin(customers), link].dropna()
    return frame.loc[frame[link].isin(shared), c.CUSTOMER_ID]


def _known_late(frame: pd.DataFrame, time: str, as_of: pd.Timestamp) -> pd.DataFrame:
    """Rows of the past that become known only at the moment."""
    if time not in frame:
        return frame.iloc[:0]
    past = frame[(frame[time] < as_of).to_numpy()]
    return past.assign(**{c.KNOWN_AT: as_of})


def _ending_later(frame: pd.DataFrame, table: str, as_of: pd.Timestamp) -> pd.DataFrame:
    """Move ends that lie at or after the moment."""
    own = (CONTRACTS[table].time, c.KNOWN_AT)
    ends = [o.name for o in CONTRACTS[table].columns if o.kind == "time" and o.name in frame and o.name not in own]
    moved = {name: frame[name].where(~(frame[name] >= as_of), frame[name] + pd.Timedelta("30D")) for name in ends}
    return frame.assign(**moved)


def _strange(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """Rows with values that would show, were they seen: large numbers and new categories."""
    changed: dict[str, Any] = {}
    for column in CONTRACTS[table].columns:
        if column.name not in frame:
            continue
        if column.kind == "number":
            changed[column.name] = frame[column.name] * 1000 + 7
        elif column.kind == "category":
            changed[column.name] = "of the future"
    return frame.assign(**changed)

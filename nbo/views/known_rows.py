"""What was known of some customers strictly before a moment, as tables of their own."""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns
from nbo.features.windows import known_before
from nbo.ledger.feedback import holding
from nbo.tables import CONTRACTS, CustomerTables
from nbo.tables.plain_values import MISSING_TIME, microseconds
from nbo.tables.typed import empty_frame
from nbo.tables.visitors import with_visitors
from nbo.views.customer_index import CustomerIndex
from nbo.views.cut import Cut
from nbo.views.own_rows import OwnRows

__all__ = ["complete_rows", "known_tables", "relatives"]

# What a row says only later than it begins: table -> when that became known, and what.
_LATER = {
    "cases": (c.CLOSED_AT, (c.CLOSED_AT, c.SATISFACTION, c.COST_TO_SERVE)),
    "referrals": (c.CONVERTED_AT, (c.CONVERTED_AT, c.CONVERTED_VALUE)),
}
_FEW = 4
_BY_CUSTOMER = [
    name for name, contract in CONTRACTS.items() if contract.column(c.CUSTOMER_ID) and name != "environment"
]


def known_tables(source: CustomerTables | CustomerIndex, customers: list[Any], as_of: pd.Timestamp) -> dict[str, Cut]:
    """Cut the tables down to what was known of some customers strictly before a moment.

    A row stays if it happened before `as_of` and was known before `as_of`. What a row says
    only later (when a case was closed, at what cost and with what satisfaction; whether a
    person referred has bought) is missing unless that moment is before `as_of` too. Events of
    anonymous visitors count from when it was known who they are.

    Parameters
    ----------
    source : CustomerTables or CustomerIndex
    customers : list
        Customer ids.
    as_of : Timestamp
        UTC; excluded.

    Returns
    -------
    dict of str to Cut
        The tables that are there, with few rows; the catalog and what is known of the economy whole.

    Raises
    ------
    InputError
        If one of these rows lacks its time, or a time is not one.
    """
    tables = _tables(source)
    own = {
        name: _of(source, name, customers, as_of) for name in tables.names if name in _BY_CUSTOMER and name != "events"
    }
    if tables.has("events"):
        links = own.get("identities", Cut(_empty("identities"), "identities"))
        visitors = links.array(c.ANONYMOUS_ID).tolist()
        own["events"] = _with_visitors(_of(source, "events", [*customers, *visitors], as_of), links)
    if tables.has("environment"):
        own["environment"] = _environment(source, own.get("customers"), customers, as_of)
    if tables.has("macro"):
        own["macro"] = _known(Cut(tables.get("macro"), "macro"), as_of)
    if tables.has("outcomes"):
        check_columns(tables.get("outcomes"), CONTRACTS["outcomes"].required, "outcomes")
        made = own["decisions"].array(c.DECISION_ID).tolist() if "decisions" in own else []
        own["outcomes"] = _rows(source, "outcomes", {c.DECISION_ID: made}, as_of)
    if tables.has("catalog"):
        own["catalog"] = Cut(tables.get("catalog"), "catalog")
    return own


def relatives(source: CustomerTables | CustomerIndex, customer_id: Any, as_of: pd.Timestamp) -> list[Any]:
    """Find the customers whose rows a customer's features may use.

    These are the other ends of its relationships, the members of its household and the contacts
    of its account, as known strictly before a moment.

    Parameters
    ----------
    source : CustomerTables or CustomerIndex
    customer_id : str or int
    as_of : Timestamp

    Returns
    -------
    list
        Ids without the customer's own, each once.
    """
    edges = _of(source, "relationships", [customer_id], as_of)
    found = [*edges.array(c.CUSTOMER_ID).tolist(), *edges.array(c.RELATED_ID).tolist()]
    own = _of(source, "customers", [customer_id], as_of)
    for key in [key for key in (c.HOUSEHOLD_ID, c.ACCOUNT_ID) if key in own.names]:
        found += _rows(source, "customers", {key: own.different(key)}, as_of).array(c.CUSTOMER_ID).tolist()
    return [other for other in dict.fromkeys(found) if other != customer_id]


def complete_rows(known: dict[str, Cut]) -> dict[str, OwnRows]:
    """Give each table in order of time; of several outcomes of a decision only the one that holds.

    Parameters
    ----------
    known : dict of str to Cut
        From :func:`known_tables`.

    Returns
    -------
    dict of str to OwnRows
        One for each table that there could be.
    """
    held = dict(known)
    # Which one holds also depends on the order of recording, so it is found before they are sorted.
    if "outcomes" in known and known["outcomes"].series(c.DECISION_ID).duplicated().any():
        held["outcomes"] = known["outcomes"].where(holding(known["outcomes"].frame()))
    return {name: OwnRows(held.get(name), name) for name in CONTRACTS}


@cache
def _empty(name: str) -> pd.DataFrame:
    return empty_frame(CONTRACTS[name])


def _tables(source: CustomerTables | CustomerIndex) -> CustomerTables:
    return source.tables if isinstance(source, CustomerIndex) else source


def _table(source: CustomerTables | CustomerIndex, name: str) -> pd.DataFrame:
    tables = _tables(source)
    return tables.get(name) if tables.has(name) else _empty(name)


def _of(source: CustomerTables | CustomerIndex, name: str, customers: list[Any], as_of: pd.Timestamp) -> Cut:
    check_columns(_table(source, name), CONTRACTS[name].required, name)
    keys = (c.CUSTOMER_ID, c.RELATED_ID) if name == "relationships" else (c.CUSTOMER_ID,)
    return _rows(source, name, dict.fromkeys(keys, customers), as_of)


def _rows(source: CustomerTables | CustomerIndex, name: str, wanted: dict[str, list[Any]], as_of: pd.Timestamp) -> Cut:
    """Rows that have one of the keys in any of the columns, as they were known before `as_of`."""
    frame = _table(source, name)
    if isinstance(source, CustomerIndex) and source.tables.has(name):
        cut, known = source.known_cut(name, wanted, as_of)
        return _without_later(cut, as_of) if known else _known(cut, as_of)
    keep = np.zeros(len(frame), dtype=bool)
    for key, keys in wanted.items():
        if key in frame:
            keep |= _among(frame[key], keys)
    return _known(Cut(frame, name, np.flatnonzero(keep)), as_of)


def _among(ids: pd.Series, customers: list[Any]) -> np.ndarray:
    if len(customers) > _FEW:
        return ids.isin(customers).to_numpy(dtype=bool)
    # A few comparisons are several times faster than `isin` on a long column.
    found = np.zeros(len(ids), dtype=bool)
    for customer in customers:
        found |= (ids == customer).fillna(False).to_numpy(dtype=bool)
    return found


def _known(cut: Cut, as_of: pd.Timestamp) -> Cut:
    """Rows that happened and were known before `as_of`, without what they say only later."""
    return _without_later(cut.where(known_before(cut.columns(), as_of)), as_of)


def _without_later(cut: Cut, as_of: pd.Timestamp) -> Cut:
    """Hide what rows say only from a later moment on."""
    told_at, columns = _LATER.get(cut.name, ("", ()))
    told = [column for column in columns if column in cut.names]
    if not told or not len(cut):
        return cut
    if told_at not in cut.names:
        # Nobody knows since when these are known, so they are not used.
        return cut.without(told)
    times = microseconds(cut.series(told_at), f"{cut.name}.{told_at}")
    later = (times >= np.datetime64(as_of, "us").astype(np.int64)) | (times == MISSING_TIME)
    if not later.any():
        return cut
    return cut.with_made({column: partial(_hidden, cut, column, later) for column in told})


def _hidden(cut: Cut, column: str, later: np.ndarray) -> Any:
    return cut.series(column).mask(later).array


def _with_visitors(events: Cut, links: Cut) -> Cut:
    """Give events of anonymous visitors to the customers; of the columns only those that this changes."""
    if not len(links) or not len(events):
        return events

    names = [name for name in (c.CUSTOMER_ID, c.EVENT_TIME, c.KNOWN_AT) if name in events.names]

    @cache
    def linked() -> pd.DataFrame:
        return with_visitors(pd.DataFrame({name: events.array(name) for name in names}, copy=False), links.frame())

    def column(name: str) -> Any:
        return linked()[name].array

    return events.with_made({name: partial(column, name) for name in (c.CUSTOMER_ID, c.KNOWN_AT)})


def _environment(
    source: CustomerTables | CustomerIndex, own: Cut | None, customers: list[Any], as_of: pd.Timestamp
) -> Cut:
    """Third-party rows on the customers, their households and their postcodes."""
    wanted = {c.CUSTOMER_ID: customers}
    for key in (c.HOUSEHOLD_ID, c.POSTCODE):
        if own is not None and key in own.names:
            wanted[key] = own.different(key)
    return _rows(source, "environment", wanted, as_of)

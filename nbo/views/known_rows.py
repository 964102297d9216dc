"""What was known of some customers strictly before a moment, as tables of their own."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns
from nbo.features.windows import known_before
from nbo.ledger.feedback import holding
from nbo.tables import CONTRACTS, CustomerTables
from nbo.tables.typed import empty_frame
from nbo.tables.visitors import with_visitors
from nbo.times import check_times
from nbo.views.customer_index import CustomerIndex

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


def known_tables(
    source: CustomerTables | CustomerIndex, customers: list[Any], as_of: pd.Timestamp
) -> dict[str, pd.DataFrame]:
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
    dict of str to DataFrame
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
        links = own.get("identities", _empty("identities"))
        events = _of(source, "events", [*customers, *links[c.ANONYMOUS_ID]], as_of)
        if len(links):
            events = _known(with_visitors(events, links), "events", as_of)
        own["events"] = events
    if tables.has("environment"):
        own["environment"] = _environment(source, own.get("customers"), customers, as_of)
    if tables.has("macro"):
        own["macro"] = _known(tables.get("macro"), "macro", as_of)
    if tables.has("outcomes"):
        check_columns(tables.get("outcomes"), CONTRACTS["outcomes"].required, "outcomes")
        made = own["decisions"][c.DECISION_ID].tolist() if "decisions" in own else []
        own["outcomes"] = _rows(source, "outcomes", {c.DECISION_ID: made}, as_of)
    if tables.has("catalog"):
        own["catalog"] = tables.get("catalog")
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
    found = [*edges[c.CUSTOMER_ID], *edges[c.RELATED_ID]]
    own = _of(source, "customers", [customer_id], as_of)
    for key in [key for key in (c.HOUSEHOLD_ID, c.ACCOUNT_ID) if key in own]:
        same = _rows(source, "customers", {key: own[key].dropna().unique().tolist()}, as_of)
        found += same[c.CUSTOMER_ID].tolist()
    return [other for other in dict.fromkeys(found) if other != customer_id]


def complete_rows(known: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Give each table with all columns of its contract, in order of time.

    Parameters
    ----------
    known : dict of str to DataFrame
        From :func:`known_tables`.

    Returns
    -------
    dict of str to DataFrame
        Table -> rows. Columns and tables that are not there are missing in every row. Of several
        outcomes of a decision only the one that holds is there.
    """
    rows = {name: _complete(known.get(name, _empty(name)), name) for name in CONTRACTS}
    outcomes = known.get("outcomes", _empty("outcomes"))
    # Which one holds also depends on the order of recording, so it is found before they are sorted.
    if len(outcomes) > 1 and outcomes[c.DECISION_ID].duplicated().any():
        rows["outcomes"] = _complete(outcomes[holding(outcomes)], "outcomes")
    return rows


@cache
def _empty(name: str) -> pd.DataFrame:
    return empty_frame(CONTRACTS[name])


def _complete(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    if not len(frame):
        return _empty(name)
    there = {str(column): values.array for column, values in frame.items()}
    lacking = {column: _missing(name, column, len(frame)) for column in map(str, _empty(name)) if column not in frame}
    complete = pd.DataFrame({**there, **lacking}, copy=False)
    time = CONTRACTS[name].time
    # One row at most needs no sorting, as in most tables of one customer, nor does a log.
    if time is None or len(frame) < 2 or complete[time].is_monotonic_increasing:
        return complete
    return complete.sort_values(time, kind="stable", na_position="first", ignore_index=True)


def _missing(name: str, column: str, n: int) -> Any:
    return _one_missing(name, column).take(np.zeros(n, dtype=np.intp))


@cache
def _one_missing(name: str, column: str) -> Any:
    return _empty(name)[column].reindex([0]).array


def _tables(source: CustomerTables | CustomerIndex) -> CustomerTables:
    return source.tables if isinstance(source, CustomerIndex) else source


def _of(source: CustomerTables | CustomerIndex, name: str, customers: list[Any], as_of: pd.Timestamp) -> pd.DataFrame:
    check_columns(_tables(source).get(name), CONTRACTS[name].required, name)
    keys = (c.CUSTOMER_ID, c.RELATED_ID) if name == "relationships" else (c.CUSTOMER_ID,)
    return _rows(source, name, dict.fromkeys(keys, customers), as_of)


def _rows(
    source: CustomerTables | CustomerIndex, name: str, wanted: dict[str, list[Any]], as_of: pd.Timestamp
) -> pd.DataFrame:
    """Rows that have one of the keys in any of the columns, as they were known before `as_of`."""
    if isinstance(source, CustomerIndex):
        rows, known = source.known_rows(name, wanted, as_of)
        return _without_later(rows, name, as_of) if known else _known(rows, name, as_of)
    frame = source.get(name)
    keep = pd.Series(False, index=frame.index)
    for key, keys in wanted.items():
        if key in frame:
            keep |= _among(frame[key], keys)
    return _known(frame[keep], name, as_of)


def _among(ids: pd.Series, customers: list[Any]) -> pd.Series:
    if len(customers) > _FEW:
        return ids.isin(customers)
    # A few comparisons are several times faster than `isin` on a long column.
    found = pd.Series(False, index=ids.index)
    for customer in customers:
        found |= (ids == customer).fillna(False).astype(bool)
    return found


def _known(frame: pd.DataFrame, name: str, as_of: pd.Timestamp) -> pd.DataFrame:
    """Rows that happened and were known before `as_of`, without what they say only later."""
    known = known_before(frame, as_of, name)
    return _without_later(frame if known.all() else frame[known], name, as_of)


def _without_later(rows: pd.DataFrame, name: str, as_of: pd.Timestamp) -> pd.DataFrame:
    """Hide what rows say only from a later moment on."""
    moment, columns = _LATER.get(name, ("", ()))
    told = [column for column in columns if column in rows]
    if not told:
        return rows
    if moment not in rows:
        # Nobody knows since when these are known, so they are not used.
        return rows.drop(columns=told)
    later = ~(check_times(rows[moment], f"{name}.{moment}", missing=True) < as_of)
    return rows.assign(**{column: rows[column].mask(later) for column in told})


def _environment(
    source: CustomerTables | CustomerIndex, own: pd.DataFrame | None, customers: list[Any], as_of: pd.Timestamp
) -> pd.DataFrame:
    """Third-party rows on the customers, their households and their postcodes."""
    wanted = {c.CUSTOMER_ID: customers}
    for key in (c.HOUSEHOLD_ID, c.POSTCODE):
        if own is not None and key in own:
            wanted[key] = own[key].dropna().unique().tolist()
    return _rows(source, "environment", wanted, as_of)

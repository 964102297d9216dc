"""What was known of some customers strictly before a moment, as tables of their own."""

from __future__ import annotations

from functools import cache
from typing import Any

import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns
from nbo.features.windows import known_before
from nbo.tables import CONTRACTS, CustomerTables
from nbo.tables.typed import empty_frame
from nbo.times import check_times

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


def known_tables(tables: CustomerTables, customers: list[Any], as_of: pd.Timestamp) -> dict[str, pd.DataFrame]:
    """Cut the tables down to what was known of some customers strictly before a moment.

    A row stays if it happened before `as_of` and was known before `as_of`. What a row says
    only later (when a case was closed, at what cost and with what satisfaction; whether a
    person referred has bought) is missing unless that moment is before `as_of` too. Events of
    anonymous visitors count from when it was known who they are.

    Parameters
    ----------
    tables : CustomerTables
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
    own = {name: _of(tables, name, customers) for name in tables.names if name in _BY_CUSTOMER}
    own = {name: _known(frame, name, as_of) for name, frame in own.items() if name != "events"}
    if tables.has("events"):
        links = own.get("identities", _empty("identities"))
        events = _of(tables, "events", [*customers, *links[c.ANONYMOUS_ID]])
        if len(links):
            events = CustomerTables(events=events, identities=links).stitched().get("events")
        own["events"] = _known(events, "events", as_of)
    if tables.has("environment"):
        own["environment"] = _environment(tables.get("environment"), own.get("customers"), customers, as_of)
    if tables.has("macro"):
        own["macro"] = _known(tables.get("macro"), "macro", as_of)
    if tables.has("outcomes"):
        outcomes = tables.get("outcomes")
        check_columns(outcomes, CONTRACTS["outcomes"].required, "outcomes")
        answers = outcomes[c.DECISION_ID].isin(own["decisions"][c.DECISION_ID] if "decisions" in own else ())
        own["outcomes"] = _known(outcomes[answers], "outcomes", as_of)
    if tables.has("catalog"):
        own["catalog"] = tables.get("catalog")
    return own


def relatives(tables: CustomerTables, customer_id: Any, as_of: pd.Timestamp) -> list[Any]:
    """Find the customers whose rows a customer's features may use.

    These are the other ends of its relationships, the members of its household and the contacts
    of its account, as known strictly before a moment.

    Parameters
    ----------
    tables : CustomerTables
    customer_id : str or int
    as_of : Timestamp

    Returns
    -------
    list
        Ids without the customer's own, each once.
    """
    edges = _known(_of(tables, "relationships", [customer_id]), "relationships", as_of)
    found = [*edges[c.CUSTOMER_ID], *edges[c.RELATED_ID]]
    customers = tables.get("customers")
    for key in [key for key in (c.HOUSEHOLD_ID, c.ACCOUNT_ID) if key in customers]:
        own = _known(customers[customers[c.CUSTOMER_ID] == customer_id], "customers", as_of)
        same = customers[key].isin(own[key].dropna())
        found += _known(customers[same], "customers", as_of)[c.CUSTOMER_ID].tolist()
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
        Table -> rows. Columns and tables that are not there are missing in every row.
    """
    return {name: _complete(known.get(name, _empty(name)), name) for name in CONTRACTS}


@cache
def _empty(name: str) -> pd.DataFrame:
    return empty_frame(CONTRACTS[name])


def _complete(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    lacking = [column for column in map(str, _empty(name)) if column not in frame]
    complete = pd.concat([frame, _empty(name)[lacking].reindex(frame.index)], axis=1) if lacking else frame
    time = CONTRACTS[name].time
    # One row at most needs no sorting, as in most tables of one customer.
    if time is None or len(frame) < 2:
        return complete.reset_index(drop=True)
    return complete.sort_values(time, kind="stable", na_position="first", ignore_index=True)


def _of(tables: CustomerTables, name: str, customers: list[Any]) -> pd.DataFrame:
    frame = tables.get(name)
    check_columns(frame, CONTRACTS[name].required, name)
    keep = _among(frame[c.CUSTOMER_ID], customers)
    if name == "relationships":
        keep |= _among(frame[c.RELATED_ID], customers)
    return frame[keep]


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
    rows = frame[known_before(frame, as_of, name)]
    moment, columns = _LATER.get(name, ("", ()))
    told = [column for column in columns if column in rows]
    if moment not in rows:
        # Nobody knows since when these are known, so they are not used.
        return rows.drop(columns=told)
    later = ~(check_times(rows[moment], f"{name}.{moment}", missing=True) < as_of)
    return rows.assign(**{column: rows[column].mask(later) for column in told})


def _environment(
    frame: pd.DataFrame, own: pd.DataFrame | None, customers: list[Any], as_of: pd.Timestamp
) -> pd.DataFrame:
    """Third-party rows on the customers, their households and their postcodes."""
    keep = pd.Series(False, index=frame.index)
    if c.CUSTOMER_ID in frame:
        keep |= frame[c.CUSTOMER_ID].isin(customers)
    for key in (c.HOUSEHOLD_ID, c.POSTCODE):
        if key in frame and own is not None and key in own:
            keep |= frame[key].isin(own[key].dropna())
    return _known(frame[keep], "environment", as_of)

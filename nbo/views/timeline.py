"""What has happened between the customer and us: the history block of a snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.tables import CONTRACTS
from nbo.views.field import Field
from nbo.views.orders import records

__all__ = ["Happenings", "happenings", "history", "likely_next"]

# Table -> what a line of the timeline tells of its rows.
_DETAILS = {
    "transactions": (c.PRODUCT_ID, c.CATEGORY, c.QUANTITY, c.AMOUNT, c.CHANNEL, c.STATUS),
    "cases": (c.TOPIC, c.SEVERITY, c.CHANNEL, c.CLOSED_AT, c.SATISFACTION),
    "referrals": (c.REFERRED_ID, c.CONVERTED_AT, c.CONVERTED_VALUE),
    "events": (c.PRODUCT_ID, c.CATEGORY, c.CHANNEL, c.DEVICE),
    "social": (c.TOPIC, c.SENTIMENT),
    "surveys": (c.SCORE,),
    "decisions": (c.OFFER_ID, c.CHANNEL, c.OUTCOME, c.OUTCOME_AT),
}
_ORDER = {table: place for place, table in enumerate(_DETAILS)}
# Fewer earlier steps than this say too little about the next one.
_ENOUGH_STEPS = 5


@dataclass(frozen=True)
class Happenings:
    """All that happened to one customer, oldest first; equal times by table and event.

    Parameters
    ----------
    time : ndarray of datetime64, shape (n,)
    event : ndarray of str, shape (n,)
        Such as "purchase", "complaint", "page_view", "offer".
    place : ndarray of int, shape (n,)
        Which of `TABLES` the row is of.
    row : ndarray of int, shape (n,)
        Its position in that table.
    """

    time: np.ndarray
    event: np.ndarray
    place: np.ndarray
    row: np.ndarray

    TABLES: ClassVar[tuple[str, ...]] = tuple(_DETAILS)

    def newest(self) -> pd.Timestamp | None:
        """Give the time of the last one."""
        return pd.Timestamp(self.time[-1]) if len(self.time) else None

    def tables(self) -> str:
        """Name the tables that have rows."""
        return ", ".join(self.TABLES[place] for place in np.unique(self.place))


def happenings(rows: dict[str, pd.DataFrame]) -> Happenings:
    """Line up everything that happened, of all tables.

    Parameters
    ----------
    rows : dict of str to DataFrame
        What was known of the customer, see :func:`nbo.views.known_rows.complete_rows`.

    Returns
    -------
    Happenings
        Without decisions to make no offer.
    """
    found = [_lines(rows[table], table) for table in _DETAILS if len(rows[table])]
    if not found:
        return Happenings(np.empty(0, "datetime64[us]"), *(np.empty(0, kind) for kind in (object, int, int)))
    time, event, place, row = (np.concatenate(parts) for parts in zip(*found, strict=True))
    order = np.lexsort((pd.factorize(event, sort=True)[0], place, time))
    return Happenings(time[order], event[order], place[order], row[order])


def history(lines: Happenings, rows: dict[str, pd.DataFrame], last: int) -> dict[str, Field]:
    """Show the last rows of each table as one timeline, and count all.

    Parameters
    ----------
    lines : Happenings
    rows : dict of str to DataFrame
        What was known of the customer; of outcomes, one for each decision.
    last : int
        How many rows of each table.

    Returns
    -------
    dict of str to Field
        timeline: list of dicts with time, event, table and what the row tells, newest first.
        counts: how often each event has happened.
    """
    told = [line for place in np.unique(lines.place) for line in _last_lines(lines, place, rows, last)]
    told.sort(key=_by_content)
    codes, names = pd.factorize(lines.event, sort=True)
    counts = {str(name): int(n) for name, n in zip(names, np.bincount(codes, minlength=len(names)), strict=True)}
    tables, newest = lines.tables(), lines.newest()
    return {"timeline": Field(told[::-1], tables, newest), "counts": Field(counts, tables, newest)}


def likely_next(lines: Happenings) -> Field:
    """Say what has followed most often, in this customer's own past, on what was done last.

    Parameters
    ----------
    lines : Happenings

    Returns
    -------
    Field
        Dict with event, after (what was done last), share of the times in (0, 1], and times
        (how often `after` was followed by anything); None if that is fewer than five.
    """
    own = lines.place != lines.TABLES.index("decisions")
    events = lines.event[own]
    if not len(events):
        return Field(None, "no table")
    following = events[1:][events[:-1] == events[-1]]
    if len(following) < _ENOUGH_STEPS:
        return Field(None, "no table")
    names, counts = np.unique(following, return_counts=True)
    most = int(counts.argmax())
    found = {"event": str(names[most]), "after": str(events[-1]), "share": float(counts[most] / len(following))}
    tables = ", ".join(lines.TABLES[place] for place in np.unique(lines.place[own]))
    return Field({**found, "times": len(following)}, tables, pd.Timestamp(lines.time[own][-1]))


def _lines(rows: pd.DataFrame, table: str) -> tuple[np.ndarray, ...]:
    events = _event_names(rows, table).to_numpy(dtype=object)
    row = np.arange(len(rows))
    if table == "decisions":
        row = row[(rows[c.OFFER_ID] != c.NO_OFFER).to_numpy(dtype=bool)]
    times = rows[str(CONTRACTS[table].time)].to_numpy()
    return times[row], events[row], np.full(len(row), _ORDER[table]), row


def _last_lines(lines: Happenings, place: int, tables: dict[str, pd.DataFrame], last: int) -> list[dict[str, Any]]:
    """Tell the last lines of one table; equal times by what they hold, as the order in a file never matters."""
    table = lines.TABLES[place]
    own = np.flatnonzero(lines.place == place)
    own = own[lines.time[own] >= lines.time[own[-last:][0]]]
    rows = tables[table].take(lines.row[own])
    if table == "decisions":
        rows = _with_answers(rows, tables["outcomes"])
    details = records(rows, _DETAILS[table])[::-1]
    parts = zip(own, details, strict=True)
    told = [
        {"time": pd.Timestamp(lines.time[at]), "event": lines.event[at], "table": table, **detail}
        for at, detail in parts
    ]
    return sorted(told, key=_by_content)[-last:]


def _by_content(line: dict[str, Any]) -> tuple[Any, ...]:
    return line["time"], _ORDER[line["table"]], line["event"], repr(line)


def _event_names(rows: pd.DataFrame, table: str) -> pd.Series:
    if table == "transactions":
        return rows[c.KIND].fillna(c.SALE).replace({c.SALE: "purchase"})
    if table in ("cases", "events"):
        return rows[c.KIND if table == "cases" else c.EVENT_TYPE].fillna("case" if table == "cases" else "event")
    if table == "social":
        return "social " + rows[c.KIND].fillna("post")
    if table == "surveys":
        return "survey " + rows[c.SURVEY].fillna("answer")
    return pd.Series("referral" if table == "referrals" else "offer", index=rows.index)


def _with_answers(made: pd.DataFrame, outcomes: pd.DataFrame) -> pd.DataFrame:
    """Offers made, with the answer as far as it had come."""
    place = pd.Index(outcomes[c.DECISION_ID]).get_indexer(pd.Index(made[c.DECISION_ID]))
    found = {name: outcomes[name].array.take(place, allow_fill=True) for name in (c.OUTCOME, c.OUTCOME_AT)}
    return made.assign(**found)

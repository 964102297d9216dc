"""What has happened between the customer and us: the history block of a snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any, ClassVar

import numpy as np

from nbo import columns as c
from nbo.tables import CONTRACTS
from nbo.views.field import Field
from nbo.views.own_rows import OwnRows, newest

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
# Table -> the column that says what happened, what is put before it, and what it is where that is missing.
_EVENTS = {
    "transactions": (c.KIND, "", c.SALE),
    "cases": (c.KIND, "", "case"),
    "events": (c.EVENT_TYPE, "", "event"),
    "social": (c.KIND, "social ", "post"),
    "surveys": (c.SURVEY, "survey ", "answer"),
}
_ORDER = {table: place for place, table in enumerate(_DETAILS)}
# Fewer earlier steps than this say too little about the next one.
_ENOUGH_STEPS = 5


@dataclass(frozen=True)
class Happenings:
    """All that happened to one customer, oldest first; equal times by table and event.

    Parameters
    ----------
    time : ndarray of int64, shape (n,)
        Microseconds of UTC.
    event : ndarray of int, shape (n,)
        Which of `names` happened.
    place : ndarray of int, shape (n,)
        Which of `TABLES` the row is of.
    row : ndarray of int, shape (n,)
        Its position in that table, in order of time.
    names : list of str
        Such as "purchase", "complaint", "page_view", "offer", in the order of the alphabet.
    """

    time: np.ndarray
    event: np.ndarray
    place: np.ndarray
    row: np.ndarray
    names: list[str]

    TABLES: ClassVar[tuple[str, ...]] = tuple(_DETAILS)

    def tables(self, but: str = "") -> str:
        """Name the tables that have rows."""
        there = np.bincount(self.place, minlength=len(self.TABLES)) > 0
        return ", ".join(name for name, some in zip(self.TABLES, there, strict=True) if some and name != but)


def happenings(rows: dict[str, OwnRows]) -> Happenings:
    """Line up everything that happened, of all tables.

    Parameters
    ----------
    rows : dict of str to OwnRows
        What was known of the customer, see :func:`nbo.views.known_rows.complete_rows`.

    Returns
    -------
    Happenings
        Without decisions to make no offer.
    """
    found = [_lines(rows[table], table) for table in _DETAILS if len(rows[table])]
    names = sorted({name for _, _, own, _ in found for name in own})
    if not names:
        return Happenings(*(np.empty(0, np.int64),) * 4, [])
    numbers = {name: number for number, name in enumerate(names)}
    time, row = (np.concatenate([part[which] for part in found]) for which in (0, 3))
    event = np.concatenate([np.array([numbers[name] for name in own] or [0])[codes] for _, codes, own, _ in found])
    tables = [_ORDER[table] for table in _DETAILS if len(rows[table])]
    place = np.repeat(tables, [len(part[0]) for part in found])
    # The tables stand in their order already, so only what one table tells of one moment may have to be turned.
    order = np.argsort(time, kind="stable")
    same = (np.diff(time[order]) == 0) & (np.diff(place[order]) == 0)
    if (same & (np.diff(event[order]) < 0)).any():
        order = np.lexsort((event, place, time))
    return Happenings(time[order], event[order], place[order], row[order], names)


def history(lines: Happenings, rows: dict[str, OwnRows], last: int) -> dict[str, Field]:
    """Show the last rows of each table as one timeline, and count all.

    Parameters
    ----------
    lines : Happenings
    rows : dict of str to OwnRows
        What was known of the customer; of outcomes, one for each decision.
    last : int
        How many rows of each table.

    Returns
    -------
    dict of str to Field
        timeline: list of dicts with time, event, table and what the row tells, newest first.
        counts: how often each event has happened.
    """
    told = [line for place in range(len(lines.TABLES)) for line in _last_lines(lines, place, rows, last)]
    counts = np.bincount(lines.event, minlength=len(lines.names)).tolist()
    happened = {name: n for name, n in zip(lines.names, counts, strict=True) if n}
    tables, at = lines.tables(), newest(lines.time[-1:])
    return {"timeline": Field(_in_order(told)[::-1], tables, at), "counts": Field(happened, tables, at)}


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
    own = lines.place != _ORDER["decisions"]
    events = lines.event[own]
    if not len(events):
        return Field(None, "no table")
    following = events[1:][events[:-1] == events[-1]]
    if len(following) < _ENOUGH_STEPS:
        return Field(None, "no table")
    counts = np.bincount(following)
    most = int(counts.argmax())
    share = float(counts[most] / len(following))
    found = {"event": lines.names[most], "after": lines.names[events[-1]], "share": share, "times": len(following)}
    return Field(found, lines.tables(but="decisions"), newest(lines.time[own][-1:]))


def _lines(rows: OwnRows, table: str) -> tuple[np.ndarray, np.ndarray, list[str], np.ndarray]:
    """Give the times of a table's rows, the numbers of their events, what these stand for, and which rows they are."""
    codes, names = _events(rows, table)
    row = np.arange(len(rows))
    if table == "decisions":
        row = row[~rows.among(c.OFFER_ID, (c.NO_OFFER,))]
    return rows.times[row], codes[row], names if len(row) else [], row


def _last_lines(lines: Happenings, place: int, tables: dict[str, OwnRows], last: int) -> list[dict[str, Any]]:
    """Tell the last lines of one table; equal times by what they hold, as the order in a file never matters."""
    table, own = lines.TABLES[place], np.flatnonzero(lines.place == place)
    if not len(own):
        return []
    own = own[lines.time[own] >= lines.time[own[-last:][0]]]
    rows, at = tables[table], lines.row[own]
    details = rows.lines(_DETAILS[table], at)
    if table == "decisions":
        details = _with_answers(rows.cells(c.DECISION_ID, at), details, tables["outcomes"])
    times = rows.cells(str(CONTRACTS[table].time), at)
    parts = zip(times, lines.event[own].tolist(), details, strict=True)
    told = [{"time": time, "event": lines.names[event], "table": table, **detail} for time, event, detail in parts]
    return told if len(told) <= last else _in_order(told)[-last:]


def _in_order(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sort by time, table, event, and where these are the same by what else there is."""
    found = []
    for _, same in groupby(sorted(lines, key=_key), _key):
        some = list(same)
        found += sorted(some, key=repr) if len(some) > 1 else some
    return found


def _key(line: dict[str, Any]) -> tuple[Any, ...]:
    return line["time"], _ORDER[line["table"]], line["event"]


def _events(rows: OwnRows, table: str) -> tuple[np.ndarray, list[str]]:
    """Give the numbers of what the rows tell, and what each number, and at last a missing one, stands for."""
    column, before, missing = _EVENTS.get(table, ("", "", "referral" if table == "referrals" else "offer"))
    codes, values = rows.codes(column)
    names = [f"{before}{value}" for value in (*values, missing)]
    if table == "transactions":
        names = ["purchase" if name == c.SALE else name for name in names]
    # A number that no row has must not give its name to the counts.
    return (codes, names) if (codes < 0).any() else (codes, names[:-1])


def _with_answers(decisions: list[Any], details: list[dict[str, Any]], outcomes: OwnRows) -> list[dict[str, Any]]:
    """Tell the answer to each decision, as far as it had come."""
    known = {decision: at for at, decision in enumerate(outcomes.cells(c.DECISION_ID, np.arange(len(outcomes))))}
    places = [known[decision] for decision in decisions if decision in known]
    told = iter(outcomes.lines((c.OUTCOME, c.OUTCOME_AT), np.array(places, dtype=np.int64)))
    made = [{name: detail[name] for name in (c.OFFER_ID, c.CHANNEL) if name in detail} for detail in details]
    pairs = zip(decisions, made, strict=True)
    return [{**detail, **next(told)} if decision in known else detail for decision, detail in pairs]

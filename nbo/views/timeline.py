"""What has happened between the customer and us: the history block of a snapshot."""

from __future__ import annotations

from typing import Any

import pandas as pd

from nbo import columns as c
from nbo.ledger.feedback import resolve
from nbo.tables import CONTRACTS
from nbo.views.field import Field
from nbo.views.orders import records

__all__ = ["happenings", "history", "likely_next"]

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
# An answer is waited for without end here: only one that came is shown.
_EVER = pd.Timedelta("36500D")


def happenings(rows: dict[str, pd.DataFrame], as_of: pd.Timestamp) -> pd.DataFrame:
    """Line up everything that happened, of all tables.

    Parameters
    ----------
    rows : dict of str to DataFrame
        What was known of the customer, see :func:`nbo.views.known_rows.complete_rows`.
    as_of : Timestamp
        UTC.

    Returns
    -------
    DataFrame
        time, event (such as "purchase", "complaint", "page_view", "offer"), table and
        details (a dict), oldest first. Decisions to make no offer are left out.
    """
    lines = [line for table in _DETAILS for line in _lines(rows, table, as_of)]
    # By what they hold among equal times, so that the order of the rows in a file never matters.
    lines.sort(key=lambda line: (line["time"], _ORDER[line["table"]], line["event"], repr(line["details"])))
    frame = pd.DataFrame(lines, columns=["time", "event", "table", "details"])
    return frame.assign(time=frame["time"].astype("datetime64[us]"))


def history(lines: pd.DataFrame, last: int) -> dict[str, Field]:
    """Show the last rows of each table as one timeline, and count all.

    Parameters
    ----------
    lines : DataFrame
        From :func:`happenings`.
    last : int
        How many rows of each table.

    Returns
    -------
    dict of str to Field
        timeline: list of dicts with time, event, table and what the row tells, newest first.
        counts: how often each event has happened.
    """
    shown = lines.groupby("table").tail(last).iloc[::-1]
    timeline = [
        {"time": row["time"], "event": row["event"], "table": row["table"], **row["details"]}
        for row in shown.to_dict("records")
    ]
    tables = ", ".join(table for table in _DETAILS if (lines["table"] == table).any())
    counts = {str(event): int(n) for event, n in lines["event"].value_counts().sort_index().items()}
    return {
        "timeline": Field.of(timeline, tables, lines["time"]),
        "counts": Field.of(counts, tables, lines["time"]),
    }


def likely_next(lines: pd.DataFrame) -> Field:
    """Say what has followed most often, in this customer's own past, on what was done last.

    Parameters
    ----------
    lines : DataFrame
        From :func:`happenings`.

    Returns
    -------
    Field
        Dict with event, after (what was done last), share of the times in (0, 1], and times
        (how often `after` was followed by anything); None if that is fewer than five.
    """
    own = lines[lines["table"] != "decisions"]
    events = own["event"].reset_index(drop=True)
    if events.empty:
        return Field(None, "no table")
    after = events.iloc[-1]
    following = events.shift(-1)[events == after].dropna()
    if len(following) < _ENOUGH_STEPS:
        return Field(None, "no table")
    shares = following.value_counts(normalize=True).sort_index()
    found = {"event": shares.idxmax(), "after": after, "share": float(shares.max()), "times": len(following)}
    return Field.of(found, ", ".join(own["table"].unique()), own["time"])


def _lines(tables: dict[str, pd.DataFrame], table: str, as_of: pd.Timestamp) -> list[dict[str, Any]]:
    rows = _offers(tables, as_of) if table == "decisions" else tables[table]
    details = records(rows, _DETAILS[table])[::-1]
    times = rows[str(CONTRACTS[table].time)]
    return [
        {"time": time, "event": event, "table": table, "details": detail}
        for time, event, detail in zip(times, _event_names(rows, table), details, strict=True)
    ]


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


def _offers(tables: dict[str, pd.DataFrame], as_of: pd.Timestamp) -> pd.DataFrame:
    """Offers made, with the answer as far as it had come."""
    made = tables["decisions"]
    made = made[made[c.OFFER_ID] != c.NO_OFFER].drop(columns=[c.OUTCOME, c.OUTCOME_AT], errors="ignore")
    answers = resolve(made, tables["outcomes"], as_of, _EVER).drop_duplicates(c.DECISION_ID).set_index(c.DECISION_ID)
    found = answers[[c.OUTCOME, c.OUTCOME_AT]].reindex(made[c.DECISION_ID])
    return made.assign(**{name: found[name].array for name in (c.OUTCOME, c.OUTCOME_AT)})

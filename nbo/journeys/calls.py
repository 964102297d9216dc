"""When customers turned to us, and what they did then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.features.past import Past
from nbo.features.slices import first_at_or_after, reduce_slices
from nbo.features.windows import known_before, rows_after
from nbo.tables import Spine, TableColumns

__all__ = ["NOTHING", "Calls", "calls_until", "case_names"]

NOTHING = "nothing"


@dataclass(frozen=True)
class Calls:
    """Moments at which customers turned to us, and what each did first from then on.

    Parameters
    ----------
    spine : Spine of n rows
        Who called, and when.
    action : ndarray of str, shape (n,)
        Such as "complaint delivery", "purchase" or "cart"; "nothing" where nothing was done.
    """

    spine: Spine
    action: np.ndarray


def calls_until(
    tables: Any, as_of: pd.Timestamp, contacts: Sequence[str], actions: Sequence[str], horizon: pd.Timedelta
) -> Calls:
    """Find all calls whose horizon was over at a moment, and what was done first.

    A call is an event of one of the types `contacts`, or a case: that is opened because somebody
    turned to us. What is done at the very moment counts, so the case itself is what its call was about.

    Parameters
    ----------
    tables : CustomerTables or other tables with `has` and `columns`
    as_of : Timestamp
        Only what was known before it counts; UTC.
    contacts : sequence of str
        Types of events by which customers turn to us.
    actions : sequence of str
        Types of events that are actions; cases and transactions always are.
    horizon : Timedelta
        How long an action is waited for.

    Returns
    -------
    Calls
    """
    # Any spine will do to join the tables; the moment is what counts.
    past = Past(tables, Spine.at(as_of, pd.Series(["nobody"])))
    rows = [_events(past, as_of), _cases(past, as_of), _orders(past, as_of)]
    known = pd.concat([part for part in rows if len(part)] or rows[:1], ignore_index=True)
    called = known[known["action"].isin(list(contacts)) & (known["table"] == "events") | (known["table"] == "cases")]
    called = called[called[c.EVENT_TIME] <= as_of - horizon].drop_duplicates([c.CUSTOMER_ID, c.EVENT_TIME])
    spine = Spine.of(called.rename(columns={c.EVENT_TIME: c.AS_OF})[[c.CUSTOMER_ID, c.AS_OF]])
    acts = known[known["action"].isin(list(actions)) | (known["table"] != "events")]
    return Calls(spine, _first(acts.reset_index(drop=True), spine, horizon))


def case_names(table: TableColumns) -> pd.Series:
    """Name cases by kind and topic, such as "complaint delivery".

    Parameters
    ----------
    table : TableColumns of n rows
        Of cases.

    Returns
    -------
    Series of str, length n
        "case" where neither is known.
    """
    blank = pd.Series("", index=range(len(table)), dtype="str")
    kinds, topics = (
        table[name].fillna("").astype("str").reset_index(drop=True) if name in table and len(table) else blank
        for name in (c.KIND, c.TOPIC)
    )
    names = (kinds + " " + topics).str.strip()
    return names.where(names != "", "case")


def _first(acts: pd.DataFrame, spine: Spine, horizon: pd.Timedelta) -> np.ndarray:
    """Give the first action of each call; of several at one moment, the first in the alphabet."""
    codes, names = pd.factorize(acts["action"], sort=True)
    table = TableColumns.of(acts, "events")
    history = rows_after(table, spine.frame, pd.Timedelta(0), horizon)
    some = history.end > history.first
    moment = np.where(some, np.append(history.times, 0)[np.where(some, history.first, 0)], 0)
    until = first_at_or_after(history.times, history.first, history.end, moment + 1)
    first = reduce_slices(np.minimum, codes[history.rows].astype(float), history.first, until, -1.0).astype(int)
    return np.append(np.asarray(names, dtype=object), NOTHING)[first]


def _events(past: Past, as_of: pd.Timestamp) -> pd.DataFrame:
    table = past.table("events")
    rows = _named(table, as_of, c.EVENT_TIME, lambda: table[c.EVENT_TYPE])
    # Events of visitors are there once more, under the customers that they turned out to be.
    return rows[~rows[c.CUSTOMER_ID].isin(past.table("identities")[c.ANONYMOUS_ID])]


def _cases(past: Past, as_of: pd.Timestamp) -> pd.DataFrame:
    table = past.table("cases")
    return _named(table, as_of, c.OPENED_AT, lambda: case_names(table))


def _orders(past: Past, as_of: pd.Timestamp) -> pd.DataFrame:
    table = past.table("transactions")
    kinds = table.codes(c.KIND)
    names = pd.array(["purchase" if text == c.SALE else text for text in kinds.texts], dtype="str")
    return _named(table, as_of, c.EVENT_TIME, lambda: pd.Series(names.take(kinds.codes, allow_fill=True)))


def _named(table: TableColumns, as_of: pd.Timestamp, time: str, names: Any) -> pd.DataFrame:
    if not len(table):
        return pd.DataFrame({c.CUSTOMER_ID: [], c.EVENT_TIME: pd.to_datetime([]), "action": [], "table": []})
    rows = {c.CUSTOMER_ID: table[c.CUSTOMER_ID].array, c.EVENT_TIME: table[time].array, "action": names().array}
    return pd.DataFrame({**rows, "table": table.name})[known_before(table, as_of)]

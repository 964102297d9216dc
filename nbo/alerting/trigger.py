"""Campaigns that a customer's behavior triggers: once each time that a condition begins to hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.alerting.crossings import crossings
from nbo.alerting.presence import Presence, entries, presence
from nbo.checks import check_columns, check_frame, check_one_of
from nbo.errors import InputError
from nbo.features.conditions import check_conditions, in_words
from nbo.numbers import check_number
from nbo.tables import CustomerTables
from nbo.tables.plain_values import microseconds
from nbo.times import check_duration, check_time, check_times

__all__ = ["Trigger"]

_TABLES: Final = ("events", "transactions", "cases", "surveys", "social", "referrals", "decisions")


class Trigger:
    """Fire once each time that a condition on a customer's behavior begins to hold.

    Of rows of a table: at least so many rows that meet `where` lie in the window before a moment, such as three views
    of one product within 7 days. With `wait` and `unless`, a row counts only once it is so old and none of the other
    rows has come since, such as a cart without a purchase for 24 hours. Of a feature, such as a churn probability: it
    crosses a limit.

    The condition is watched at every moment with what was known by then. The trigger fires when it begins to hold, and
    again only after it has ended and begun anew. So watching each day for itself and looking back over a whole
    year give the same, and rows that became known late fire when they became known.

    Parameters
    ----------
    name : str
    where : sequence of tuple, default=()
        Conditions on rows, all of which must hold: ``(column, value)``, ``(column, "in", values)``,
        ``(column, "not in", values)``, or ``(column, ">=", number)``, also ``>``, ``<=`` and ``<``.
    table : str, default="events"
        "events", "transactions", "cases", "surveys", "social", "referrals" or "decisions".
    window : str, default="7D"
        How long a row counts, from when it happened.
    at_least : int, default=1
        Rows in the window.
    by : str, optional
        Column of which the rows must agree, such as product_id; rows without it don't count. Each of its values is a
        condition of its own.
    wait : str, optional
        How old a row must be to count; shorter than the window.
    unless : sequence of tuple, optional
        Conditions on rows of `unless_table`. One of them that happened at or after a row, with the same `by` where it
        has that column, keeps the row from counting, from when it became known.
    unless_table : str, default="transactions"
        Of the same tables.
    feature : tuple of (str, str, float), optional
        Name, ">=", ">", "<=" or "<", and limit, in place of conditions on rows.
    rearm : float, optional
        Of a feature: the trigger may fire again only after the feature was beyond this on the other side of the limit;
        by default the limit itself.
    cooldown : str, optional
        After it has fired for a customer, it does not fire again for so long.

    Raises
    ------
    InputError
        If an argument is not allowed, or both rows and a feature are asked for.

    Examples
    --------
    >>> views = pd.DataFrame({"customer_id": "ann", "event_type": "page_view", "product_id": "tv"}, index=range(4))
    >>> views["event_time"] = ["2026-06-01", "2026-06-03", "2026-06-04", "2026-06-05"]
    >>> trigger = Trigger("keen", [("event_type", "page_view")], at_least=3, by="product_id")
    >>> fired = trigger.fired(CustomerTables(events=views), "2026-06-01", "2026-07-01")
    >>> fired[["customer_id", "fired_at", "evidence"]].values.tolist()
    [['ann', Timestamp('2026-06-04 00:00:00'), 'event_type = page_view, product_id = tv: 3 events in 7 days']]
    """

    def __init__(
        self,
        name: str,
        where: Sequence[Any] = (),
        *,
        table: str = "events",
        window: str = "7D",
        at_least: int = 1,
        by: str | None = None,
        wait: str | None = None,
        unless: Sequence[Any] | None = None,
        unless_table: str = "transactions",
        feature: tuple[str, str, float] | None = None,
        rearm: float | None = None,
        cooldown: str | None = None,
    ) -> None:
        if not isinstance(name, str) or not name.strip():
            raise InputError(f"a trigger needs a name; got {name!r}.")
        self.name = name
        self.where = check_conditions(where, "where")
        self.table, self.unless_table = (check_one_of(given, _TABLES, "table") for given in (table, unless_table))
        self.window = check_duration(window, "window")
        self.at_least = check_number(at_least, "at_least", "1 or more", lambda number: number >= 1, whole=True)
        self.by = by
        self.wait = None if wait is None else check_duration(wait, "wait")
        self.unless = None if unless is None else check_conditions(unless, "unless")
        self.feature = None if feature is None else check_conditions([feature], "feature")[0]
        self.cooldown = None if cooldown is None else check_duration(cooldown, "cooldown")
        self.rearm = rearm
        self._check()

    def _check(self) -> None:
        if self.wait is not None and self.wait >= self.window:
            raise InputError(f"wait must be shorter than the window, {self.window}; got {self.wait}.")
        if self.feature is None:
            if self.rearm is not None:
                raise InputError("rearm is of a feature only; rows leave their window by themselves.")
            return
        if len(self.feature) != 3 or self.feature[1] not in (">=", ">", "<=", "<"):
            raise InputError(f"feature must be (name, '>=', '>', '<=' or '<', number); got {self.feature!r}.")
        if self.where or self.unless is not None or self.by or self.wait is not None:
            raise InputError("a trigger is of rows (where, by, wait, unless) or of a feature, not of both.")
        if self.rearm is not None:
            up = self.feature[1] in (">=", ">")
            side = "at most" if up else "at least"
            limit = float(self.feature[2])
            fine = (lambda number: number <= limit) if up else (lambda number: number >= limit)
            check_number(self.rearm, "rearm", f"{side} the limit, {limit:g}", fine)

    def __repr__(self) -> str:
        return f"Trigger({self.name!r}: {self._told()})"

    def _told(self) -> str:
        if self.feature is not None:
            return " ".join(in_words([self.feature]))
        return ", ".join(in_words(self.where)) or f"any of {self.table}"

    def fired(self, source: Any, since: Any, until: Any) -> pd.DataFrame:
        """List when the trigger fired for whom, with what was known by then.

        Parameters
        ----------
        source : CustomerTables, or DataFrame for a feature
            A frame has customer_id, as_of and the feature: its values at these moments, each of which holds until the
            next.
        since, until : Timestamp or str
            Fired at or after the first and before the second, UTC. What came before `since` counts for whether the
            condition held already, and for the cooldown.

        Returns
        -------
        DataFrame
            In order of time, then customer: customer_id, trigger, fired_at and evidence.

        Raises
        ------
        InputError
            If a table, a column or the frame is not as the trigger needs it, or `until` is not after `since`.
        """
        begin, end = check_time(since, "since"), check_time(until, "until")
        if end <= begin:
            raise InputError(f"until must be after since, {begin}; got {end}.")
        found = self._of_rows(source, end) if self.feature is None else self._of_feature(source, end)
        found = found.sort_values(["fired_at", "order"], kind="stable", ignore_index=True)
        if self.cooldown is not None:
            found = found[_rested(found, self.cooldown)]
        found = found[found["fired_at"] >= begin].reset_index(drop=True)
        words = found["words"].tolist()
        evidence = pd.Series([self._evidence(word) for word in words], index=found.index, dtype="str")
        name = pd.Series(self.name, index=found.index, dtype="str")
        columns = {c.CUSTOMER_ID: found[c.CUSTOMER_ID], "trigger": name, "fired_at": found["fired_at"]}
        return pd.DataFrame({**columns, "evidence": evidence})

    def _of_rows(self, tables: Any, end: pd.Timestamp) -> pd.DataFrame:
        if not isinstance(tables, CustomerTables):
            raise TypeError(f"a trigger of rows needs CustomerTables; got {type(tables).__name__}.")
        last = int(microseconds(pd.Series([end]))[0])
        rows = presence(tables, self.table, self.where, self.by, last)
        cancels = None if self.unless is None else presence(tables, self.unless_table, self.unless, self.by, last, True)
        held = rows.counted(self.window, self.wait, cancels)
        return _frame(held, *entries(held, self.at_least, last))

    def _of_feature(self, source: Any, end: pd.Timestamp) -> pd.DataFrame:
        name, *_ = feature = self.feature or ()
        frame = check_frame(source, "source")
        check_columns(frame, [c.CUSTOMER_ID, c.AS_OF, name], "source")
        times = check_times(frame[c.AS_OF], "source.as_of")
        rows = frame.assign(**{c.AS_OF: times})[(times < end).to_numpy()]
        return crossings(rows, feature, self.rearm)

    def _evidence(self, word: str) -> str:
        if self.feature is not None:
            return f"{self.feature[0]} is {word}, {self.feature[1]} {self.feature[2]:g}"
        value, number = word.rsplit("|", 1)
        which = f", {self.by} = {value}" if self.by else ""
        hours = self.window.total_seconds() / 3600
        length = f"{hours / 24:g} days" if hours >= 48 else f"{hours:g} hours"
        rows = self.table.removesuffix("s") if number == "1" else self.table
        told = f"{self._told()}{which}: {number} {rows} in {length}"
        if self.unless is None:
            return told
        return f"{told}, {', '.join(in_words(self.unless)) or f'any of {self.unless_table}'} not since"


def _frame(held: Presence, group: np.ndarray, moment: np.ndarray, number: np.ndarray) -> pd.DataFrame:
    customers, values = held.customers.take(group).reset_index(drop=True), held.values[group]
    words = [f"{value}|{count}" for value, count in zip(values, number, strict=True)]
    # Of one moment the order is that of customers and values, whatever that of the rows was.
    keys = pd.DataFrame({"customer": customers.astype("str"), "value": values})
    order = pd.Series(range(len(keys)), index=keys.sort_values(["customer", "value"], kind="stable").index)
    return pd.DataFrame(
        {
            c.CUSTOMER_ID: customers,
            "fired_at": pd.Series(moment.astype("datetime64[us]")),
            "words": pd.Series(words, dtype=object),
            "order": order,
        }
    )


def _rested(found: pd.DataFrame, cooldown: pd.Timedelta) -> np.ndarray:
    """Keep of each customer the first firing, and then always the next after the cooldown; one round a firing."""
    codes = pd.factorize(found[c.CUSTOMER_ID])[0]
    times = found["fired_at"].to_numpy("datetime64[us]").astype(np.int64)
    kept = np.zeros(len(found), dtype=bool)
    free_from = np.full(codes.max(initial=-1) + 1, np.iinfo(np.int64).min)
    left = np.arange(len(found))
    length = cooldown // pd.Timedelta(1, unit="us")
    while len(left):
        left = left[times[left] >= free_from[codes[left]]]
        _, first = np.unique(codes[left], return_index=True)
        chosen = left[first]
        kept[chosen] = True
        free_from[codes[chosen]] = times[chosen] + length
        left = np.setdiff1d(left, chosen)
    return kept

"""Customers who do less than they are used to: fewer visits, a silence too long."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy import special

from nbo.alerting.causes.signal import DAY, Signal, day_of, days_text, silent
from nbo.features.builders.transaction import completed_sales
from nbo.features.windows import rows_before
from nbo.tables import CustomerTables, Spine

__all__ = ["habit_signals"]

_FALLING: Final = "falling engagement"
_SILENCE: Final = "silence"
_RECENT, _NORM = 30, 180
_LEAST_EXPECTED: Final = 3.0
_FALL: Final = 0.5
_CHANCE: Final = 0.05
_LEAST_DAYS: Final = 4
_GAPS: Final = 3.0


def habit_signals(tables: CustomerTables, spine: Spine) -> list[Signal]:
    """Find who does less than usual for this very customer.

    Engagement falls where the events of the last 30 days are at most half of what the 150 days before (or as long
    as the customer is known by events, at least 30) let expect, at least 3, and so few would come by
    chance in less than 5 % of such months, if events came at random at the customer's own rate. A silence is too
    long where it is at least 3 mean gaps between the customer's days of purchase, of which there
    are at least 4; with gaps at random one in twenty is as long.

    Parameters
    ----------
    tables : CustomerTables
    spine : Spine of n rows

    Returns
    -------
    list of Signal
    """
    return [_falling(tables, spine), _silence(tables, spine)]


def _falling(tables: CustomerTables, spine: Spine) -> Signal:
    if not tables.has("events"):
        return silent(_FALLING, len(spine))
    history = rows_before(tables.columns("events"), spine.frame)
    low, high = history.bounds(f"{_RECENT}D")
    recent = high - low
    far, _ = history.bounds(f"{_NORM}D")
    first = np.append(history.times, 0)[np.where(history.end > history.first, history.first, -1)]
    known = np.minimum((history.as_of - first) / DAY, _NORM) - _RECENT
    there = (history.end > history.first) & (known >= _RECENT)
    expected = np.where(there, (low - far) / np.where(there, known, 1.0) * _RECENT, 0.0)
    rare = special.pdtr(recent, expected) < _CHANCE
    holds = (expected >= _LEAST_EXPECTED) & (recent <= _FALL * expected) & rare

    def evidence(row: int) -> str:
        usual = f"{expected[row]:.0f} are usual for this customer"
        return f"{recent[row]} visits and other events in {_RECENT} days, where {usual}"

    return Signal(_FALLING, holds, evidence)


def _silence(tables: CustomerTables, spine: Spine) -> Signal:
    if not tables.has("transactions"):
        return silent(_SILENCE, len(spine))
    table = tables.columns("transactions")
    history = rows_before(table, spine.frame)
    history = history.where(completed_sales(table)[history.rows])
    times = np.append(history.times, 0)
    some = history.end > history.first
    first, last = (times[np.where(some, place, -1)] for place in (history.first, history.end - 1))
    # Several rows of one day are one purchase.
    another = np.concatenate([[0], np.cumsum(np.diff(history.times // DAY) != 0), [0]])
    days = np.where(
        some, another[np.where(some, history.end - 1, 0)] - another[np.where(some, history.first, 0)] + 1, 0
    )
    gap = (last - first) / np.maximum(days - 1, 1)
    quiet = history.as_of - last
    holds = (days >= _LEAST_DAYS) & (quiet >= _GAPS * gap)

    def evidence(row: int) -> str:
        usual = f"this customer used to buy every {max(gap[row] / DAY, 1):.0f} days"
        return f"no purchase for {days_text(quiet[row])}, since {day_of(last[row])}; {usual}"

    return Signal(_SILENCE, holds, evidence)

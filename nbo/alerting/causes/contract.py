"""Contracts that end soon, and payments that go wrong."""

from __future__ import annotations

from typing import Final

import numpy as np

from nbo import columns as c
from nbo.alerting.causes.signal import DAY, Signal, day_of, days_text, last_rows, silent
from nbo.features.conditions import rows_where
from nbo.features.windows import rows_as_of, rows_before
from nbo.tables import CustomerTables, Spine
from nbo.tables.plain_values import MISSING_TIME

__all__ = ["contract_signals"]

_ENDS: Final = "contract end"
_PAYMENT: Final = "payment"
_AHEAD: Final = 60 * DAY
_OVERDUE: Final = 14 * DAY
_FAILED: Final = (c.EVENT_TYPE, "in", ("payment_failed", "direct_debit_returned", "payment_reminder"))


def contract_signals(tables: CustomerTables, spine: Spine, contract_end: str) -> list[Signal]:
    """Find whose contract ends within 60 days, and whose payment failed or is pending for more than 14 days.

    Parameters
    ----------
    tables : CustomerTables
        Failed payments are events payment_failed, direct_debit_returned or payment_reminder of the last 60 days.
    spine : Spine of n rows
    contract_end : str
        Column of customers with the end of the contract; nobody's ends where it is not there.

    Returns
    -------
    list of Signal
    """
    return [_ending(tables, spine, contract_end), _payments(tables, spine)]


def _ending(tables: CustomerTables, spine: Spine, contract_end: str) -> Signal:
    if not tables.has("customers") or contract_end not in tables.columns("customers"):
        return silent(_ENDS, len(spine))
    table = tables.columns("customers")
    rows = rows_as_of(table, spine.frame)
    ends = np.append(table.times(contract_end), MISSING_TIME)[rows]
    as_of = spine.frame[c.AS_OF].to_numpy("datetime64[us]").astype(np.int64)
    there = ends != MISSING_TIME
    left = np.where(there, ends, as_of) - as_of
    holds = there & (left >= 0) & (left <= _AHEAD)
    return Signal(_ENDS, holds, lambda row: f"contract ends in {days_text(left[row])}, on {day_of(ends[row])}")


def _payments(tables: CustomerTables, spine: Spine) -> Signal:
    n = len(spine)
    failed, failed_at = np.zeros(n, dtype=bool), np.zeros(n, dtype=np.int64)
    if tables.has("events") and c.EVENT_TYPE in tables.columns("events"):
        events = tables.columns("events")
        history = rows_before(events, spine.frame)
        history = history.where(rows_where(events, [_FAILED])[history.rows])
        some, _ = last_rows(history)
        failed_at = np.append(history.times, 0)[np.where(some, history.end - 1, -1)]
        failed = some & (failed_at >= history.as_of - _AHEAD)
    late, ordered_at = _pending(tables, spine)

    def evidence(row: int) -> str:
        if failed[row]:
            return f"a payment failed or was reminded of on {day_of(failed_at[row])}"
        return f"the order of {day_of(ordered_at[row])} is still pending"

    return Signal(_PAYMENT, failed | late, evidence)


def _pending(tables: CustomerTables, spine: Spine) -> tuple[np.ndarray, np.ndarray]:
    """Mark who has an order pending for more than 14 days and up to 74, and when the last such one was made."""
    nobody = np.zeros(len(spine), dtype=bool), np.zeros(len(spine), dtype=np.int64)
    if not tables.has("transactions") or c.STATUS not in tables.columns("transactions"):
        return nobody
    table = tables.columns("transactions")
    history = rows_before(table, spine.frame)
    history = history.where(rows_where(table, [(c.STATUS, c.PENDING)])[history.rows])
    low, high = history.bounds(f"{_AHEAD // DAY}D_before_{_OVERDUE // DAY}D")
    some = high > low
    return some, np.append(history.times, 0)[np.where(some, high - 1, -1)]

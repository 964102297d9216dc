"""Append rows to the tables: each once, never changed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection, Table, delete, insert, select

from nbo import columns as c
from nbo.errors import InputError, LedgerError
from nbo.ledger.kinds import widen
from nbo.ledger.rows import Batch
from nbo.ledger.schema import COLUMNS, DECISION_KINDS, DECISIONS, OUTCOME_KINDS, OUTCOMES

__all__ = ["append_decisions", "append_outcomes", "fetch_by_id", "read_kinds"]

# Rows of one statement; SQLite takes at most 32,766 parameters.
_CHUNK: Final = 5_000

_KEYS: Final = (c.DECISION_ID, c.CUSTOMER_ID)
_NAMES: Final = {
    DECISIONS.name: (*DECISION_KINDS, "extra"),
    OUTCOMES.name: (*OUTCOME_KINDS, "extra"),
}


def append_decisions(connection: Connection, batch: Batch) -> int:
    """Append decisions that are not there yet.

    Parameters
    ----------
    connection : Connection
        In a transaction that writes.
    batch : Batch

    Returns
    -------
    int
        How many were new.

    Raises
    ------
    InputError
        If a column is of another kind than in the ledger.
    LedgerError
        If a decision id is taken by a decision with other content.
    """
    _save_kinds(connection, DECISIONS, batch.kinds)
    recorded = {row[0]: row for row in fetch_by_id(connection, DECISIONS, _NAMES[DECISIONS.name], batch.ids)}
    new: dict[str, tuple[Any, ...]] = {}
    reasons = {}
    for position, row in enumerate(batch.rows):
        earlier = recorded.get(row[0]) or new.setdefault(row[0], row)
        if earlier != row:
            reasons[position] = _difference(earlier, row)
    if reasons:
        _refuse_changes(batch, reasons)
    return _insert(connection, DECISIONS, list(new.values()))


def append_outcomes(connection: Connection, batch: Batch) -> int:
    """Append outcomes that are not there yet.

    Parameters
    ----------
    connection : Connection
        In a transaction that writes.
    batch : Batch
        Outcomes of decisions that are recorded.

    Returns
    -------
    int
        How many were new. Another answer to the same decision is new: a correction.

    Raises
    ------
    InputError
        If an extra column is of another kind than in the ledger.
    """
    _save_kinds(connection, OUTCOMES, {name: kind for name, kind in batch.kinds.items() if name != c.DECISION_ID})
    recorded = set(fetch_by_id(connection, OUTCOMES, _NAMES[OUTCOMES.name], batch.ids))
    return _insert(connection, OUTCOMES, [row for row in dict.fromkeys(batch.rows) if row not in recorded])


def fetch_by_id(
    connection: Connection, table: Table, names: Sequence[str], ids: Sequence[str]
) -> Iterator[tuple[Any, ...]]:
    """Read the rows of some decisions.

    Parameters
    ----------
    connection : Connection
    table : Table
    names : sequence of str
        The columns to read.
    ids : sequence of str
        Decision ids.

    Yields
    ------
    tuple
        One row that is there, with the columns in the order of `names`.
    """
    query = select(*(table.c[name] for name in names))
    for start in range(0, len(ids), _CHUNK):
        for row in connection.execute(query.where(table.c.decision_id.in_(ids[start : start + _CHUNK]))):
            yield tuple(row)


def read_kinds(connection: Connection, table: Table) -> dict[str, str]:
    """Read the kinds of a table's keys and extra columns, in the order in which they first came.

    Parameters
    ----------
    connection : Connection
    table : Table

    Returns
    -------
    dict
        Kind by name of the column.
    """
    query = select(COLUMNS.c.name, COLUMNS.c.kind).where(COLUMNS.c.table_name == table.name)
    return {row.name: row.kind for row in connection.execute(query.order_by(COLUMNS.c.position))}


def _save_kinds(connection: Connection, table: Table, given: Mapping[str, str]) -> None:
    stored = read_kinds(connection, table)
    kinds = dict(stored)
    keys = _KEYS if table is DECISIONS else ()
    for name, kind in given.items():
        label = f"{table.name.removeprefix('nbo_')}.{name}"
        kinds[name] = widen(stored.get(name, kind), kind, label)
        if name in keys and kinds[name] != stored.get(name, kind):
            raise InputError(
                f"{label} must be {stored[name]} as it is in this ledger; it is {kind}. "
                f"Convert it with .astype({'int' if stored[name] == 'integer' else 'str'})."
            )
    if kinds == stored:
        return
    connection.execute(delete(COLUMNS).where(COLUMNS.c.table_name == table.name))
    rows = [
        {"table_name": table.name, "name": name, "position": position, "kind": kind}
        for position, (name, kind) in enumerate(kinds.items())
    ]
    connection.execute(insert(COLUMNS), rows)


def _insert(connection: Connection, table: Table, rows: list[tuple[Any, ...]]) -> int:
    names = _NAMES[table.name]
    for start in range(0, len(rows), _CHUNK):
        chunk = [dict(zip(names, row, strict=True)) for row in rows[start : start + _CHUNK]]
        connection.execute(insert(table), chunk)
    return len(rows)


def _difference(recorded: Sequence[Any], given: Sequence[Any]) -> str:
    names = _NAMES[DECISIONS.name]
    old, new = _flat(names, recorded), _flat(names, given)
    name = next(name for name in {**old, **new} if old.get(name) != new.get(name))
    return f"its column {name!r} is {_shown(name, old.get(name))} in the ledger and {_shown(name, new.get(name))} here"


def _flat(names: Sequence[str], row: Sequence[Any]) -> dict[str, Any]:
    known = dict(zip(names, row, strict=True))
    extra = json.loads(known.pop("extra") or "{}")
    return {**known, **extra}


def _shown(name: str, value: Any) -> str:
    if value is None:
        return "missing"
    return str(pd.Timestamp(value, unit="us")) if DECISION_KINDS.get(name) == "time" else repr(value)


def _refuse_changes(batch: Batch, reasons: Mapping[int, str]) -> None:
    positions = list(reasons)
    first = positions[0]
    rejects = batch.frame.iloc[positions].assign(**{c.REASON: list(reasons.values())})
    count = f"{len(positions)} of {len(batch.rows)} rows {'has' if len(positions) == 1 else 'have'}"
    raise LedgerError(
        f"decisions must not change what is recorded; {count} the decision_id of another decision, "
        f"first at row {first}: {batch.rows[first][0]!r}, {reasons[first]}. "
        "Nothing was written. Give a new decision its own decision_id.",
        rejects,
    )

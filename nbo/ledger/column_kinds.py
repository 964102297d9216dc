"""Which kinds of values the columns hold, kept so that they come back as they were."""

from __future__ import annotations

from collections.abc import Mapping

from nbo import columns as c
from nbo.errors import InputError
from nbo.ledger.cursor import Cursor
from nbo.ledger.kinds import widen
from nbo.ledger.layout import DECISION_LAYOUT

__all__ = ["read_kinds", "save_kinds", "widened_kinds"]

_KEYS = {DECISION_LAYOUT.name: (c.DECISION_ID, c.CUSTOMER_ID)}


def read_kinds(cursor: Cursor, table: str) -> dict[str, str]:
    """Read the kinds of a table's keys and extra columns, in the order in which they first came.

    Parameters
    ----------
    cursor : Cursor
    table : str

    Returns
    -------
    dict
        Kind by name of the column.
    """
    query = "SELECT name, kind FROM nbo_columns WHERE table_name = ? ORDER BY position"
    return dict(cursor.all(query, (table,)))


def widened_kinds(cursor: Cursor, table: str, given: Mapping[str, str]) -> dict[str, str]:
    """Find the kinds that hold what the ledger has and what comes new; nothing is written.

    Parameters
    ----------
    cursor : Cursor
    table : str
    given : mapping
        Kinds of the new rows.

    Returns
    -------
    dict
        All kinds of the table if any is new or wider, else nothing.

    Raises
    ------
    InputError
        If a key is of another kind than in the ledger, or times meet another kind.
    """
    # Kinds only ever widen, so what they held once they hold still, whoever wrote since.
    if _holds(cursor.memory.kinds.get(table, {}), given):
        return {}
    stored = cursor.memory.kinds[table] = read_kinds(cursor, table)
    kinds = dict(stored)
    for name, kind in given.items():
        label = f"{table.removeprefix('nbo_')}.{name}"
        kinds[name] = widen(stored.get(name, kind), kind, label)
        if name in _KEYS.get(table, ()) and kinds[name] != stored.get(name, kind):
            raise InputError(
                f"{label} must be {stored[name]} as it is in this ledger; it is {kind}. "
                f"Convert it with .astype({'int' if stored[name] == 'integer' else 'str'})."
            )
    return {} if kinds == stored else kinds


def save_kinds(cursor: Cursor, table: str, kinds: Mapping[str, str]) -> None:
    """Write the kinds of a table's columns.

    Parameters
    ----------
    cursor : Cursor
    table : str
    kinds : mapping
        Of :func:`widened_kinds`; if there are none, nothing is done.
    """
    if not kinds:
        return
    cursor.run("DELETE FROM nbo_columns WHERE table_name = ?", (table,))
    rows = [(table, name, position, kind) for position, (name, kind) in enumerate(kinds.items())]
    cursor.run_many("INSERT INTO nbo_columns (table_name, name, position, kind) VALUES (?, ?, ?, ?)", rows)
    cursor.memory.kinds[table] = dict(kinds)


def _holds(stored: Mapping[str, str], given: Mapping[str, str]) -> bool:
    return all(name in stored and kind in (stored[name], "empty") for name, kind in given.items())

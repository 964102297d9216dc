"""Bring a ledger of format 1 to the present format, in place and in one transaction."""

from __future__ import annotations

import logging
from itertools import islice
from typing import Final

from sqlalchemy import Connection, inspect

from nbo.ledger.chain import append_rows
from nbo.ledger.cursor import Cursor
from nbo.ledger.layout import DECISION_LAYOUT, OUTCOME_LAYOUT, Layout
from nbo.ledger.schema import DECISIONS, FORMAT, META, OUTCOMES, TABLES

__all__ = ["upgrade"]

_LOG = logging.getLogger(__name__)
_AT_ONCE: Final = 50_000


def upgrade(connection: Connection, name: str) -> None:
    """Copy the rows of a ledger of format 1 into tables with a chain.

    The chain holds from here on: of what happened to the rows before, it knows nothing.

    Parameters
    ----------
    connection : Connection
        In a transaction that alone may write.
    name : str
        Of the ledger, for messages.
    """
    cursor = Cursor.of(connection)
    for table in (OUTCOMES, DECISIONS):
        for index in inspect(connection).get_indexes(table.name):
            # Those of unique columns go with their table.
            if str(index["name"]).startswith("ix_"):
                cursor.run(f"DROP INDEX {index['name']}")
        cursor.run(f"ALTER TABLE {table.name} RENAME TO {_old(table.name)}")
    TABLES.create_all(connection)
    n_rows = [_copy(connection, layout) for layout in (DECISION_LAYOUT, OUTCOME_LAYOUT)]
    for table in (OUTCOMES, DECISIONS):
        cursor.run(f"DROP TABLE {_old(table.name)}")
    cursor.run(f"UPDATE {META.name} SET value = ? WHERE name = 'format'", (str(FORMAT),))
    _LOG.info("Upgraded the ledger %s to format %d: %d decisions, %d outcomes", name, FORMAT, *n_rows)


def _old(table: str) -> str:
    return f"{table}_of_format_1"


def _copy(connection: Connection, layout: Layout) -> int:
    reading, writing = Cursor.of(connection), Cursor.of(connection)
    names = ", ".join(layout.columns)
    rows = reading.each(f"SELECT {names} FROM {_old(layout.name)} ORDER BY row")
    n_rows = 0
    while some := list(islice(rows, _AT_ONCE)):
        n_rows += append_rows(writing, layout, some)
    return n_rows

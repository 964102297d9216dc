"""The chain of hashes that shows whether recorded rows were changed, removed or slipped in.

Each row has a `chain`: the SHA-256 of the row before's `chain` and of its own content. The last
one stands in ``nbo_chains``. What identifies a person is not in the content itself but as a
digest, the SHA-256 of a random salt and these columns. The row keeps the salt in `seal`. When the
person is erased, the digest takes the salt's place: the chain can still be followed, and the
digest tells nothing, because nobody can try out customer ids without the salt.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any, Final

from nbo.ledger.cursor import Cursor
from nbo.ledger.layout import Layout

__all__ = ["DIGEST_BYTES", "START", "append_rows"]

# What the first row of a table follows.
START: Final = bytes(32)
DIGEST_BYTES: Final = 32
_SALT_BYTES: Final = 16

_READ: Final = "SELECT n_rows, head FROM nbo_chains WHERE table_name = ?"
_BEGIN: Final = "INSERT INTO nbo_chains (n_rows, head, table_name) VALUES (?, ?, ?)"
_CONTINUE: Final = "UPDATE nbo_chains SET n_rows = ?, head = ? WHERE table_name = ? AND n_rows = ? AND head = ?"


def append_rows(cursor: Cursor, layout: Layout, rows: Sequence[Sequence[Any]]) -> int:
    """Write rows at the end of a table and of its chain.

    Parameters
    ----------
    cursor : Cursor
        In a transaction that alone may write.
    layout : Layout
    rows : sequence of sequence
        Values of its columns.

    Returns
    -------
    int
        How many they are.
    """
    if not rows:
        return 0
    if len(rows) > 1:
        # To hash many rows twice costs more than to ask.
        cursor.memory.ends.pop(layout.name, None)
    count, head = cursor.memory.ends.get(layout.name) or _read_end(cursor, layout)
    linked = list(_linked(layout, count, head, rows))
    if not cursor.run(_CONTINUE, (count + len(rows), linked[-1][-1], layout.name, count, head)):
        # Another process has written since.
        cursor.memory.ends.pop(layout.name, None)
        return append_rows(cursor, layout, rows)
    cursor.run_many(layout.insert, linked)
    cursor.memory.ends[layout.name] = count + len(rows), linked[-1][-1]
    return len(rows)


def _read_end(cursor: Cursor, layout: Layout) -> tuple[int, bytes]:
    end = cursor.one(_READ, (layout.name,))
    if end is None:
        cursor.run(_BEGIN, (0, START, layout.name))
        return 0, START
    return end[0], end[1]


def _linked(layout: Layout, count: int, head: bytes, rows: Sequence[Sequence[Any]]) -> Iterator[tuple[Any, ...]]:
    personal = layout.are_personal(rows)
    salts = os.urandom(_SALT_BYTES * len(rows)) if any(personal) else b""
    for i, row in enumerate(rows):
        salt = salts[_SALT_BYTES * i : _SALT_BYTES * (i + 1)] if personal[i] else None
        head = layout.link(head, count + i + 1, row, None if salt is None else layout.digest(row, salt))
        yield (count + i + 1, *row, salt, head) if layout.personal else (count + i + 1, *row, head)

"""The chain of hashes that shows whether recorded rows were changed, removed or slipped in.

Each row has a `chain`: the SHA-256 of the row before's `chain` and of its own content. The last
one stands in ``nbo_chains``. What identifies a person is not in the content itself but as a
digest, the SHA-256 of a random salt and these columns. The row keeps the salt in `seal`. When the
person is erased, the digest takes the salt's place: the chain can still be followed, and the
digest tells nothing, because nobody can try out customer ids without the salt.
"""

from __future__ import annotations

import os
from collections import deque
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
_MOVE: Final = "UPDATE nbo_chains SET n_rows = ?, head = ? WHERE table_name = ? AND n_rows = ? AND head = ?"


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
    if not rows or (len(rows) == 1 and _append_where_remembered(cursor, layout, rows)):
        return len(rows)
    count, head = _read_end(cursor, layout)
    last = deque([head], maxlen=1)
    # Rows are hashed while they are written: a list of all would not stay in the processor's cache.
    cursor.run_many(layout.insert, _linked(layout, count, last, rows))
    end = count + len(rows), last[0]
    cursor.run(_MOVE, (*end, layout.name, count, head))
    cursor.memory.ends[layout.name] = end
    return len(rows)


def _append_where_remembered(cursor: Cursor, layout: Layout, rows: Sequence[Sequence[Any]]) -> bool:
    """Write a row where the chain ended last; if another process has written since, nothing is done."""
    end = cursor.memory.ends.get(layout.name)
    if end is None:
        return False
    count, head = end
    (stored,) = _linked(layout, count, deque([head]), rows)
    if not cursor.run(_MOVE, (count + 1, stored[-1], layout.name, count, head)):
        return False
    cursor.run(layout.insert, stored)
    cursor.memory.ends[layout.name] = count + 1, stored[-1]
    return True


def _read_end(cursor: Cursor, layout: Layout) -> tuple[int, bytes]:
    end = cursor.one(_READ, (layout.name,))
    if end is None:
        cursor.run(_BEGIN, (0, START, layout.name))
        return 0, START
    return end[0], end[1]


def _linked(layout: Layout, count: int, last: deque[bytes], rows: Sequence[Sequence[Any]]) -> Iterator[tuple[Any, ...]]:
    personal, link, head = layout.are_personal(rows), layout.link, last[0]
    if layout.personal and not any(personal):
        for number, row in enumerate(rows, count + 1):
            head = link(head, number, row, None)
            yield (number, *row, None, head)
        last.append(head)
        return
    salts = os.urandom(_SALT_BYTES * len(rows)) if any(personal) else b""
    for i, row in enumerate(rows):
        salt = salts[_SALT_BYTES * i : _SALT_BYTES * (i + 1)] if personal[i] else None
        head = link(head, count + i + 1, row, None if salt is None else layout.digest(row, salt))
        yield (count + i + 1, *row, salt, head) if layout.personal else (count + i + 1, *row, head)
    last.append(head)

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
_CONTINUE: Final = "UPDATE nbo_chains SET n_rows = ?, head = ? WHERE table_name = ?"


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
    known = cursor.one(_READ, (layout.name,))
    count, head = (0, START) if known is None else known
    linked = list(_linked(layout, count, head, rows))
    cursor.run_many(layout.insert, linked)
    cursor.run(_BEGIN if known is None else _CONTINUE, (count + len(rows), linked[-1][-1], layout.name))
    return len(rows)


def _linked(layout: Layout, count: int, head: bytes, rows: Sequence[Sequence[Any]]) -> Iterator[tuple[Any, ...]]:
    salts = os.urandom(_SALT_BYTES * len(rows)) if layout.personal else b""
    for number, row in enumerate(rows, count + 1):
        salt = digest = None
        if layout.is_personal(row):
            start = _SALT_BYTES * (number - count - 1)
            salt = salts[start : start + _SALT_BYTES]
            digest = layout.digest(row, salt)
        head = layout.link(head, number, row, digest)
        yield (number, *row, salt, head) if layout.personal else (number, *row, head)

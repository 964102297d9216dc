"""Follow the chain through a ledger and find the first row that is not as it was recorded."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from nbo.errors import InputError
from nbo.ledger.chain import DIGEST_BYTES, START
from nbo.ledger.cursor import Cursor
from nbo.ledger.layout import DECISION_LAYOUT, ERASURE_LAYOUT, OUTCOME_LAYOUT, Layout
from nbo.ledger.verification import Verification

__all__ = ["remains_of", "verify"]

_LAYOUTS: Final = (DECISION_LAYOUT, OUTCOME_LAYOUT, ERASURE_LAYOUT)
_TABLES: Final = tuple(layout.name for layout in _LAYOUTS)
_HEAD: Final = re.compile(r"(\d+)\.(\d+)\.(\d+)\.([0-9a-f]{64})")
_CHANGED: Final = "its content is not what was recorded"


class _BrokenError(Exception):
    def __init__(self, table: str, row: int | None, problem: str) -> None:
        super().__init__(problem)
        self.table, self.row, self.problem = table, row, problem


@dataclass
class _Walk:
    """What is seen on the way: rows checked, heads, and what erasures left."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_TABLES, 0))
    heads: dict[str, bytes] = field(default_factory=lambda: dict.fromkeys(_TABLES, START))
    # The hashes where a head that was kept elsewhere says the tables stood.
    passed: dict[str, bytes] = field(default_factory=lambda: dict.fromkeys(_TABLES, START))
    pseudonyms: dict[str, str] = field(default_factory=dict)
    remains: dict[str, list[list[Any]]] = field(default_factory=lambda: defaultdict(list))

    def head(self) -> str:
        return _joined(self.counts, self.heads)


def verify(cursor: Cursor, head: str | None = None) -> Verification:
    """Check every row against the chain.

    Parameters
    ----------
    cursor : Cursor
        In a transaction that sees one state.
    head : str, optional
        Of an earlier check; it must be found on the way.

    Returns
    -------
    Verification

    Raises
    ------
    InputError
        If `head` is not one.
    """
    wanted = _parsed(head)
    walk, fault = _Walk(), None
    try:
        for layout in _LAYOUTS:
            _follow(cursor, layout, walk, wanted[layout.name])
        _check_erasures(cursor, walk)
        if head is not None and _joined(wanted, walk.passed) != head:
            raise _BrokenError("", None, f"the head {head} is not found in it: rows before it were changed or removed")
    except _BrokenError as broken:
        fault = broken
    decisions, outcomes, erasures = (walk.counts[table] for table in _TABLES)
    if fault is None:
        return Verification(True, decisions, outcomes, erasures, walk.head())
    return Verification(
        False, decisions, outcomes, erasures, walk.head(), fault.table or None, fault.row, fault.problem
    )


def remains_of(rows: Sequence[Sequence[Any]]) -> str:
    """Hash what an erasure leaves in the place of what identified a person.

    Parameters
    ----------
    rows : sequence of (table, number, extra)
        The erased rows: decisions, then outcomes, each in the order of recording.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    return sha256(ascii([tuple(row) for row in rows]).encode()).hexdigest()


def _follow(cursor: Cursor, layout: Layout, walk: _Walk, wanted: int) -> None:
    table = layout.name
    n_rows, end = cursor.one("SELECT n_rows, head FROM nbo_chains WHERE table_name = ?", (table,)) or (0, START)
    for number, *values in cursor.each(f"SELECT {', '.join(layout.stored)} FROM {table} ORDER BY row"):
        before = walk.counts[table]
        if number > n_rows:
            raise _BrokenError(table, number, f"it was slipped in: the ledger recorded {n_rows} rows")
        if number != before + 1:
            _refuse_gap(table, before + 1, number)
        row, chain = values[: len(layout.columns)], values[-1]
        digest = _digest(layout, number, row, values[-2], walk) if layout.personal else None
        if layout.link(walk.heads[table], number, row, digest) != chain:
            raise _BrokenError(table, number, _CHANGED)
        walk.counts[table], walk.heads[table] = number, chain
        if number == wanted:
            walk.passed[table] = chain
    if walk.counts[table] != n_rows:
        _refuse_gap(table, walk.counts[table] + 1, n_rows + 1)
    if walk.heads[table] != end:
        raise _BrokenError(table, n_rows or None, "it is not where the chain ends")


def _refuse_gap(table: str, first: int, after: int) -> None:
    last = after - 1
    problem = "it is missing" if first == last else f"it and all up to row {last} are missing"
    raise _BrokenError(table, first, problem if first <= last else "rows are numbered otherwise than recorded")


def _digest(layout: Layout, number: int, row: list[Any], seal: Any, walk: _Walk) -> bytes | None:
    """Give the digest of what identifies a person: made from it, or, once it is erased, kept in its place."""
    if seal is None and not layout.are_personal([row])[0]:
        return None
    if not isinstance(seal, bytes):
        raise _BrokenError(layout.name, number, _CHANGED)
    if len(seal) != DIGEST_BYTES:
        return layout.digest(row, seal)
    if layout.name == DECISION_LAYOUT.name:
        walk.pseudonyms[row[0]] = row[layout.personal[0]]
    pseudonym = walk.pseudonyms.get(row[0])
    if pseudonym is None:
        raise _BrokenError(layout.name, number, "it is erased, and its decision is not")
    walk.remains[pseudonym].append([layout.name, number, row[-1]])
    return seal


def _check_erasures(cursor: Cursor, walk: _Walk) -> None:
    rows = cursor.all(f"SELECT row, pseudonym, decisions, outcomes, remains FROM {ERASURE_LAYOUT.name} ORDER BY row")
    for number, pseudonym, decisions, outcomes, remains in rows:
        found = walk.remains.pop(pseudonym, [])
        counts = [sum(table == name for table, _, _ in found) for name in _TABLES[:2]]
        if counts != [decisions, outcomes] or remains_of(found) != remains:
            raise _BrokenError(ERASURE_LAYOUT.name, number, "the rows that it erased are not as it left them")
    for found in walk.remains.values():
        table, number, _ = found[0]
        raise _BrokenError(table, number, "it is erased, and no erasure says so")


def _joined(counts: dict[str, int], heads: dict[str, bytes]) -> str:
    numbers = ".".join(str(counts[table]) for table in _TABLES)
    return f"{numbers}.{sha256(b''.join(heads[table] for table in _TABLES)).hexdigest()}"


def _parsed(head: str | None) -> dict[str, int]:
    if head is None:
        return dict.fromkeys(_TABLES, 0)
    match = _HEAD.fullmatch(head) if isinstance(head, str) else None
    if match is None:
        raise InputError(f"head must be one that an earlier check gave, such as '3.2.0.' and 64 digits; got {head!r}.")
    return {table: int(match[i]) for i, table in enumerate(_TABLES, 1)}

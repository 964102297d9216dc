"""Erase who a customer is from decisions and outcomes, and leave what was done and what came of it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection
from typing import Any, Final

from nbo import columns as c
from nbo.ledger.chain import DIGEST_BYTES, append_rows
from nbo.ledger.column_kinds import read_kinds
from nbo.ledger.cursor import Cursor
from nbo.ledger.layout import DECISION_LAYOUT, ERASURE_LAYOUT, OUTCOME_LAYOUT, Layout
from nbo.ledger.rows import extra_text
from nbo.ledger.verify import remains_of

__all__ = ["ERASURE_KINDS", "erase"]

ERASURE_KINDS: Final = {
    "erased_at": "time",
    "pseudonym": "key",
    "decisions": "integer",
    "outcomes": "integer",
    "reason": "text",
}


def erase(cursor: Cursor, customer: str, keep: Collection[str], reason: str | None, now: int) -> int:
    """Put a random pseudonym in a customer's place, and remove the extra columns.

    Parameters
    ----------
    cursor : Cursor
        In a transaction that alone may write.
    customer : str
        The customer's id as text.
    keep : collection of str
        Extra columns that stay.
    reason : str or None
        Kept with the erasure.
    now : int
        Microseconds since 1970 in UTC.

    Returns
    -------
    int
        How many decisions were the customer's.
    """
    decisions = cursor.all(
        f"SELECT {', '.join(DECISION_LAYOUT.stored)} FROM {DECISION_LAYOUT.name} "
        f"WHERE {c.CUSTOMER_ID} = ? AND length(seal) < {DIGEST_BYTES} ORDER BY row",
        (customer,),
    )
    if not decisions:
        return 0
    cursor.overwrite()
    pseudonym = _pseudonym(read_kinds(cursor, DECISION_LAYOUT.name).get(c.CUSTOMER_ID, "text"))
    of_them = cursor.of_decisions(OUTCOME_LAYOUT.name, OUTCOME_LAYOUT.stored, [row[1] for row in decisions])
    outcomes = sorted((row for row in of_them if row[-2] is not None), key=lambda row: int(row[0]))
    left = [_strip(cursor, DECISION_LAYOUT, row, keep) for row in decisions]
    left += [_strip(cursor, OUTCOME_LAYOUT, row, keep) for row in outcomes]
    named = [(pseudonym, row[0]) for row in decisions]
    cursor.run_many(f"UPDATE {DECISION_LAYOUT.name} SET {c.CUSTOMER_ID} = ? WHERE row = ?", named)
    append_rows(cursor, ERASURE_LAYOUT, [(now, pseudonym, len(decisions), len(outcomes), reason, remains_of(left))])
    return len(decisions)


def _strip(cursor: Cursor, layout: Layout, stored: tuple[Any, ...], keep: Collection[str]) -> list[Any]:
    number, *row, seal, _ = stored
    kept = {name: value for name, value in json.loads(row[-1] or "{}").items() if name in keep}
    extra = extra_text(kept) if kept else None
    digest = layout.digest(row, seal)
    cursor.run(f"UPDATE {layout.name} SET extra = ?, seal = ? WHERE row = ?", (extra, digest, number))
    return [layout.name, number, extra]


def _pseudonym(kind: str) -> str:
    # Beyond all ids that count up, and within 64 bits.
    return str(2**62 + secrets.randbits(62)) if kind == "integer" else f"erased-{secrets.token_hex(16)}"

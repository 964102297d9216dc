"""Append decisions and outcomes: each once, never changed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from nbo import columns as c
from nbo.errors import LedgerError
from nbo.ledger.answers import Answers, raise_rejects, read_decided, read_erased, why_refused
from nbo.ledger.chain import DIGEST_BYTES, append_rows
from nbo.ledger.column_kinds import save_kinds, widened_kinds
from nbo.ledger.cursor import Cursor
from nbo.ledger.layout import DECISION_LAYOUT, OUTCOME_LAYOUT
from nbo.ledger.rows import Batch, outcome_rows
from nbo.ledger.schema import DECISION_KINDS

__all__ = ["append_answer", "append_answers", "append_decisions"]

# What a single answer needs to know, in one question.
_DECISION_AND_OUTCOMES: Final = (
    "SELECT d.decided_at, length(d.seal), o.outcome, o.outcome_at, o.known_at, o.extra "
    "FROM nbo_decisions AS d LEFT JOIN nbo_outcomes AS o ON o.decision_id = d.decision_id WHERE d.decision_id = ?"
)


def append_decisions(cursor: Cursor, batch: Batch) -> int:
    """Append decisions that are not there yet.

    Parameters
    ----------
    cursor : Cursor
        In a transaction that alone may write.
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
    kinds = widened_kinds(cursor, DECISION_LAYOUT.name, batch.kinds)
    recorded = {
        row[0]: (row[:-1], len(row[-1]) == DIGEST_BYTES)
        for row in cursor.of_decisions(DECISION_LAYOUT.name, (*DECISION_LAYOUT.columns, "seal"), batch.distinct_ids)
    }
    new: dict[str, tuple[Any, ...]] = {}
    reasons = {}
    for position, row in enumerate(batch.rows):
        earlier, is_erased = recorded.get(row[0]) or (new.setdefault(row[0], row), False)
        given = _unnamed(row, earlier) if is_erased else row
        if earlier != given:
            reasons[position] = _difference(earlier, given)
    if reasons:
        _refuse_changes(batch, reasons)
    save_kinds(cursor, DECISION_LAYOUT.name, kinds)
    return append_rows(cursor, DECISION_LAYOUT, list(new.values()))


def append_answers(cursor: Cursor, answers: Answers, now: pd.Timestamp) -> int:
    """Append outcomes that are not there yet.

    Parameters
    ----------
    cursor : Cursor
        In a transaction that alone may write.
    answers : Answers
    now : Timestamp
        UTC; no answer may be later.

    Returns
    -------
    int
        How many were new. Another answer to the same decision is new: a correction.

    Raises
    ------
    InputError
        If an extra column is of another kind than in the ledger.
    LedgerError
        If any is no answer to a recorded decision.
    """
    raise_rejects(answers.frame, why_refused(answers, read_decided(cursor, answers.ids), now))
    batch = outcome_rows(answers.frame, answers.times, answers.ids)
    return _append_outcomes(cursor, batch, read_erased(cursor, answers.ids))


def append_answer(cursor: Cursor, batch: Batch, now: int) -> int | None:
    """Append one outcome if it is not there yet.

    Parameters
    ----------
    cursor : Cursor
        In a transaction that alone may write.
    batch : Batch
        One row.
    now : int
        Microseconds since 1970 in UTC; no answer may be later.

    Returns
    -------
    int or None
        1 if it was new, else 0; None if it is no answer to a recorded decision.

    Raises
    ------
    InputError
        If an extra column is of another kind than in the ledger.
    """
    decision_id, outcome, happened, known, extra = batch.rows[0]
    found = cursor.all(_DECISION_AND_OUTCOMES, (decision_id,))
    if not found or not found[0][0] <= happened <= now:
        return None
    if found[0][1] == DIGEST_BYTES:
        return _append_outcomes(cursor, batch, frozenset([decision_id]))
    kinds = widened_kinds(cursor, OUTCOME_LAYOUT.name, batch.kinds)
    save_kinds(cursor, OUTCOME_LAYOUT.name, kinds)
    is_repeat = (outcome, happened, known, extra) in [row[2:] for row in found]
    return 0 if is_repeat else append_rows(cursor, OUTCOME_LAYOUT, batch.rows)


def _append_outcomes(cursor: Cursor, batch: Batch, erased: frozenset[str]) -> int:
    kinds = widened_kinds(cursor, OUTCOME_LAYOUT.name, batch.kinds)
    there = cursor.of_decisions(OUTCOME_LAYOUT.name, OUTCOME_LAYOUT.columns, batch.distinct_ids)
    rows, recorded = _bare(batch.rows, erased), set(_bare(there, erased))
    if recorded or len(batch.distinct_ids) < len(rows):
        rows = [row for row in dict.fromkeys(rows) if row not in recorded]
    save_kinds(cursor, OUTCOME_LAYOUT.name, kinds)
    return append_rows(cursor, OUTCOME_LAYOUT, rows)


def _bare(rows: list[tuple[Any, ...]], erased: frozenset[str]) -> list[tuple[Any, ...]]:
    # Of erased customers no extra column comes in again, and a repeat is recognized without them.
    return [(*row[:-1], None) if row[0] in erased else row for row in rows] if erased else rows


def _unnamed(row: Sequence[Any], erased: Sequence[Any]) -> tuple[Any, ...]:
    # What told who it was is gone, so a repeat of it can neither agree nor differ.
    return tuple(erased[i] if i in DECISION_LAYOUT.personal else value for i, value in enumerate(row))


def _difference(recorded: Sequence[Any], given: Sequence[Any]) -> str:
    old, new = _flat(recorded), _flat(given)
    name = next(name for name in {**old, **new} if old.get(name) != new.get(name))
    return f"its column {name!r} is {_shown(name, old.get(name))} in the ledger and {_shown(name, new.get(name))} here"


def _flat(row: Sequence[Any]) -> dict[str, Any]:
    known = dict(zip(DECISION_LAYOUT.columns, row, strict=True))
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

"""One decision or outcome to a row of the database, without a frame.

What is plain and fine becomes a row at once. Anything else gives None, and goes the way of
frames: there it is converted, or refused with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from math import isfinite, isnan
from typing import Any, Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.errors import InputError
from nbo.ledger.answers import ALLOWED
from nbo.ledger.rows import Batch, extra_text, shortest
from nbo.ledger.schema import DECISION_KINDS, OUTCOME_KINDS
from nbo.stated_offers import stated_offers

__all__ = ["decision_row", "framed_outcome", "outcome_row"]

_EPOCH: Final = datetime(1970, 1, 1)
_EPOCH_UTC: Final = datetime(1970, 1, 1, tzinfo=UTC)
_PLAIN_INSIDE: Final = (np.floating, np.integer, np.bool_)
_KIND_OF: Final = {str: "text", bool: "flag", int: "integer", float: "number", type(None): "empty"}
_FOR_OUTCOMES: Final = frozenset({c.OUTCOME, c.OUTCOME_AT, c.REWARD})


class _NotPlainError(Exception):
    pass


def decision_row(decision: Mapping[str, Any]) -> Batch | None:
    """Turn a plain decision into a row.

    Parameters
    ----------
    decision : mapping
        Values by column.

    Returns
    -------
    Batch or None
        None if a value is missing, wrong, or of a type that frames know better.
    """
    given = {name: value.item() if isinstance(value, _PLAIN_INSIDE) else value for name, value in decision.items()}
    kinds: dict[str, str] = {}
    try:
        row = [_known(given.pop(name, None), name, kind, kinds) for name, kind in DECISION_KINDS.items()]
        if not all(type(name) is str and name not in _FOR_OUTCOMES for name in given):
            return None
        extra = _extra(given, kinds)
    except (_NotPlainError, ValueError):
        return None
    return Batch(dict(decision), [(*row, extra)], kinds)


def outcome_row(
    decision_id: Any, outcome: Any, outcome_at: Any, known_at: Any, extra: Mapping[str, Any]
) -> Batch | None:
    """Turn a plain outcome into a row.

    Parameters
    ----------
    decision_id : str or int
    outcome : {"accept", "reject", "no_answer"}
    outcome_at : datetime or str
    known_at : datetime or str or None
    extra : mapping
        Values of other columns.

    Returns
    -------
    Batch or None
        None if a value is missing, wrong, or of a type that frames know better.
    """
    kinds: dict[str, str] = {}
    if not OUTCOME_KINDS.keys().isdisjoint(extra):
        return None
    try:
        happened = _microseconds(outcome_at)
        known = happened if known_at is None else _microseconds(known_at)
        row = (_text(decision_id, c.DECISION_ID, {}), outcome, happened, known, _extra(extra, kinds))
    except (_NotPlainError, ValueError):
        return None
    if type(outcome) is not str or outcome not in ALLOWED or None in row[:-1]:
        return None
    return Batch({c.DECISION_ID: decision_id, c.OUTCOME: outcome, c.OUTCOME_AT: outcome_at, **extra}, [row], kinds)


def framed_outcome(given: Mapping[str, Any], extra: Mapping[str, Any]) -> pd.DataFrame:
    """Put an outcome that is not plain into a frame.

    Parameters
    ----------
    given : mapping
        Values of the known columns.
    extra : mapping
        Values of the others.

    Returns
    -------
    DataFrame of one row

    Raises
    ------
    InputError
        If `extra` has a known column.
    """
    misplaced = [name for name in extra if name in given]
    if misplaced:
        raise InputError(f"extra must not have the columns {', '.join(map(repr, misplaced))}: they have their own.")
    return pd.DataFrame([{**given, **extra}])


def _known(value: Any, name: str, kind: str, kinds: dict[str, str]) -> Any:
    if kind in ("key", "text"):
        text = _text(value, name, kinds if kind == "key" else {})
        if text is None and (kind == "key" or name == c.OFFER_ID):
            raise _NotPlainError
        if name == c.CANDIDATES and text is not None and stated_offers(text) is None:
            raise _NotPlainError
        return text
    if kind == "time":
        return _microseconds(value)
    number = _number(value)
    if name == c.ACTION_PROBABILITY and (number is None or not 0 < number <= 1):
        raise _NotPlainError
    if name == c.PROPENSITY and number is not None and not 0 <= number <= 1:
        raise _NotPlainError
    return number


def _text(value: Any, name: str, kinds: dict[str, str]) -> str | None:
    kind = _KIND_OF.get(type(value))
    if kind not in ("text", "integer", "empty"):
        raise _NotPlainError
    kinds[name] = kind
    return value if value is None else str(value)


def _number(value: Any) -> float | None:
    if value is None:
        return None
    if type(value) is not float and type(value) is not int:
        raise _NotPlainError
    return None if isnan(value) else value + 0.0


def _microseconds(value: Any) -> int:
    if type(value) is str and value[4:5] == "-" == value[7:8]:
        value = datetime.fromisoformat(value)
    elif type(value) is pd.Timestamp and not value.nanosecond:
        value = value.to_pydatetime()
    if type(value) is not datetime:
        raise _NotPlainError
    since = value - (_EPOCH if value.tzinfo is None else _EPOCH_UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _extra(given: Mapping[str, Any], kinds: dict[str, str]) -> str | None:
    there = {}
    for name, value in given.items():
        kind = _KIND_OF.get(type(value))
        if kind is None:
            raise _NotPlainError
        if kind == "number":
            kind, value = ("number", shortest(value)) if isfinite(value) else _odd(value)
        kinds[name] = kind
        if value is not None:
            there[name] = value
    return extra_text(there) if there else None


def _odd(value: float) -> tuple[str, float | None]:
    return ("empty", None) if isnan(value) else ("number", value)

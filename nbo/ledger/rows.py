"""Frames to rows of the database, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_keys, check_probabilities, check_rows
from nbo.errors import InputError
from nbo.ledger.kinds import detect, to_series, to_texts, to_values
from nbo.ledger.schema import DECISION_KINDS, OUTCOME_KINDS
from nbo.stated_offers import STATED_OFFERS, stated_offers
from nbo.times import check_times

__all__ = ["Batch", "check_names", "decision_rows", "extra_text", "frame_of_rows", "outcome_rows", "shortest"]

_REQUIRED: Final = (c.DECISION_ID, c.CUSTOMER_ID, c.DECIDED_AT, c.OFFER_ID, c.ACTION_PROBABILITY)
_OF_OUTCOMES: Final = (c.OUTCOME, c.OUTCOME_AT, c.REWARD)

# One text for one content, so that a repeat is found by comparing text.
extra_text: Final = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True)
class Batch:
    """Rows ready for the database.

    Parameters
    ----------
    source : DataFrame of shape (n, any), or dict
        What the caller gave: a frame, or one row.
    rows : list of tuple, n of them
        The known columns in the order of the table, then the extra ones as JSON text.
    kinds : dict
        Kinds of a decision's keys and of the extra columns, by name.
    """

    source: pd.DataFrame | dict[str, Any]
    rows: list[tuple[Any, ...]]
    kinds: dict[str, str]

    @cached_property
    def distinct_ids(self) -> list[str]:
        """The decision ids of the rows, each once."""
        return list(dict.fromkeys(row[0] for row in self.rows))

    @property
    def frame(self) -> pd.DataFrame:
        """What the caller gave, as a frame."""
        return pd.DataFrame([self.source]) if isinstance(self.source, dict) else self.source


def decision_rows(decisions: Any) -> Batch:
    """Check decisions and turn them into rows.

    Parameters
    ----------
    decisions : DataFrame of shape (n, any)

    Returns
    -------
    Batch

    Raises
    ------
    InputError
        If a required column is missing or holds values that are not allowed.
    TypeError
        If it is not a frame.
    """
    frame = check_frame(decisions, "decisions")
    check_columns(frame, _REQUIRED, "decisions")
    check_names(frame, "decisions")
    misplaced = [name for name in _OF_OUTCOMES if name in frame.columns]
    if misplaced:
        raise InputError(
            f"decisions must not have the columns {', '.join(map(repr, misplaced))}: they are said of outcomes. "
            "Drop them here and give outcomes to `record_outcomes`."
        )
    for name in (c.DECISION_ID, c.CUSTOMER_ID, c.OFFER_ID):
        check_keys(frame[name], f"decisions.{name}")
    decided_at = frame[c.DECIDED_AT]
    check_rows(decided_at.isna().to_numpy(), decided_at, f"decisions.{c.DECIDED_AT}", "there in every row")
    check_probabilities(frame[c.ACTION_PROBABILITY], f"decisions.{c.ACTION_PROBABILITY}", zero=False)
    if c.CANDIDATES in frame.columns:
        _check_candidates(frame[c.CANDIDATES])
    return _batch(frame, DECISION_KINDS, "decisions")


def outcome_rows(frame: pd.DataFrame, happened: pd.Series, ids: list[str | None]) -> Batch:
    """Turn outcomes without a fault into rows.

    Parameters
    ----------
    frame : DataFrame of shape (n, any)
        Where `known_at` is missing it is `outcome_at`.
    happened : Series of datetime64[us], shape (n,)
        `outcome_at`, none missing.
    ids : list of str, length n
        Decision ids as text.

    Returns
    -------
    Batch

    Raises
    ------
    InputError
        If `known_at` is not a time, or an extra column holds values that cannot be kept.
    """
    moments = happened.astype("int64").tolist()
    known = moments
    if c.KNOWN_AT in frame.columns:
        given = check_times(frame[c.KNOWN_AT], f"outcomes.{c.KNOWN_AT}", missing=True).reset_index(drop=True)
        known = given.fillna(happened).astype("int64").tolist()
    said = to_texts(frame[c.OUTCOME], f"outcomes.{c.OUTCOME}")[0]
    # What an id is, its decision has settled.
    kinds: dict[str, str] = {}
    extras = _extra_texts(frame, [name for name in frame.columns if name not in OUTCOME_KINDS], "outcomes", kinds)
    return Batch(frame, list(zip(ids, said, moments, known, extras, strict=True)), kinds)


def frame_of_rows(rows: Sequence[Sequence[Any]], known: Mapping[str, str], kinds: Mapping[str, str]) -> pd.DataFrame:
    """Turn rows of the database into a frame.

    Parameters
    ----------
    rows : sequence of n rows
        Known columns in the order of `known`, then the JSON text of the extra ones.
    known : mapping
        Kinds of the known columns; "key" stands for the kind that `kinds` has.
    kinds : mapping
        Kinds of the keys and of the extra columns.

    Returns
    -------
    DataFrame
        n rows with a RangeIndex: the known columns, then the extra ones.
    """
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [()] * (len(known) + 1)
    data = {}
    for values, (name, kind) in zip(columns, known.items(), strict=False):
        data[name] = to_series(values, kinds.get(name, "text") if kind == "key" else kind)
    extra_kinds = {name: kind for name, kind in kinds.items() if name not in known}
    if extra_kinds:
        extras = [json.loads(text) if text else {} for text in columns[-1]]
        for name, kind in extra_kinds.items():
            data[name] = to_series([extra.get(name) for extra in extras], kind)
    return pd.DataFrame(data)


def check_names(frame: pd.DataFrame, what: str) -> None:
    """Refuse columns whose names are no text, or come twice.

    Parameters
    ----------
    frame : DataFrame
    what : str
        Name for messages.

    Raises
    ------
    InputError
    """
    names = list(frame.columns)
    unnamed = [name for name in names if not isinstance(name, str)]
    if unnamed:
        raise InputError(f"{what} must have columns named by text; got {unnamed[0]!r}.")
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise InputError(f"{what} must have each column once; {twice[0]!r} comes {names.count(twice[0])} times.")


def _check_candidates(texts: pd.Series) -> None:
    """Refuse what off-policy evaluation could not read: a row of the ledger stays for good."""
    # Many decisions have the same text; a dict has no hash, and is no text.
    given = [text if isinstance(text, str) else None for text in texts]
    fine = {text for text in set(given) if stated_offers(text) is not None}
    wrong = np.array([text not in fine for text in given], dtype=bool) & texts.notna().to_numpy()
    check_rows(wrong, texts, f"decisions.{c.CANDIDATES}", STATED_OFFERS, "json.dumps writes it from a dict.")


def _batch(frame: pd.DataFrame, known: Mapping[str, str], what: str) -> Batch:
    kinds: dict[str, str] = {}
    columns = [_known_values(frame, name, kind, what, kinds) for name, kind in known.items()]
    extras = _extra_texts(frame, [name for name in frame.columns if name not in known], what, kinds)
    return Batch(frame, list(zip(*columns, extras, strict=True)), kinds)


def _known_values(frame: pd.DataFrame, name: str, kind: str, what: str, kinds: dict[str, str]) -> list[Any]:
    if name not in frame.columns:
        return [None] * len(frame)
    values, label = frame[name], f"{what}.{name}"
    if kind in ("key", "text"):
        texts, found = to_texts(values, label)
        if kind == "key":
            kinds[name] = found
        return texts
    plain = to_values(values, kind, label)
    if name == c.PROPENSITY:
        numbers = np.array(plain, dtype="float64")
        check_rows((numbers < 0) | (numbers > 1), values, label, "in [0, 1] or missing")
    return plain


def _extra_texts(frame: pd.DataFrame, names: list[str], what: str, kinds: dict[str, str]) -> list[str | None]:
    if not names:
        return [None] * len(frame)
    columns = []
    for name in names:
        kind = kinds[name] = detect(frame[name])
        values = to_values(frame[name], kind, f"{what}.{name}")
        columns.append([shortest(value) for value in values] if kind == "number" else values)
    texts = []
    for row in zip(*columns, strict=True):
        there = {name: value for name, value in zip(names, row, strict=True) if value is not None}
        texts.append(extra_text(there) if there else None)
    return texts


def shortest(value: float | None) -> float | int | None:
    """Give a number that is whole as an integer, so that the same number is the same text.

    Parameters
    ----------
    value : float or None

    Returns
    -------
    float, int or None
    """
    # A column of integers is one of floats in the next batch when a row is missing. Above 2**53
    # floats no longer hold all integers.
    if value is None or not np.isfinite(value) or abs(value) >= 2**53 or value != int(value):
        return value
    return int(value)

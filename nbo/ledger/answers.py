"""Which outcomes the ledger refuses, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame
from nbo.errors import LedgerError
from nbo.ledger.chain import DIGEST_BYTES
from nbo.ledger.cursor import Cursor
from nbo.ledger.kinds import to_texts
from nbo.ledger.layout import DECISION_LAYOUT, ERASURE_LAYOUT
from nbo.ledger.rows import check_names
from nbo.times import check_times

__all__ = [
    "ALLOWED",
    "Answers",
    "part",
    "raise_rejects",
    "read_decided",
    "read_erased",
    "read_outcome_frame",
    "why_refused",
]

ALLOWED: Final = (c.ACCEPT, c.REJECT, c.NO_ANSWER)


@dataclass(frozen=True)
class Answers:
    """Outcomes as they were given, and what of them is checked.

    Parameters
    ----------
    frame : DataFrame of shape (n, any)
    ids : list of str or None, shape (n,)
        Decision ids.
    times : Series of datetime64[us], shape (n,)
        `outcome_at`, NaT where it is missing or not a time.
    """

    frame: pd.DataFrame
    ids: list[str | None]
    times: pd.Series


def read_outcome_frame(outcomes: Any) -> Answers:
    """Check that a frame of outcomes has the columns it needs; its rows are checked later.

    Parameters
    ----------
    outcomes : DataFrame of shape (n, any)

    Returns
    -------
    Answers

    Raises
    ------
    InputError
        If a required column is missing, or of a wrong type as a whole: ids that are neither
        text nor integers, times that are numbers.
    TypeError
        If it is not a frame.
    """
    frame = check_frame(outcomes, "outcomes")
    check_columns(frame, (c.DECISION_ID, c.OUTCOME, c.OUTCOME_AT), "outcomes")
    check_names(frame, "outcomes")
    ids = to_texts(frame[c.DECISION_ID], f"outcomes.{c.DECISION_ID}")[0]
    return Answers(frame, ids, _times_or_missing(frame[c.OUTCOME_AT]))


def read_decided(cursor: Cursor, ids: Sequence[str | None]) -> np.ndarray:
    """Read when decisions were made.

    Parameters
    ----------
    cursor : Cursor
    ids : sequence of str or None, shape (n,)

    Returns
    -------
    ndarray of datetime64[us], shape (n,)
        NaT where the decision is not recorded.
    """
    moments = np.full(len(ids), np.iinfo("int64").min)
    found = cursor.of_asked(f"place, {c.DECIDED_AT}", DECISION_LAYOUT.name, ids)
    if found:
        places, times = np.fromiter(chain.from_iterable(found), np.int64, 2 * len(found)).reshape(-1, 2).T
        moments[places] = times
    return moments.view("datetime64[us]")


def read_erased(cursor: Cursor, ids: Sequence[str | None]) -> frozenset[str]:
    """Read which decisions' customers are erased.

    Parameters
    ----------
    cursor : Cursor
    ids : sequence of str or None

    Returns
    -------
    frozenset of str
        Their decision ids.
    """
    if cursor.one(f"SELECT 1 FROM {ERASURE_LAYOUT.name} LIMIT 1") is None:
        return frozenset()
    found = cursor.of_asked(f"{c.DECISION_ID}, length(seal)", DECISION_LAYOUT.name, ids)
    return frozenset(decision_id for decision_id, length in found if length == DIGEST_BYTES)


def why_refused(answers: Answers, decided_at: np.ndarray, now: pd.Timestamp) -> np.ndarray:
    """Say for each outcome why it is refused.

    Parameters
    ----------
    answers : Answers
    decided_at : ndarray of datetime64[us], shape (n,)
        Of :func:`read_decided`.
    now : Timestamp
        UTC; no answer may be later.

    Returns
    -------
    ndarray of str, shape (n,)
        All reasons of a row, or "" where it is fine.
    """
    missing, times = np.array([one is None for one in answers.ids], dtype=bool), answers.times.to_numpy()
    said = _as_said(answers.frame[c.OUTCOME])
    reasons = np.full(len(answers.frame), "", dtype=object)
    _note(reasons, missing, "decision_id is missing")
    _note(reasons, ~missing & np.isnat(decided_at), "unknown decision_id: record the decision first")
    _note(reasons, ~said.isin(ALLOWED), f"outcome must be one of {', '.join(ALLOWED)}; it is " + said)
    _note(reasons, np.isnat(times), "outcome_at is missing or not a time")
    _note(reasons, times < decided_at, "outcome_at is before decided_at")
    _note(reasons, times > now.to_datetime64(), f"outcome_at is in the future; now is {now:%Y-%m-%d %H:%M:%S} UTC")
    return reasons


def part(frame: pd.DataFrame, reasons: np.ndarray) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Part outcomes without a reason against them from those with one.

    Parameters
    ----------
    frame : DataFrame of shape (n, any)
    reasons : ndarray of str, shape (n,)
        Of :func:`why_refused`.

    Returns
    -------
    good : DataFrame
        Rows as they were given.
    rejects : DataFrame
        The others, with a column `reason`.
    """
    refused = reasons != ""
    return frame[~refused], frame[refused].assign(**{c.REASON: pd.array(reasons[refused], dtype="str")})


def raise_rejects(frame: pd.DataFrame, reasons: np.ndarray) -> None:
    """Refuse outcomes if any has a reason against it.

    Parameters
    ----------
    frame : DataFrame of shape (n, any)
    reasons : ndarray of str, shape (n,)
        Of :func:`why_refused`.

    Raises
    ------
    LedgerError
        With the refused rows and their reasons as `rejects`.
    """
    if not (reasons != "").any():
        return
    rejects = part(frame, reasons)[1]
    first = int((reasons != "").argmax())
    raise LedgerError(
        f"outcomes must be answers to recorded decisions; {len(rejects)} of {len(frame)} rows "
        f"{'is' if len(rejects) == 1 else 'are'} not, first at row {first} "
        f"(decision_id {frame[c.DECISION_ID].iloc[first]!r}): {reasons[first]}. "
        "Nothing was written. Set such rows aside with `check_outcomes`.",
        rejects,
    )


def _as_said(outcome: pd.Series) -> pd.Series:
    if outcome.dtype != object and pd.api.types.is_string_dtype(outcome.dtype):
        return outcome.fillna("missing").reset_index(drop=True)
    values = outcome.astype(object).where(outcome.notna(), "missing")
    return pd.Series([value if isinstance(value, str) else repr(value) for value in values], dtype="str")


def _note(reasons: np.ndarray, wrong: pd.Series | np.ndarray, text: str | pd.Series) -> None:
    for row in np.flatnonzero(wrong):
        said = text if isinstance(text, str) else text[row]
        reasons[row] = f"{reasons[row]}; {said}" if reasons[row] else said


def _times_or_missing(values: pd.Series) -> pd.Series:
    values = values.reset_index(drop=True)
    if values.dtype == object:
        values = values.mask(np.array([isinstance(value, int | float) for value in values], dtype=bool))
    if values.dtype == object or pd.api.types.is_string_dtype(values.dtype):
        values = values.where(pd.to_datetime(values, errors="coerce", utc=True, format="ISO8601").notna())
    return check_times(values, f"outcomes.{c.OUTCOME_AT}", missing=True)

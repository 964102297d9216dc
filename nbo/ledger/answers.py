"""Which outcomes the ledger refuses, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from nbo import columns as c
from nbo.errors import LedgerError
from nbo.ledger.append import fetch_by_id
from nbo.ledger.kinds import to_texts
from nbo.ledger.schema import DECISIONS
from nbo.times import check_times

__all__ = ["part", "raise_rejects", "why_refused"]

_ALLOWED: Final = (c.ACCEPT, c.REJECT, c.NO_ANSWER)


def why_refused(connection: Connection, frame: pd.DataFrame, now: pd.Timestamp) -> np.ndarray:
    """Say for each outcome why it is refused.

    Parameters
    ----------
    connection : Connection
        To the ledger with the decisions.
    frame : DataFrame of shape (n, any)
        Outcomes.
    now : Timestamp
        UTC; no answer may be later.

    Returns
    -------
    ndarray of str, shape (n,)
        All reasons of a row, or "" where it is fine.

    Raises
    ------
    InputError
        If a whole column is of a wrong type: ids that are neither text nor integers, times
        that are numbers.
    """
    ids = pd.Series(to_texts(frame[c.DECISION_ID], f"outcomes.{c.DECISION_ID}")[0], dtype="str")
    times = _times_or_missing(frame[c.OUTCOME_AT])
    decided_at = _decided_at(connection, ids)
    said = _as_said(frame[c.OUTCOME])
    reasons = np.full(len(frame), "", dtype=object)
    _note(reasons, ids.isna(), "decision_id is missing")
    _note(reasons, ids.notna() & decided_at.isna(), "unknown decision_id: record the decision first")
    _note(reasons, ~said.isin(_ALLOWED), f"outcome must be one of {', '.join(_ALLOWED)}; it is " + said)
    _note(reasons, times.isna(), "outcome_at is missing or not a time")
    _note(reasons, times < decided_at, "outcome_at is before decided_at")
    _note(reasons, times > now, f"outcome_at is in the future; now is {now:%Y-%m-%d %H:%M:%S} UTC")
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
    rejects = part(frame, reasons)[1]
    if rejects.empty:
        return
    first = int((reasons != "").argmax())
    raise LedgerError(
        f"outcomes must be answers to recorded decisions; {len(rejects)} of {len(frame)} rows "
        f"{'is' if len(rejects) == 1 else 'are'} not, first at row {first} "
        f"(decision_id {frame[c.DECISION_ID].iloc[first]!r}): {reasons[first]}. "
        "Nothing was written. Set such rows aside with `check_outcomes`.",
        rejects,
    )


def _as_said(outcome: pd.Series) -> pd.Series:
    missing = outcome.isna()
    said = [value if isinstance(value, str) else repr(value) for value in outcome]
    return pd.Series(np.where(missing, "missing", said), dtype="str")


def _note(reasons: np.ndarray, wrong: pd.Series, text: str | pd.Series) -> None:
    texts = pd.Series(text, index=wrong.index)
    for row in np.flatnonzero(wrong):
        reasons[row] = f"{reasons[row]}; {texts[row]}" if reasons[row] else texts[row]


def _times_or_missing(values: pd.Series) -> pd.Series:
    values = values.reset_index(drop=True)
    if values.dtype == object:
        values = values.mask(np.array([isinstance(value, int | float) for value in values], dtype=bool))
    if values.dtype == object or pd.api.types.is_string_dtype(values.dtype):
        values = values.where(pd.to_datetime(values, errors="coerce", utc=True, format="ISO8601").notna())
    return check_times(values, f"outcomes.{c.OUTCOME_AT}", missing=True)


def _decided_at(connection: Connection, ids: pd.Series) -> pd.Series:
    wanted = ids.dropna().drop_duplicates().tolist()
    facts: Mapping[str, int] = dict(fetch_by_id(connection, DECISIONS, (c.DECISION_ID, c.DECIDED_AT), wanted))
    unknown = np.iinfo("int64").min
    moments = np.array([facts.get(decision_id, unknown) for decision_id in ids], dtype="int64")
    return pd.Series(moments.view("datetime64[us]"))

"""What came of each decision, as of a moment."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_rows
from nbo.times import check_times

__all__ = ["holding", "resolve", "still_pending"]

_OUTCOMES = (c.ACCEPT, c.REJECT, c.NO_ANSWER)


def resolve(
    decisions: pd.DataFrame,
    outcomes: pd.DataFrame,
    as_of: pd.Timestamp,
    window: pd.Timedelta,
    pending: bool = False,
) -> pd.DataFrame:
    """Join each decision with its outcome as it was known, and leave out those still open.

    Only outcomes with ``outcome_at < as_of`` and ``known_at < as_of`` count. Of several, an
    accept or a reject comes before a `no_answer`, then the latest `outcome_at`, then the one
    recorded last. A decision without any is a `no_answer` as soon as its window is over,
    ``decided_at + window <= as_of``; an answer that comes later still takes its place.

    Parameters
    ----------
    decisions : DataFrame of shape (n, any)
    outcomes : DataFrame of shape (m, any)
        In the order of recording. `known_at` may be there; where it is missing, an outcome was
        known at `outcome_at`.
    as_of : Timestamp
        UTC; what came at or after it does not count.
    window : Timedelta
        How long to wait for an answer.
    pending : bool, default=False
        Keep those still open: `outcome` is "pending", `outcome_at` and `reward` are missing.

    Returns
    -------
    DataFrame
        The resolved decisions by `decided_at` and `decision_id`, with `outcome`, `outcome_at`
        and `reward` (1.0 for an accept, else 0.0) behind.

    Raises
    ------
    InputError
        If a column is missing, a time is missing or not one, or an outcome is not known.

    Examples
    --------
    >>> when = pd.to_datetime(["2026-01-01", "2026-01-02"])
    >>> decisions = pd.DataFrame({"decision_id": ["d1", "d2"], "decided_at": when})
    >>> columns = {"decision_id": ["d2"], "outcome": ["accept"], "outcome_at": when[1:]}
    >>> feedback = resolve(decisions, pd.DataFrame(columns), pd.Timestamp("2026-01-03"), pd.Timedelta("14D"))
    >>> feedback[["decision_id", "outcome", "reward"]].values.tolist()
    [['d2', 'accept', 1.0]]
    """
    answered = _answered(decisions, outcomes, as_of)
    due = answered[c.DECIDED_AT] + window
    implied = answered[c.OUTCOME].isna() & (due <= as_of)
    answered[c.OUTCOME] = answered[c.OUTCOME].mask(implied, c.NO_ANSWER)
    answered[c.OUTCOME_AT] = answered[c.OUTCOME_AT].mask(implied, due)
    answered[c.REWARD] = (answered[c.OUTCOME] == c.ACCEPT).astype("float64")
    is_open = answered[c.OUTCOME].isna()
    if not pending:
        return _sorted(answered[~is_open])
    answered[c.OUTCOME] = answered[c.OUTCOME].mask(is_open, c.PENDING)
    answered[c.REWARD] = answered[c.REWARD].mask(is_open)
    return _sorted(answered)


def still_pending(
    decisions: pd.DataFrame, outcomes: pd.DataFrame, as_of: pd.Timestamp, window: pd.Timedelta
) -> pd.DataFrame:
    """Find the decisions whose answer may still come.

    Parameters
    ----------
    decisions, outcomes, as_of, window
        As in :func:`resolve`.

    Returns
    -------
    DataFrame
        Decisions made before `as_of` that :func:`resolve` leaves out, by `decided_at` and
        `decision_id`.
    """
    answered = _answered(decisions, outcomes, as_of)
    waiting = answered[c.OUTCOME].isna() & (answered[c.DECIDED_AT] + window > as_of)
    return _sorted(answered.loc[waiting, list(decisions.columns)])


def holding(outcomes: pd.DataFrame) -> np.ndarray:
    """Mark the outcome that holds, of all that were recorded to a decision.

    Parameters
    ----------
    outcomes : DataFrame of shape (m, any)
        In the order of recording.

    Returns
    -------
    ndarray of bool, shape (m,)
        One is True for each decision: an accept or a reject before a `no_answer`, then the
        latest `outcome_at`, then the one recorded last.
    """
    plain = outcomes[[c.DECISION_ID, c.OUTCOME_AT]].reset_index(drop=True)
    # A stable sort keeps the order of recording among equal times.
    ranked = plain.assign(says=(outcomes[c.OUTCOME] != c.NO_ANSWER).to_numpy())
    ranked = ranked.sort_values(["says", c.OUTCOME_AT], kind="stable")
    marked = np.zeros(len(outcomes), dtype=bool)
    marked[ranked.index[~ranked.duplicated(c.DECISION_ID, keep="last")]] = True
    return marked


def _answered(decisions: pd.DataFrame, outcomes: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    decisions = _timed(decisions, (c.DECIDED_AT,), "decisions")
    outcomes = _timed(outcomes, (c.OUTCOME_AT,), "outcomes")
    outcomes = outcomes.assign(**{c.KNOWN_AT: _known_at(outcomes)})
    check_columns(outcomes, (c.OUTCOME,), "outcomes")
    unknown = ~outcomes[c.OUTCOME].isin(_OUTCOMES).to_numpy(dtype=bool)
    check_rows(unknown, outcomes[c.OUTCOME], f"outcomes.{c.OUTCOME}", f"one of {', '.join(_OUTCOMES)}")
    made = decisions[decisions[c.DECIDED_AT] < as_of]
    known = outcomes[(outcomes[c.OUTCOME_AT] < as_of) & (outcomes[c.KNOWN_AT] < as_of)]
    last = known[holding(known)].set_index(c.DECISION_ID)
    found = last[[c.OUTCOME, c.OUTCOME_AT]].reindex(made[c.DECISION_ID])
    return made.assign(**{name: found[name].array for name in (c.OUTCOME, c.OUTCOME_AT)})


def _known_at(outcomes: pd.DataFrame) -> pd.Series:
    if c.KNOWN_AT not in outcomes:
        return outcomes[c.OUTCOME_AT]
    return check_times(outcomes[c.KNOWN_AT], f"outcomes.{c.KNOWN_AT}", missing=True).fillna(outcomes[c.OUTCOME_AT])


def _timed(frame: pd.DataFrame, times: tuple[str, ...], what: str) -> pd.DataFrame:
    check_columns(frame, (c.DECISION_ID, *times), what)
    return frame.assign(**{name: check_times(frame[name], f"{what}.{name}") for name in times})


def _sorted(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sort_values([c.DECIDED_AT, c.DECISION_ID], kind="stable", ignore_index=True)

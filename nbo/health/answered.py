"""Answers whose time is over, by day, as the checks on them read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_rows
from nbo.times import check_times

__all__ = ["Answered", "Cells", "read_feedback"]

_DAY = pd.Timedelta(days=1)
_READ = (c.DECIDED_AT, c.OFFER_ID, c.SEGMENT, c.SEGMENT_SCHEME, c.PROPENSITY, c.REWARD)


@dataclass(frozen=True)
class Cells:
    """Groups of answers.

    Parameters
    ----------
    names : list of str
    codes : ndarray of int, shape (n,)
        The group of each answer.
    """

    names: list[str]
    codes: np.ndarray

    def by_day(self, day: np.ndarray, n_days: int, weights: np.ndarray | None = None) -> np.ndarray:
        """Add up by group and day.

        Parameters
        ----------
        day : ndarray of int, shape (n,)
        n_days : int
        weights : ndarray of shape (n,), optional
            By default each counts 1.

        Returns
        -------
        ndarray of shape (number of groups, n_days)
        """
        place = self.codes * n_days + day
        return np.bincount(place, weights, len(self.names) * n_days).reshape(len(self.names), n_days)


@dataclass(frozen=True)
class Answered:
    """Decisions for an offer whose window is over.

    Parameters
    ----------
    rows : DataFrame of n rows
        In the order of `decided_at`.
    accepted : ndarray of shape (n,)
        0 or 1.
    day : ndarray of int, shape (n,)
        Days since the first row's.
    first : int
        The first whole day after the training of the model.
    """

    rows: pd.DataFrame
    accepted: np.ndarray
    day: np.ndarray
    first: int

    @classmethod
    def of(
        cls, feedback: pd.DataFrame, as_of: pd.Timestamp, window: pd.Timedelta, trained: pd.Timestamp | None
    ) -> Answered:
        """Take the decisions for an offer that were made a window ago or earlier.

        Of younger ones mostly acceptances are known: a refusal by silence takes the whole window.

        Parameters
        ----------
        feedback : DataFrame
            Of :func:`read_feedback`.
        as_of : Timestamp
        window : Timedelta
        trained : Timestamp or None
            When the model was trained.

        Returns
        -------
        Answered
        """
        over = (feedback[c.DECIDED_AT] + window <= as_of) & (feedback[c.OFFER_ID] != c.NO_OFFER)
        read = [name for name in _READ if name in feedback]
        rows = feedback.loc[over & feedback[c.REWARD].notna(), read]
        rows = rows.sort_values(c.DECIDED_AT, kind="stable", ignore_index=True)
        days = rows[c.DECIDED_AT].dt.floor("D")
        start = days.min() if len(rows) else as_of.floor("D")
        first = 0 if trained is None else int(np.ceil((trained - start) / _DAY))
        day = ((days - start) // _DAY).to_numpy(dtype=int)
        return cls(rows, rows[c.REWARD].to_numpy(dtype=float), day, max(first, 0))

    @property
    def n_days(self) -> int:
        """Days from the first to the last, with both."""
        return int(self.day[-1]) + 1 if len(self.day) else 0

    def dates_of(self, days: np.ndarray) -> pd.DatetimeIndex:
        """Give the dates of days."""
        return self.rows[c.DECIDED_AT].iloc[0].floor("D") + pd.to_timedelta(days, unit="D")

    def groups(self, rows: np.ndarray | None = None) -> list[Cells]:
        """Group all, by offer, and by segment and both where there is one scheme of segments.

        Parameters
        ----------
        rows : ndarray of bool, shape (n,), optional
            Only these answers.

        Returns
        -------
        list of Cells
        """
        frame = self.rows if rows is None else self.rows[rows]
        offer = Cells(*_coded(frame[c.OFFER_ID], "offer"))
        found = [Cells(["all"], np.zeros(len(frame), dtype=int)), offer]
        if c.SEGMENT not in frame or frame[c.SEGMENT].isna().all():
            return found
        if c.SEGMENT_SCHEME in frame and frame[c.SEGMENT_SCHEME].nunique(dropna=False) > 1:
            # The same name means other customers in each scheme.
            return found
        segment = Cells(*_coded(frame[c.SEGMENT], "segment"))
        both = offer.codes * len(segment.names) + segment.codes
        used, codes = np.unique(both, return_inverse=True)
        pairs = [(place // len(segment.names), place % len(segment.names)) for place in used.tolist()]
        names = [f"{offer.names[i]}, {segment.names[j]}" for i, j in pairs]
        return [*found, segment, Cells(names, codes)]


def read_feedback(feedback: Any, as_of: pd.Timestamp) -> pd.DataFrame:
    """Take feedback as it was known at a moment.

    Parameters
    ----------
    feedback : DataFrame
        Of :meth:`nbo.Ledger.feedback`.
    as_of : Timestamp
        Later decisions and answers are left out.

    Returns
    -------
    DataFrame

    Raises
    ------
    InputError
        If a column is missing, a time is none, or a reward is neither 0 nor 1.
    """
    frame = check_frame(feedback, "feedback")
    check_columns(frame, [c.OFFER_ID, c.DECIDED_AT, c.REWARD], "feedback")
    reward = frame[c.REWARD]
    check_rows(~(reward.isin([0, 1]) | reward.isna()).to_numpy(), reward, "feedback.reward", "0, 1 or missing")
    frame = frame.assign(**{c.DECIDED_AT: check_times(frame[c.DECIDED_AT], "feedback.decided_at")})
    known = frame[c.DECIDED_AT] < as_of
    if c.OUTCOME_AT in frame:
        times = check_times(frame[c.OUTCOME_AT], "feedback.outcome_at", missing=True)
        frame = frame.assign(**{c.OUTCOME_AT: times})
        # Of the end of its window a silence is known at that very moment.
        known &= ~(times > as_of)
    return frame[known].reset_index(drop=True)


def _coded(values: pd.Series, what: str) -> tuple[list[str], np.ndarray]:
    codes, names = pd.factorize(values, sort=True)
    known = [f"{what} {name}" for name in names]
    return (known, codes) if (codes >= 0).all() else ([*known, f"{what} not known"], codes % (len(known) + 1))

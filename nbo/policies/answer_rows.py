"""Feedback rows as plain columns: keys, exact rewards, times, and which of two rows of a decision counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_keys, check_probabilities
from nbo.errors import InputError
from nbo.tables.codes import Codes
from nbo.tables.plain_values import MISSING_TIME, microseconds

__all__ = [
    "ANSWERED",
    "LAST_SILENT_RANK",
    "MISSING",
    "SILENT",
    "UNIT",
    "WAITING",
    "WAITING_RANK",
    "AnswerRow",
    "answer_columns",
    "answer_row",
]

# Rewards are added as whole numbers of this fraction: sums of integers do not depend on the order.
UNIT: Final = 2.0**-32
# Of a rank or a moment that is not known.
MISSING: Final = MISSING_TIME
# An answer that may still come yields to any other row.
WAITING_RANK: Final = MISSING + 1
# A no answer yields to any answer, however late it was noted.
_SILENT_RANK: Final = -(2**62)
LAST_SILENT_RANK: Final = -(2**61)

WAITING, ANSWERED, SILENT = 0, 1, 2


class AnswerRow(NamedTuple):
    """One decision with its answer.

    Parameters
    ----------
    segment, offer, channel : str
        An empty channel is one that is not known.
    units : int
        Reward as a number of ``UNIT``.
    rank : int
        Microseconds of the answer, far less for no answer and least for one that may still come; ``MISSING`` where
        the time of an answer is not known.
    decided : int
        Microseconds of the decision, or ``MISSING``.
    """

    segment: str
    offer: str
    channel: str
    units: int
    rank: int
    decided: int

    @property
    def says(self) -> int:
        """``WAITING``, ``ANSWERED`` or ``SILENT``."""
        if self.rank == WAITING_RANK:
            return WAITING
        return SILENT if MISSING < self.rank < LAST_SILENT_RANK else ANSWERED

    def yields_to(self, other: AnswerRow) -> bool:
        """Tell whether another row of the same decision takes the place of this one.

        Parameters
        ----------
        other : AnswerRow
            Learnt later, and different.

        Returns
        -------
        bool
        """
        if WAITING_RANK in (self.rank, other.rank):
            return self.rank == WAITING_RANK
        if MISSING in (self.rank, other.rank):
            return True
        # Of answers of one moment the same one counts, whichever is learnt first.
        return (self.rank, self.units, *self[:3]) < (other.rank, other.units, *other[:3])

    def to_state(self) -> tuple[str, str, str, float | None, int | None, int | None]:
        """Give the entries as JSON values, in their order; None for what is not known.

        Returns
        -------
        tuple
        """
        waits = self.rank == WAITING_RANK
        rank, decided = (None if number == MISSING else number for number in (self.rank, self.decided))
        return self.segment, self.offer, self.channel, None if waits else self.units * UNIT, rank, decided

    @classmethod
    def from_state(
        cls, segment: str, offer: str, channel: str, reward: float | None, rank: int | None, decided: int | None
    ) -> AnswerRow:
        """Rebuild from :meth:`to_state`.

        Parameters
        ----------
        segment, offer, channel : str
        reward : float, optional
        rank, decided : int, optional

        Returns
        -------
        AnswerRow
        """
        units = 0 if reward is None else round(reward / UNIT)
        ranks = [MISSING if number is None else number for number in (rank, decided)]
        return cls(segment, offer, channel, units, *ranks)


def answer_columns(feedback: pd.DataFrame) -> dict[str, Any]:
    """Take a frame of feedback apart.

    Parameters
    ----------
    feedback : DataFrame of n rows
        Columns `decision_id`, `segment`, `offer_id`, `reward` in [0, 1]; `outcome`, `outcome_at`, `decided_at` and
        `channel` if there are any. The reward of a decision that is pending is not read.

    Returns
    -------
    dict
        The fields of :class:`AnswerRow`: :class:`~nbo.tables.codes.Codes` `segment`, `offer` and, if there is any,
        `channel`; ndarray of int64 `units`, `rank`, `decided`.

    Raises
    ------
    InputError
        If a key is missing, a reward is not in [0, 1], or a time is not one.
    """
    for key in (c.DECISION_ID, c.SEGMENT, c.OFFER_ID):
        check_keys(feedback[key], f"feedback.{key}")
    rewards, rank = feedback[c.REWARD], _moments(feedback, c.OUTCOME_AT)
    # Where neither moment is told, one array says so of both.
    alike = c.OUTCOME_AT not in feedback and c.DECIDED_AT not in feedback
    decided = rank if alike else _moments(feedback, c.DECIDED_AT)
    if c.OUTCOME in feedback:
        outcomes = _texts(feedback[c.OUTCOME])
        waits, silent = (outcomes.having([word])[outcomes.codes] for word in (c.PENDING, c.NO_ANSWER))
        rewards = rewards.where(~waits, 0.0) if waits.any() else rewards
        rank = np.where(silent, _SILENT_RANK + np.where(rank == MISSING, 0, rank), rank)
        rank = np.where(waits, WAITING_RANK, rank)
    columns = {
        "segment": _texts(feedback[c.SEGMENT]),
        "offer": _texts(feedback[c.OFFER_ID]),
        "units": _units(_shares(rewards, f"feedback.{c.REWARD}")),
        "rank": rank,
        "decided": decided,
    }
    return columns | ({"channel": _texts(feedback[c.CHANNEL]).filled("")} if c.CHANNEL in feedback else {})


def answer_row(row: Mapping[str, Any]) -> AnswerRow:
    """Take one answer, as a mapping.

    Parameters
    ----------
    row : mapping
        Entries `segment`, `offer_id` and `reward` in [0, 1], or None where the answer may still come; `outcome`,
        `outcome_at`, `decided_at` (microseconds since 1970 as an integer, or a moment) and `channel` if there are
        any.

    Returns
    -------
    AnswerRow

    Raises
    ------
    InputError
        If an entry is missing or a reward is not in [0, 1].
    """
    try:
        segment, offer, reward = row[c.SEGMENT], row[c.OFFER_ID], row[c.REWARD]
    except KeyError as error:
        raise InputError(f"an answer must have the entry {error.args[0]!r}; got {', '.join(map(str, row))}.") from None
    if type(segment) is not str or type(offer) is not str:
        segment, offer = str(segment), str(offer)
    get = row.get
    outcome, decided, rank, channel = get(c.OUTCOME), get(c.DECIDED_AT), get(c.OUTCOME_AT), get(c.CHANNEL) or ""
    if type(decided) is not int:
        decided = _moment(decided)
    if reward is None or outcome == c.PENDING:
        return AnswerRow(segment, offer, channel, 0, WAITING_RANK, decided)
    if not 0.0 <= reward <= 1.0:
        raise InputError(f"reward must be in [0, 1], or None for an answer that may still come; got {reward!r}.")
    if type(rank) is not int:
        rank = _moment(rank)
    if outcome == c.NO_ANSWER:
        rank = _SILENT_RANK + (0 if rank == MISSING else rank)
    return AnswerRow(segment, offer, channel, round(reward / UNIT) if reward else 0, rank, decided)


def _texts(values: pd.Series) -> Codes:
    kind = values.dtype
    numbered = isinstance(kind, pd.CategoricalDtype) and kind.categories.dtype == "str"
    return Codes.of(values if numbered else values.astype("str"))


def _shares(rewards: pd.Series, what: str) -> np.ndarray:
    if rewards.dtype == np.float64:
        numbers = rewards.to_numpy()
        # Nothing is at least what is missing.
        if not len(numbers) or (numbers.min() >= 0 and numbers.max() <= 1):
            return numbers
    return check_probabilities(rewards, what)


def _units(shares: np.ndarray) -> np.ndarray:
    units = shares / UNIT
    return np.rint(units, out=units).astype(np.int64)


def _moments(feedback: pd.DataFrame, name: str) -> np.ndarray:
    if name not in feedback:
        return np.full(len(feedback), MISSING, dtype=np.int64)
    return microseconds(feedback[name], f"feedback.{name}")


def _moment(value: Any) -> int:
    if value is None or value is pd.NaT:
        return MISSING
    return int(microseconds(pd.Series([value]), "a moment")[0])

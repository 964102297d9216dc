"""What customers answered: one row per decision, and exact totals of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_keys, check_probabilities
from nbo.errors import InputError
from nbo.times import check_times

__all__ = ["Answers"]

# Rewards are added as whole numbers of this fraction: sums of integers do not depend on the order.
_UNIT = 2.0**-32
# A no answer yields to any answer, however late it was noted.
_NO_ANSWER_RANK = -(2**62)

_Row = tuple[str, str, int, int | None]


class Answers:
    """Hold the answer to each decision, and count them by segment and offer.

    A decision's row is kept once. Of two different rows of a decision, an accept or a reject
    comes before a `no_answer`, then the later `outcome_at`; where times are missing or equal,
    the row that is learnt last. Hence rows may come repeated, in any order and in batches of
    any size.

    Examples
    --------
    >>> answers = Answers()
    >>> row = pd.DataFrame({"decision_id": ["d1"], "segment": ["a"], "offer_id": ["x"], "reward": [1.0]})
    >>> answers.fold(row), answers.fold(row)
    (1, 0)
    >>> answers.count(["a"], ["x"])[0].tolist()
    [[1.0]]
    """

    def __init__(self) -> None:
        self._rows: dict[str | int, _Row] = {}
        self._totals: dict[tuple[str, str], list[int]] = {}
        self.version = 0

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def segments(self) -> list[str]:
        """Segments of any row, sorted."""
        return sorted({segment for (segment, _), (n, _) in self._totals.items() if n})

    def fold(self, feedback: pd.DataFrame) -> int:
        """Take rows in.

        Parameters
        ----------
        feedback : DataFrame
            Columns `decision_id`, `segment`, `offer_id`, `reward` in [0, 1]; `outcome` and
            `outcome_at` if there are any.

        Returns
        -------
        int
            Number of rows that were new or corrected.

        Raises
        ------
        InputError
            If a key is missing or a reward is not in [0, 1]. Nothing is taken in then.
        """
        for key in (c.DECISION_ID, c.SEGMENT, c.OFFER_ID):
            check_keys(feedback[key], f"feedback.{key}")
        rewards = check_probabilities(feedback[c.REWARD], f"feedback.{c.REWARD}")
        units = np.rint(rewards / _UNIT).astype("int64").tolist()
        segments, offers = (feedback[key].astype(str).tolist() for key in (c.SEGMENT, c.OFFER_ID))
        rows = zip(segments, offers, units, _ranks(feedback), strict=True)
        changed = 0
        for decision_id, row in zip(feedback[c.DECISION_ID].tolist(), rows, strict=True):
            old = self._rows.get(decision_id)
            if old == row or (old is not None and _stands(old, row)):
                continue
            if old is not None:
                self._add(old, -1)
            self._add(row, 1)
            self._rows[decision_id] = row
            changed += 1
        self.version += changed > 0
        return changed

    def count(self, segments: list[str], offers: list[str]) -> tuple[np.ndarray, np.ndarray]:
        """Count answers and acceptances.

        Parameters
        ----------
        segments, offers : list of str
            Rows and columns wanted.

        Returns
        -------
        n, accepted : ndarray of float, shape (n_segments, n_offers)
            Number of rows, and sum of their rewards.
        """
        table = np.array(
            [[self._totals.get((segment, offer), (0, 0)) for offer in offers] for segment in segments], dtype="int64"
        ).reshape(len(segments), len(offers), 2)
        return table[:, :, 0].astype(float), table[:, :, 1] * _UNIT

    def to_state(self) -> dict[str, list[Any]]:
        """Give all rows as columns of JSON values, by decision.

        Returns
        -------
        dict of list
        """
        ids = sorted(self._rows, key=lambda key: (isinstance(key, str), key))
        segments, offers, units, ranks = zip(*(self._rows[i] for i in ids), strict=True) if ids else ((),) * 4
        rewards = [unit * _UNIT for unit in units]
        return {
            c.DECISION_ID: ids,
            c.SEGMENT: list(segments),
            c.OFFER_ID: list(offers),
            c.REWARD: rewards,
            "rank": list(ranks),
        }

    @classmethod
    def from_state(cls, state: dict[str, list[Any]]) -> Answers:
        """Rebuild from :meth:`to_state`.

        Parameters
        ----------
        state : dict of list

        Returns
        -------
        Answers

        Raises
        ------
        InputError
            If a list is missing, or they differ in length.
        """
        answers = cls()
        columns = [state.get(name) for name in (c.DECISION_ID, c.SEGMENT, c.OFFER_ID, c.REWARD, "rank")]
        lengths = {len(column) if isinstance(column, list) else None for column in columns}
        if len(lengths) > 1 or None in lengths:
            raise InputError("the answers of a state must be lists of one length; the state is incomplete or altered.")
        for decision_id, segment, offer, reward, rank in zip(*columns, strict=True):
            row = (segment, offer, round(reward / _UNIT), rank)
            answers._rows[decision_id] = row
            answers._add(row, 1)
        return answers

    def _add(self, row: _Row, sign: int) -> None:
        total = self._totals.setdefault((row[0], row[1]), [0, 0])
        total[0] += sign
        total[1] += sign * row[2]


def _stands(old: _Row, new: _Row) -> bool:
    """Tell whether the old row of a decision comes before the new one."""
    return old[3] is not None and new[3] is not None and old[3] > new[3]


def _ranks(feedback: pd.DataFrame) -> list[int | None]:
    """Order the rows of a decision: microseconds of the outcome, far less for no answer, None if not known."""
    ranks: list[int | None] = [None] * len(feedback)
    if c.OUTCOME_AT in feedback:
        times = check_times(feedback[c.OUTCOME_AT], f"feedback.{c.OUTCOME_AT}", missing=True)
        moments = times.astype("int64").tolist()
        ranks = [None if gone else moment for gone, moment in zip(times.isna(), moments, strict=True)]
    if c.OUTCOME in feedback:
        silent = [isinstance(said, str) and said == c.NO_ANSWER for said in feedback[c.OUTCOME]]
        ranks = [_NO_ANSWER_RANK + (rank or 0) if no else rank for no, rank in zip(silent, ranks, strict=True)]
    return ranks

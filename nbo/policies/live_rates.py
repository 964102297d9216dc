"""One decision and one answer at a time: the rates follow each answer, the prior of all of them now and then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from nbo.policies.answer_rows import MISSING, UNIT, WAITING_RANK, AnswerRow
from nbo.policies.evidence import Evidence
from nbo.policies.fitted_rates import FittedRates
from nbo.policies.live_cells import LiveCells, LiveSegment
from nbo.policies.pooling import PooledPrior

if TYPE_CHECKING:
    from nbo.policies.thompson import SegmentThompson

__all__ = ["LiveRates"]

# The prior is fitted anew after this share of new answers, and at first after so many.
_GROWTH, _AT_FIRST = 0.08, 20
# With so many answers it changes little: it is fitted anew after twice the share, if no offer has changed.
_MANY: Final = 10_000
# Whether offers have changed is looked at after this share of new answers.
_LOOK: Final = 0.01
# Smaller changes of what waits are put off.
_LEAST_CHANGE: Final = 0.02
# Decisions that wait are weighed anew after this share of the window.
_STEP: Final = 1 / 100


class LiveRates:
    """Keep what :class:`SegmentThompson` needs for single draws up to date.

    Parameters
    ----------
    policy : SegmentThompson
    evidence : Evidence
        Of its answers.
    """

    def __init__(self, policy: SegmentThompson, evidence: Evidence) -> None:
        self._policy, self._evidence, self._answers = policy, evidence, evidence.answers
        self._cells: LiveCells | None = None
        self._column: dict[str, int] = {}
        self._names: list[str] = []
        # Where the answers of each cell count.
        self._places: dict[int, tuple[LiveSegment | None, int]] = {}
        self._version, self._refit_at, self._weigh_at = -1, 0, MISSING
        # When to look for changes of offers, how many were found, and the version of the answers before which neither
        # that nor a new fit can be due: a single answer makes one version.
        self._look_at, self._changes, self._due_at = 0, 0, 0
        # By cell, how much of what waits is counted.
        self._waiting = np.zeros(0)

    def learn(self, decision_id: str | int, row: AnswerRow) -> None:
        """Take one answer in.

        Parameters
        ----------
        decision_id : str or int
        row : AnswerRow
        """
        answers = self._answers
        position = answers.position(decision_id)
        if position is None:
            old, cell = None, answers.append(decision_id, row)
        else:
            old = None if position in answers.waiting else answers.rows.row(position)
            if not answers.fold_row(decision_id, row):
                return
            cell = answers.rows.code_cell(row.segment, row.offer)
        follows = self._version == answers.version
        answers.version += 1
        if follows:
            self._version = answers.version
            if old is not None:
                self._count(answers.rows.code_cell(old.segment, old.offer), -1.0, -old.units * UNIT)
            if row.rank != WAITING_RANK:
                self._count(cell, 1.0, row.units * UNIT)

    def draw(self, segment: str, uniform: float, eligible: Sequence[bool] | None) -> tuple[str, float]:
        """Draw an action.

        Parameters
        ----------
        segment : str
        uniform : float
        eligible : sequence of bool, optional

        Returns
        -------
        offer_id : str
        probability : float
        """
        chosen, probability = self._current().draw(segment, uniform, eligible)
        return self._names[chosen], probability

    def probabilities(self, segment: str, eligible: Sequence[bool] | None = None) -> np.ndarray:
        """State the probabilities of which :meth:`draw` draws.

        Parameters
        ----------
        segment : str
        eligible : sequence of bool, optional

        Returns
        -------
        ndarray of shape (k,)
        """
        return self._current().probabilities(segment, eligible)

    def _current(self) -> LiveCells:
        answers = self._answers
        if self._cells is None or self._version != answers.version:
            return self._refit()
        if answers.version >= self._due_at:
            if len(answers) >= self._refit_at or (len(answers) >= self._look_at and self._has_changed()):
                return self._refit()
            self._wait_for_more()
        if answers.waiting and answers.latest >= self._weigh_at:
            self._weigh()
        return self._cells

    def _refit(self) -> LiveCells:
        """Fit the prior to all answers, from where the last fit ended."""
        before, answers = self._cells, self._answers
        self._policy._check_parameters()
        self._evidence.bring(self._policy._now())
        fitted = FittedRates(self._policy, self._evidence, before.prior if before else None)
        values, costs, real = fitted.actions
        self._names = self._policy._checked_offers()
        self._column = {name: column for column, name in enumerate(self._names) if real[column]}
        prior = fitted.prior
        n, accepted, mean, strength, spread = (
            _widened(table, real, fill)
            for table, fill in (
                (fitted.n, 0.0),
                (fitted.accepted, 0.0),
                (prior.mean, 0.5),
                (prior.strength, 1.0),
                (prior.spread if prior.apart is None else prior.apart, 0.0),
            )
        )
        wide = PooledPrior(mean, strength, spread, prior.fit, prior.ahead)
        least = self._policy._least_probability()
        sharpen = self._policy.sharpen
        self._cells = LiveCells(fitted.row, wide, n, accepted, values, costs, least, sharpen, before)
        self._places = {}
        self._version, self._changes = answers.version, self._count_changes()
        steps = 2 if len(answers) >= _MANY and self._evidence.is_timeless else 1
        self._refit_at, self._look_at = self._grown(steps * _GROWTH), self._grown(_LOOK)
        self._wait_for_more()
        self._waiting = self._evidence.waiting_by_cell()
        self._wait()
        return self._cells

    def _wait_for_more(self) -> None:
        answers = self._answers
        self._due_at = answers.version + min(self._refit_at, self._look_at) - len(answers)

    def _has_changed(self) -> bool:
        """Look whether offers have changed since the last fit."""
        self._evidence.look()
        self._look_at = self._grown(_LOOK)
        return self._count_changes() > self._changes

    def _count_changes(self) -> int:
        return sum(map(len, self._evidence.changes.values()))

    def _grown(self, share: float) -> int:
        return int((1 + share) * len(self._answers)) + _AT_FIRST

    def _weigh(self) -> None:
        """Count what waits as of now, and what waited long enough."""
        answers = self._answers
        for cell in self._evidence.pass_time(answers.latest):
            self._count(cell, 1.0, 0.0)
        waiting = self._evidence.waiting_by_cell()
        counted = np.append(self._waiting, np.zeros(len(waiting) - len(self._waiting)))
        more = waiting - counted
        changed = np.flatnonzero(np.abs(more) > _LEAST_CHANGE)
        counted[changed] = waiting[changed]
        self._waiting = counted
        for cell, weight in zip(changed.tolist(), more[changed].tolist(), strict=True):
            self._count(cell, weight, 0.0)
        self._version = answers.version
        self._wait()

    def _wait(self) -> None:
        window = self._evidence.window
        self._weigh_at = self._answers.latest + int(_STEP * window) if window else 2**63

    def _count(self, cell: int, n: float, accepted: float) -> None:
        place = self._places.get(cell) or self._place(cell)
        if place[0] is not None:
            place[0].add(place[1], n, accepted)

    def _place(self, cell: int) -> tuple[LiveSegment | None, int]:
        """Find where answers of a segment and an offer count; nowhere, if the offer is none of the policy's."""
        segment, offer = self._answers.rows.cells[cell]
        column = self._column.get(offer)
        place = (None, 0) if column is None or self._cells is None else (self._cells.segment(segment), column)
        self._places[cell] = place
        return place


def _widened(table: np.ndarray, real: np.ndarray, fill: float) -> np.ndarray:
    """Give actions that are no offers a column, too."""
    wide = np.full((len(table), len(real)), fill)
    wide[:, real] = table
    return wide

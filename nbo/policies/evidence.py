"""What all answers say now: who still waits counts in part, what is old or was overtaken counts less."""

from __future__ import annotations

import numpy as np

from nbo.policies.answer_delays import AnswerDelays
from nbo.policies.answer_rows import ANSWERED, MISSING, SILENT, UNIT, WAITING
from nbo.policies.answers import Answers
from nbo.policies.change_detector import Change, ChangeDetector
from nbo.policies.kept_after_changes import kept_after_changes

__all__ = ["Evidence"]


class Evidence:
    """Weigh the answers as of a moment.

    Parameters
    ----------
    answers : Answers
    window : int, optional
        Microseconds that an answer may take; by default decisions without an answer do not count.
    half_life : int, optional
        Microseconds after which a decision counts half; by default none is forgotten.
    threshold : float, optional
        Of the change detectors; by default none watches.

    Attributes
    ----------
    as_of : int
        Microseconds.
    """

    def __init__(self, answers: Answers, window: int | None, half_life: int | None, threshold: float | None) -> None:
        self.answers = answers
        self.as_of = MISSING
        self.window, self._half_life, self._threshold = window, half_life, threshold
        self._delays: AnswerDelays | None = None
        self._start_watch()

    @property
    def changes(self) -> dict[str, list[Change]]:
        """Changes noticed, by offer."""
        return {offer: watch.changes for offer, watch in sorted(self._watches.items()) if watch.changes}

    @property
    def is_timeless(self) -> bool:
        """Whether an answer counts as much later as now, unless its offer changes."""
        return self.window is None and self._half_life is None

    def bring(self, as_of: int) -> None:
        """Bring all up to a moment.

        Parameters
        ----------
        as_of : int
            Microseconds.
        """
        self.pass_time(as_of)
        self.look()
        if self.window is not None and self.answers.waiting:
            self._delays = AnswerDelays.of(self.answers, self.window, self.as_of)

    def look(self) -> None:
        """Look for changes of offers."""
        if self._threshold is not None:
            self._watch()

    def pass_time(self, as_of: int) -> list[int]:
        """Count decisions whose window is over; what is learned of delays and changes stays.

        Parameters
        ----------
        as_of : int
            Microseconds; a moment before an earlier one changes nothing.

        Returns
        -------
        list of int
            The cell of each such decision.
        """
        self.as_of = max(self.as_of, as_of)
        return [] if self.window is None else self.answers.expire(self.as_of - self.window)

    def by_cell(self) -> tuple[np.ndarray, np.ndarray]:
        """Weigh what was answered, and what still waits.

        Returns
        -------
        n, accepted : ndarray of shape (n_cells,)
            Weights are whole numbers of a small fraction, so that sums do not depend on the order.
        """
        n, units = self.answers.totals()
        counted, accepted = n.astype(float), units * UNIT
        if self._half_life is not None or self.changes:
            counted, accepted = self._weighted(len(n))
        return counted + self.waiting_by_cell()[: len(n)], accepted

    def waiting_by_cell(self) -> np.ndarray:
        """Weigh the decisions that still wait.

        Returns
        -------
        ndarray of shape (n_cells,)
        """
        total = np.zeros(len(self.answers.rows.cells), dtype=np.int64)
        if self.window is not None and self.answers.waiting and self._delays is not None:
            views, waiting = self.answers.rows.views(), np.array(list(self.answers.waiting))
            cell, channel, decided = (views[name][waiting] for name in ("cell", "channel", "decided"))
            known = (decided != MISSING) & (channel < len(self._delays.weights))
            weight = self._delays.weight(channel[known], self.as_of - decided[known])
            np.add.at(total, cell[known], np.rint(weight / UNIT).astype(np.int64))
        return total * UNIT

    def _weighted(self, n_cells: int) -> tuple[np.ndarray, np.ndarray]:
        rows = self.answers.rows.columns()
        weight = np.where(rows["says"] == WAITING, 0.0, 1.0)
        if self._half_life is not None:
            moment = np.where(rows["decided"] != MISSING, rows["decided"], rows["rank"])
            age = np.where(moment >= 0, self.as_of - moment, 0)
            weight *= np.exp2(-np.maximum(age, 0) / self._half_life)
        if self.changes:
            since = [(change.since, offer) for offer, found in self.changes.items() for change in found]
            weight *= kept_after_changes(self.answers.rows, sorted(since))
        totals = np.zeros((2, n_cells), dtype=np.int64)
        for total, amount in zip(totals, (weight / UNIT, weight * rows["units"]), strict=True):
            np.add.at(total, rows["cell"], np.rint(amount).astype(np.int64))
        n, accepted = totals * UNIT
        return n, accepted

    def _start_watch(self) -> None:
        self._watches: dict[str, ChangeDetector] = {}
        self._next, self._until, self._in_order = 0, MISSING, True
        # The longest that an answer took, as far as seen; whether any took nobody knows how long; and any refusals.
        self._longest, self._is_vague, self._refusals = 0, False, False
        # Segment and offer of each cell, by the order in which they came.
        self._segments: dict[str, int] = {}
        self._offers: dict[str, int] = {}
        self._codes = np.zeros((0, 2), dtype=np.int64)
        self._revisions = self.answers.revisions

    def _watch(self) -> None:
        """Show the detectors the decisions that are new; all again, if one was corrected or came out of order."""
        if self._revisions != self.answers.revisions or not self._in_order:
            self._start_watch()
        rows = self.answers.rows.columns(self._next)
        timed = rows["decided"] != MISSING
        settled = self._settled(rows, timed)
        if self._until > max(settled, MISSING):
            self._start_watch()
            self._watch()
            return
        ready = (rows["says"] != WAITING) & timed & (rows["decided"] <= settled)
        passed = ready | ~timed
        end = len(passed) if passed.all() else int(passed.argmin())
        times = rows["decided"][:end][timed[:end]]
        if ready[end:].any() or (np.diff(times) < 0).any() or (len(times) and times[0] < self._until):
            self._in_order = False
            if self._next:
                self._watch()
                return
            order = np.flatnonzero(ready)
            self._show(rows, order[np.argsort(rows["decided"][order], kind="stable")])
            return
        self._next += end
        self._show(rows, np.flatnonzero(ready[:end]))

    def _settled(self, rows: dict[str, np.ndarray], timed: np.ndarray) -> int:
        """Give the last moment whose decisions are all answered, so that accepts do not come before refusals."""
        if self.window is None:
            return self.as_of
        answered = (rows["says"] == ANSWERED) & timed
        took = (rows["rank"] - rows["decided"])[answered & (rows["rank"] != MISSING)]
        self._longest = max(self._longest, int(took.max(initial=0)))
        self._is_vague |= bool(((rows["rank"] == MISSING) & answered).any() or (rows["says"] == SILENT).any())
        self._refusals |= bool((answered & (rows["units"] == 0)).any())
        if self._is_vague or not self._refusals or self._longest >= self.window:
            return self.as_of - self.window
        # All were answered in words, the slowest after so long.
        waiting = rows["decided"][(rows["says"] == WAITING) & timed]
        return min(self.as_of - self._longest, int(waiting.min(initial=self.as_of + 1)) - 1)

    def _show(self, rows: dict[str, np.ndarray], order: np.ndarray) -> None:
        if not len(order):
            return
        codes = [
            (self._segments.setdefault(segment, len(self._segments)), self._offers.setdefault(offer, len(self._offers)))
            for segment, offer in self.answers.rows.cells[len(self._codes) :]
        ]
        if codes:
            self._codes = np.vstack([self._codes, codes])
        self._until = int(rows["decided"][order[-1]])
        segments, offers = self._codes[rows["cell"][order]].T
        decided, rewards = rows["decided"][order], rows["units"][order] * UNIT
        by_offer = np.argsort(offers, kind="stable")
        ends = np.bincount(offers, minlength=len(self._offers)).cumsum().tolist()
        for name, start, end in zip(self._offers, [0, *ends], ends, strict=False):
            own = by_offer[start:end]
            if len(own):
                watch = self._watches.setdefault(name, ChangeDetector(self._threshold or 0.0))
                watch.fold(decided[own], segments[own], rewards[own])

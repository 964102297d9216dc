"""The probability that each offer is the best one, kept up to date while single answers come in."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from math import log
from typing import Final

import numpy as np

from nbo.policies.known_row import KnownRow
from nbo.policies.live_grid import all_moments, moments
from nbo.policies.live_shares import LiveShares

__all__ = ["LiveBest"]

# Refusals of one offer are taken in along a straight line, up to so many and to where they move its mean by so much,
# in standard deviations.
_FAR: Final = 0.2
_MOST: Final = 64
# Refusals of one offer, and of all, that change no probability by more wait for the next ones.
_SMALL, _TOGETHER = 1e-3, 2e-3
# A probability p changes by no more than this times p (1 - p) when the offer's mean moves by a standard deviation.
_STEEPEST: Final = 2.5
# Moves of a mean, in standard deviations, or of the logarithm of a standard deviation that wait: of one offer, and of
# each where all have moved.
_TINY, _IDLE = 0.008, 0.02
_NOTHING: Final = (0, 0.0)
# Sums of parts that are one, but for rounding, and that are more.
_WHOLE, _OVER = 1 - 1e-9, 1 + 1e-9

Posterior = Callable[[int, float], tuple[float, float]]


class LiveBest:
    """Probabilities of one segment and one set of eligible offers, between two answers.

    The distribution functions of the payoffs are kept on a grid, so that an answer costs only what it changed: of
    a refusal a step on the way to what some more of them will make of the probabilities, else a row of the grid.

    Parameters
    ----------
    alpha, beta : ndarray of shape (k,)
        Parameters of the Beta distributions of the rates.
    values, costs : ndarray of shape (k,)
        An offer pays `values * rate - costs`; one of value 0 pays its cost for certain.
    eligible : ndarray of bool, shape (k,)
        At least one.
    least : float
        Least probability of each eligible offer.

    Attributes
    ----------
    read : int
        How many answers were taken in; for the caller to keep.

    Examples
    --------
    Beta(2, 1) beats Beta(1, 1) with probability 2/3.

    >>> one = np.ones(2)
    >>> live = LiveBest(np.array([2.0, 1.0]), np.array([1.0, 1.0]), one, 0 * one, one > 0, 0.0)
    >>> live.probabilities().round(3)
    array([0.667, 0.333])
    >>> live.move(1, 3.0, 1.0)
    >>> live.probabilities().round(3)
    array([0.4, 0.6])
    """

    def __init__(
        self,
        alpha: np.ndarray,
        beta: np.ndarray,
        values: np.ndarray,
        costs: np.ndarray,
        eligible: np.ndarray,
        least: float,
    ) -> None:
        self._shares = LiveShares(alpha, beta, values, costs, eligible)
        self._row = {arm: row for row, arm in enumerate(self._shares.arms.tolist())}
        n_eligible = int(eligible.sum())
        least = min(least, 1 / n_eligible)
        self._floors, self._scale = np.where(eligible, least, 0.0).cumsum(), 1 - least * n_eligible
        self._last = int(np.flatnonzero(eligible)[-1])
        # By how many standard deviations a refusal moves a mean, as far as known.
        self._shifts: list[float | None] = [None] * len(self._row)
        # Where rates are that are to be computed anew, and whether they are to be now.
        self._moved: dict[int, tuple[float, float]] = {}
        self._due = False
        # Refusals that wait, and what they change; and what all change together.
        self._small: dict[int, tuple[int, float]] = {}
        self._waiting = 0.0
        self._lines: dict[int, _Line] = {}
        self._spent = 0.0
        # Sums of probabilities, and the same as a list.
        self._steps = self._shares.steps(self._floors, self._scale)
        self._listed: list[float] | None = None
        self.read = 0

    @property
    def refused(self) -> list[int]:
        """Offers to be moved with any that moves: their refusals were taken in along a line, or waited long enough."""
        rows = self._lines if self._waiting <= _TOGETHER else {**self._lines, **self._small}
        return [int(self._shares.arms[row]) for row in rows]

    def probabilities(self) -> np.ndarray:
        """State the probability of each offer.

        Returns
        -------
        ndarray of shape (k,)
            The sum is 1; an offer that is not eligible has exactly 0.
        """
        if self._due:
            self._renew()
        return np.diff(self._steps, prepend=0.0) / self._steps[-1]

    def draw(self, uniform: float) -> tuple[int, float]:
        """Draw an offer.

        Parameters
        ----------
        uniform : float
            In [0, 1).

        Returns
        -------
        offer : int
        probability : float
            With which it was drawn.
        """
        if self._due:
            self._renew()
        steps = self._listed
        if steps is None:
            steps = self._listed = self._steps.tolist()
        whole = steps[-1]
        chosen = bisect_right(steps, uniform * whole)
        if chosen > self._last:
            chosen = self._last
        return chosen, (steps[chosen] - steps[chosen - 1] if chosen else steps[0]) / whole

    def refuse(self, offer: int, posterior: Posterior) -> bool:
        """Take in one more refusal.

        Parameters
        ----------
        offer : int
        posterior : callable
            Gives `alpha` and `beta` of an offer's rate as they will be after so many more refusals.

        Returns
        -------
        bool
            Whether it could be done; if not, this offer and those of `refused` are to be moved.
        """
        row = self._row.get(offer)
        if row is None:
            return True
        line = self._lines.get(row)
        if line is not None:
            line.waiting += 1
            self._spent += line.share
        elif self._due or row in self._moved or not self._shares.is_live:
            return False
        else:
            count, effect = self._small.get(row, _NOTHING)
            more = self._effect(row, offer)
            if effect + more < _SMALL:
                self._small[row] = count + 1, effect + more
                self._waiting += more
                return self._waiting <= _TOGETHER
            line = self._draw_line(row, offer, count + 1, posterior)
            if line is None:
                return False
        return self._go_along(line)

    def _go_along(self, line: _Line) -> bool:
        # Of lines that lead to probabilities, parts that add up to one lead to probabilities.
        if self._spent > _OVER:
            return False
        at_end = self._spent > _WHOLE
        if line.waiting >= line.every or at_end:
            self._steps += line.step * line.waiting
            self._listed, line.waiting = None, 0
        if at_end and len(self._lines) == 1:
            if not self._shares.adopt(line.end):
                return False
            self._lines.clear()
            self._spent = 0.0
        return True

    def move(self, offer: int, alpha: float, beta: float) -> None:
        """Take the new distribution of one offer's rate.

        Parameters
        ----------
        offer : int
        alpha, beta : float
        """
        row = self._row.get(offer)
        if row is None:
            return
        self._moved[row] = alpha, beta
        if not self._due:
            mean, sd = moments(alpha, beta)
            before, width = self._shares.means[row], self._shares.sds[row]
            moved = abs(mean - before) > _TINY * width or abs(log(sd / width)) > _TINY
            self._due = moved or row in self._lines or self._waiting > _TOGETHER

    def move_all(self, alpha: np.ndarray, beta: np.ndarray) -> None:
        """Take the new distributions of all rates; those that hardly moved wait.

        Parameters
        ----------
        alpha, beta : ndarray of shape (k,)
        """
        alpha, beta = alpha[self._shares.arms], beta[self._shares.arms]
        mean, sd = all_moments(alpha, beta)
        before, width = np.array(self._shares.means), np.array(self._shares.sds)
        moved = (np.abs(mean - before) > _IDLE * width) | (np.abs(np.log(sd / width)) > _IDLE)
        moved[[*self._moved, *self._lines, *self._small]] = True
        rows = np.flatnonzero(moved)
        if len(rows):
            self._shares.move_many(rows, alpha[rows], beta[rows])
            self._begin(rows.tolist())

    def _renew(self) -> None:
        self._shares.move(self._moved)
        self._begin(self._moved)

    def _begin(self, rows: Iterable[int]) -> None:
        """Begin anew after rates moved."""
        for row in rows:
            self._forget(row)
        self._moved.clear()
        self._lines.clear()
        self._spent, self._due, self._listed = 0.0, False, None
        self._steps = self._shares.steps(self._floors, self._scale)

    def _effect(self, row: int, offer: int) -> float:
        """Tell by how much a refusal changes a probability, at most and about."""
        steps, shift = self._listed, self._shifts[row]
        if steps is None or shift is None:
            return _SMALL
        probability = (steps[offer] - steps[offer - 1] if offer else steps[0]) / steps[-1]
        return _STEEPEST * probability * (1 - probability) * shift

    def _draw_line(self, row: int, offer: int, taken: int, posterior: Posterior) -> _Line | None:
        """Find how far refusals may go on a straight line, and where it ends; None if they cannot."""
        mean, sd, shift = self._shares.means[row], self._shares.sds[row], self._shifts[row]
        if shift is None:
            shift = (mean - moments(*posterior(offer, 0.0))[0]) / (sd * taken)
        count = min(_MOST, int(_FAR / shift)) if shift > 0 else 0
        if count <= taken:
            return None
        alpha, beta = posterior(offer, float(count - taken))
        self._shifts[row] = (mean - moments(alpha, beta)[0]) / (sd * count)
        whole, end = self._shares.change(row, alpha, beta, self._steps, self._floors, self._scale)
        own = float(whole[offer] - whole[offer - 1] if offer else whole[0])
        line = self._lines[row] = _Line(whole, count, taken, abs(own), end)
        self._spent += taken * line.share
        self._forget(row)
        return line

    def _forget(self, row: int) -> None:
        """Let no refusals of an offer wait."""
        _, effect = self._small.pop(row, _NOTHING)
        self._waiting = self._waiting - effect if self._small else 0.0


class _Line:
    """A way from probabilities as they are to those after some refusals of one offer."""

    __slots__ = ("end", "every", "share", "step", "waiting")

    def __init__(self, whole: np.ndarray, count: int, taken: int, largest: float, end: KnownRow) -> None:
        self.share, self.end = 1.0 / count, end
        # Of one refusal; small ones are taken together.
        whole *= self.share
        self.step = whole
        self.every = min(count, max(1, int(_SMALL * count / largest))) if largest > 0 else count
        self.waiting = taken

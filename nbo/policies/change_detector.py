"""A watch on an offer, whether its acceptance is still what it was."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil
from typing import Final

import numpy as np

__all__ = ["Change", "ChangeDetector"]

# A block of decisions is closed when this variance of acceptances is expected in it.
_BLOCK_VARIANCE: Final = 5.0
# The residual of a block counts as far as it is beyond this many standard deviations.
_ALLOWANCE: Final = 0.5
# An acceptance rate is expected as if so many decisions had gone as the offer did in all segments.
_STRENGTH: Final = 50.0
# Before any decision: an acceptance rate of 4 %, worth as many decisions.
_FIRST_RATE, _FIRST_STRENGTH = 0.04, 50.0


@dataclass(frozen=True)
class Change:
    """A change that was noticed.

    Parameters
    ----------
    since : int
        Microseconds: decisions at it or before went otherwise.
    noticed : int
        Microseconds of the last decision before it was noticed.
    up : bool
        Whether acceptance rose.
    statistic : float
        By which it was noticed, in standard deviations.
    """

    since: int
    noticed: int
    up: bool
    statistic: float


@dataclass
class _Side:
    """One direction: the cumulated residuals, and what has come since they were last zero."""

    sign: float
    statistic: float = 0.0
    since: int = 0
    n: np.ndarray = field(default_factory=lambda: np.zeros(0))
    accepted: np.ndarray = field(default_factory=lambda: np.zeros(0))


class ChangeDetector:
    r"""Cumulated sums of standardized residuals of one offer, upwards and downwards.

    Decisions are taken in the order of time, in blocks with an expected variance of 5 acceptances. The residual
    of a block is what was accepted less what was expected from the decisions before it, segment by segment, over
    its standard deviation, which includes that of the expectation. Beyond an allowance of 0.5 residuals add up; a
    sum above the threshold is a change [1]_. What came before the sum began to grow is forgotten then.

    Parameters
    ----------
    threshold : float
        In standard deviations, above 0.

    References
    ----------
    .. [1] Page, E. S. (1954). Continuous inspection schemes. Biometrika 41, 100-115.

    Examples
    --------
    Acceptance falls from a tenth to none after 10,000 decisions.

    >>> detector = ChangeDetector(12.0)
    >>> time = np.arange(15_000)
    >>> detector.fold(time, np.zeros(15_000, dtype=int), (time % 10 == 0) & (time < 10_000))
    >>> [(change.up, 9_500 <= change.since <= 10_500) for change in detector.changes]
    [(False, True)]
    """

    def __init__(self, threshold: float) -> None:
        self.threshold = threshold
        self.changes: list[Change] = []
        self._n, self._accepted = np.zeros(0), np.zeros(0)
        self._sides = (_Side(1.0), _Side(-1.0))
        self._times = np.zeros(0, dtype=np.int64)
        self._segments = np.zeros(0, dtype=np.int64)
        self._rewards = np.zeros(0)

    @property
    def latest(self) -> int | None:
        """Time of the last decision that was taken in."""
        return int(self._times[-1]) if len(self._times) else None

    def fold(self, times: np.ndarray, segments: np.ndarray, rewards: np.ndarray) -> None:
        """Take decisions in.

        Parameters
        ----------
        times : ndarray of int, shape (n,)
            Microseconds, ascending, none before those taken in.
        segments : ndarray of int, shape (n,)
            Codes, 0 or more.
        rewards : ndarray of shape (n,)
        """
        if not len(times):
            return
        times = np.concatenate([self._times, times])
        segments = np.concatenate([self._segments, segments])
        rewards = np.concatenate([self._rewards, rewards.astype(float)])
        self._grow(int(segments.max()) + 1)
        start = 0
        while (end := self._end_of_block(times, start)) is not None:
            block = slice(start, end)
            self._judge(int(times[end - 1]), segments[block], rewards[block])
            start = end
        self._times, self._segments, self._rewards = times[start:], segments[start:], rewards[start:]

    def _end_of_block(self, times: np.ndarray, start: int) -> int | None:
        """Find where a block ends; decisions of one moment stay together, so their order does not matter."""
        rate = self._rate()
        last = start + ceil(_BLOCK_VARIANCE / (rate * (1 - rate))) - 1
        if last >= len(times) - 1:
            return None
        end = int(np.searchsorted(times, times[last], side="right"))
        return end if end < len(times) else None

    def _rate(self) -> float:
        accepted = self._accepted.sum() + _FIRST_RATE * _FIRST_STRENGTH
        return float(min(accepted / (self._n.sum() + _FIRST_STRENGTH), 1 - 1e-3))

    def _judge(self, time: int, segments: np.ndarray, rewards: np.ndarray) -> None:
        here, place = np.unique(segments, return_inverse=True)
        n, accepted = np.bincount(place), np.bincount(place, rewards)
        rate = self._rate()
        size = self._n[here] + _STRENGTH
        expected = (self._accepted[here] + _STRENGTH * rate) / size
        within = expected * (1 - expected)
        shared = (n * _STRENGTH / size).sum() ** 2 * rate * (1 - rate) / (self._n.sum() + _FIRST_STRENGTH)
        variance = (n * within).sum() + (n**2 * within / (size + 1)).sum() + shared
        residual = (accepted.sum() - (n * expected).sum()) / np.sqrt(variance)
        self._n[here] += n
        self._accepted[here] += accepted
        for side in self._sides:
            side.statistic = max(0.0, side.statistic + side.sign * residual - _ALLOWANCE)
            if side.statistic == 0:
                side.since = time
                side.n[:], side.accepted[:] = 0.0, 0.0
            else:
                side.n[here] += n
                side.accepted[here] += accepted
        for side in self._sides:
            if side.statistic > self.threshold:
                self._change(time, side)
                break

    def _change(self, time: int, side: _Side) -> None:
        self.changes.append(Change(side.since, time, side.sign > 0, side.statistic))
        self._n, self._accepted = side.n.copy(), side.accepted.copy()
        for each in self._sides:
            each.statistic, each.since = 0.0, time
            each.n[:], each.accepted[:] = 0.0, 0.0

    def _grow(self, size: int) -> None:
        more = size - len(self._n)
        if more > 0:
            for owner in (self, *self._sides):
                for name in ("_n", "_accepted") if owner is self else ("n", "accepted"):
                    setattr(owner, name, np.append(getattr(owner, name), np.zeros(more)))

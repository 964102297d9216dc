"""The last changes, one by one: first until no limit is broken, then while something is gained."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from nbo.arbitration.allocation.moves import Moves

__all__ = ["broken", "repair"]

# Sums of costs carry errors of rounding: a share of the bound, and of what an assignment typically counts.
_ROUNDING, _OF_ONE = 1e-12, 1e-9
_STEPS = 2000
# So many changes, those nearest to being worth it, are tried two at a time.
_NEAR = 300


def broken(used: np.ndarray, low: np.ndarray, high: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Give by how much each limit is broken, beyond rounding.

    Parameters
    ----------
    used : ndarray of shape (..., m)
    low, high : ndarray of shape (m,)
    scale : ndarray of shape (m,)
        What an assignment typically counts.

    Returns
    -------
    ndarray of shape (..., m)
        0 or more.
    """
    over, under = used - high, low - used
    with np.errstate(invalid="ignore"):
        over[over <= _ROUNDING * np.abs(high) + _OF_ONE * scale] = 0
        under[under <= _ROUNDING * np.abs(low) + _OF_ONE * scale] = 0
    return np.maximum(over, 0) + np.maximum(under, 0)


def repair(
    moves: Moves,
    made: np.ndarray,
    used: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    scale: np.ndarray,
    mu: np.ndarray | None = None,
) -> np.ndarray:
    """Make or take back changes until no limit is broken, and then those that gain.

    Parameters
    ----------
    moves : Moves
    made : ndarray of bool, shape (some,)
        Changes made so far, at most one for a customer.
    used : ndarray of shape (m,)
        Use of the limits before any change.
    low, high : ndarray of shape (m,)
        Bounds.
    scale : ndarray of shape (m,)
        What an assignment typically counts.
    mu : ndarray of shape (m,), optional
        Prices by which changes are chosen that gain two at a time; without, there are none of these.

    Returns
    -------
    ndarray of bool, shape (some,)
        Changes made.
    """
    made = made.copy()
    if not len(made):
        return made
    state = _State(moves, made, used, low, high, scale)
    for _ in range(_STEPS):
        if not state.mend():
            break
    if not state.wrong.any():
        for _ in range(_STEPS):
            if not state.improve() and (mu is None or not state.improve_by_two(mu)):
                break
    return made


class _State:
    """Where the changes stand. `made` is changed in place."""

    def __init__(
        self,
        moves: Moves,
        made: np.ndarray,
        used: np.ndarray,
        low: np.ndarray,
        high: np.ndarray,
        scale: np.ndarray,
    ) -> None:
        self.low, self.high, self.scale = low, high, scale
        self.made, self.gain = made, moves.gain
        _, self.which = np.unique(moves.who, return_inverse=True)
        self.changed = np.bincount(self.which, weights=made) > 0
        self.counts = moves.counts
        self.by_limit = sparse.csc_array(moves.counts)
        self.used = used + np.asarray(moves.counts.T @ made.astype(float))
        self.wrong = broken(self.used, low, high, scale)

    def mend(self) -> bool:
        """Make the change that mends most for what it costs, if one does."""
        limits = np.flatnonzero(self.wrong).tolist()
        if not limits:
            return False
        touching = np.unique(np.concatenate([self._touching(limit) for limit in limits]))
        places = touching[self._possible(touching)]
        before = float((self.wrong / self.scale).sum())
        after = (broken(self._used_after(places), self.low, self.high, self.scale) / self.scale).sum(axis=1)
        mends = np.flatnonzero(after < before * (1 - 1e-9))
        if not len(mends):
            return False
        cost = -self._sign(places[mends]) * self.gain[places[mends]]
        mended = before - after[mends]
        # What costs nothing goes first, most mended first; then the least cost for what it mends.
        rate = np.where(cost > 0, cost / mended, cost * mended)
        self._toggle(int(places[mends[rate.argmin()]]))
        return True

    def improve(self) -> bool:
        """Make the change that gains most and breaks nothing, if there is one."""
        places = np.flatnonzero(self._sign(slice(None)) * self.gain > 1e-12 * np.abs(self.gain).max())
        places = places[self._possible(places)]
        if not len(places):
            return False
        kept = ~broken(self._used_after(places), self.low, self.high, self.scale).any(axis=1)
        places = places[kept]
        if not len(places):
            return False
        self._toggle(int(places[(self._sign(places) * self.gain[places]).argmax()]))
        return True

    def improve_by_two(self, mu: np.ndarray) -> bool:
        """Make the two changes that together gain most and break nothing, if there are such."""
        places = np.flatnonzero(self._possible(np.arange(len(self.made))))
        counts, gain = (
            self._sign(places)[:, None] * self.counts[places].toarray(),
            self._sign(places) * self.gain[places],
        )
        near = np.argsort(counts @ mu - gain, kind="stable")[:_NEAR]
        places, counts, gain = places[near], counts[near], gain[near]
        fits = self.which[places][:, None] != self.which[places]
        room = self.high + _ROUNDING * np.abs(self.high), self.low - _ROUNDING * np.abs(self.low)
        for limit, each in enumerate(counts.T):
            after = self.used[limit] + each[:, None] + each
            fits &= (after <= room[0][limit]) & (after >= room[1][limit])
        both = np.where(fits, gain[:, None] + gain, -np.inf)
        if not both.size or both.max() <= 1e-12 * np.abs(self.gain).max():
            return False
        for place in np.unravel_index(both.argmax(), both.shape):
            self._toggle(int(places[place]))
        return True

    def _touching(self, limit: int) -> np.ndarray:
        return self.by_limit.indices[self.by_limit.indptr[limit] : self.by_limit.indptr[limit + 1]]

    def _possible(self, places: np.ndarray) -> np.ndarray:
        return self.made[places] | ~self.changed[self.which[places]]

    def _sign(self, places: np.ndarray | slice) -> np.ndarray:
        return np.where(self.made[places], -1.0, 1.0)

    def _used_after(self, places: np.ndarray) -> np.ndarray:
        return self.used + self._sign(places)[:, None] * self.counts[places].toarray()

    def _toggle(self, place: int) -> None:
        change = self._sign(np.array([place]))[0] * self.counts[[place]].toarray()[0]
        self.made[place] = not self.made[place]
        self.changed[self.which[place]] = self.made[place]
        self.used = self.used + change
        self.wrong = broken(self.used, self.low, self.high, self.scale)

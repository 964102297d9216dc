"""The rates of all segments between two fits of their prior, brought up to date answer by answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from nbo.errors import InputError
from nbo.policies.live_best import LiveBest
from nbo.policies.pooling import SMALLEST, PooledPrior

__all__ = ["LiveCells"]

# Sets of eligible offers, of all segments, whose probabilities are kept.
_MOST_KEPT: Final = 2_000


class _Segment:
    """The rates of one segment, by offer, and the probabilities that follow from them."""

    __slots__ = ("accepted", "alpha", "beta", "best", "changed", "mean", "n", "sharpen", "spread", "strength")

    def __init__(self, prior: PooledPrior, row: int, n: np.ndarray, accepted: np.ndarray, sharpen: float) -> None:
        self.sharpen = sharpen
        self.mean, self.strength, self.spread = (
            table[row].tolist() for table in (prior.mean, prior.strength, prior.spread)
        )
        self.n, self.accepted = n[row].tolist(), accepted[row].tolist()
        self.alpha, self.beta = (table.tolist() for table in (prior.mean[row], prior.mean[row]))
        for offer in range(len(self.n)):
            self.update(offer)
        # Offers in the order of their answers; each set of eligible offers knows how far it has read.
        self.changed: list[int] = []
        self.best: dict[bytes | None, tuple[LiveBest, int]] = {}

    def update(self, offer: int) -> None:
        """Do for one rate what :meth:`PooledPrior.posterior` does for tables."""
        strength = self.strength[offer]
        total = strength + self.n[offer]
        mean = (strength * self.mean[offer] + self.accepted[offer]) / total
        spread = strength / total * self.spread[offer]
        variance = mean * (1 - mean)
        size = self.sharpen * max(variance / (variance / (total + 1) + spread * spread) - 1, SMALLEST)
        self.alpha[offer], self.beta[offer] = mean * size, (1 - mean) * size


class LiveCells:
    """Hold the posterior of each rate, and give probabilities that follow it at once.

    Parameters
    ----------
    row : callable
        From the name of a segment to its row in the tables.
    prior : PooledPrior
        Of all rows.
    n, accepted : ndarray of shape (n_rows, k)
        Counts; columns are all actions, those that are no offers included.
    values, costs : ndarray of shape (k,)
        What an acceptance is worth, 0 for what is no offer, and what the offer costs.
    least : float
        Least probability.
    sharpen : float
        How many times all that is known counts.
    before : LiveCells, optional
        With an earlier prior: its grids are taken over.
    """

    def __init__(
        self,
        row: Callable[[str], int],
        prior: PooledPrior,
        n: np.ndarray,
        accepted: np.ndarray,
        values: np.ndarray,
        costs: np.ndarray,
        least: float,
        sharpen: float,
        before: LiveCells | None = None,
    ) -> None:
        self._row = row
        self.prior = prior
        self._n, self._accepted = n, accepted
        self._values, self._costs, self._least, self._sharpen = values, costs, least, sharpen
        self._segments: dict[str, _Segment] = {}
        self._kept = 0
        if before is not None and before._same_offers(self):
            for segment, old in before._segments.items():
                # Read up to nowhere: the grid takes all rates anew.
                self._segment(segment).best = {key: (best, -1) for key, (best, _) in old.best.items()}
                self._kept += len(old.best)

    def add(self, segment: str, offer: int, n: float, accepted: float) -> None:
        """Take an answer in, or take one back.

        Parameters
        ----------
        segment : str
        offer : int
        n, accepted : float
            How much it counts, and its reward times that.
        """
        own = self._segments.get(segment) or self._segment(segment)
        own.n[offer] += n
        own.accepted[offer] += accepted
        own.update(offer)
        own.changed.append(offer)

    def draw(self, segment: str, uniform: float, eligible: Sequence[bool] | None) -> tuple[int, float]:
        """Draw an action.

        Parameters
        ----------
        segment : str
        uniform : float
            In [0, 1).
        eligible : sequence of bool, optional

        Returns
        -------
        offer : int
        probability : float
        """
        own = self._segments.get(segment) or self._segment(segment)
        key = None if eligible is None else bytes(eligible)
        known = own.best.get(key)
        best, read = known if known else (self._start(own, key), len(own.changed))
        if read != len(own.changed):
            self._follow(own, key, best, read)
        return best.draw(uniform)

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
        self.draw(segment, 0.0, eligible)
        return self._segments[segment].best[None if eligible is None else bytes(eligible)][0].probabilities()

    def _segment(self, name: str) -> _Segment:
        own = self._segments[name] = _Segment(self.prior, self._row(name), self._n, self._accepted, self._sharpen)
        return own

    def _start(self, own: _Segment, key: bytes | None) -> LiveBest:
        if self._kept >= _MOST_KEPT:
            for segment in self._segments.values():
                segment.best.clear()
            self._kept = 0
        eligible = np.ones(len(own.n), bool) if key is None else np.frombuffer(key, dtype=bool)
        if len(eligible) != len(own.n) or not eligible.any():
            raise InputError(
                f"eligible must hold True or False for each of {len(own.n)} offers, and True for at least one; "
                f"got {len(eligible)}, of which {int(eligible.sum())} are True."
            )
        best = LiveBest(np.array(own.alpha), np.array(own.beta), self._values, self._costs, eligible, self._least)
        own.best[key] = best, len(own.changed)
        self._kept += 1
        return best

    def _follow(self, own: _Segment, key: bytes | None, best: LiveBest, read: int) -> None:
        """Move the rates that have had answers since."""
        new = len(own.changed) - read
        if read < 0 or new > len(own.n):
            best.move_all(np.array(own.alpha), np.array(own.beta))
        elif new == 1:
            offer = own.changed[-1]
            best.move(offer, own.alpha[offer], own.beta[offer])
        else:
            for offer in set(own.changed[read:]):
                best.move(offer, own.alpha[offer], own.beta[offer])
        own.best[key] = best, len(own.changed)

    def _same_offers(self, other: LiveCells) -> bool:
        pairs = ((self._values, other._values), (self._costs, other._costs))
        return self._least == other._least and all(np.array_equal(*pair) for pair in pairs)

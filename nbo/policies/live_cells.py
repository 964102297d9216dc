"""The rates of all segments between two fits of their prior, brought up to date answer by answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from nbo.errors import InputError
from nbo.policies.live_best import LiveBest
from nbo.policies.pooling import SMALLEST, PooledPrior
from nbo.policies.worth_learning import FULLY_WORTH

__all__ = ["LiveCells", "LiveSegment"]

# Sets of eligible offers, of all segments, whose probabilities are kept.
_MOST_KEPT: Final = 2_000


class LiveSegment:
    """The rates of one segment, by offer, and the probabilities that follow from them."""

    __slots__ = ("accepted", "ahead", "best", "changed", "mean", "n", "prior", "sharpen", "spread", "strength")

    def __init__(self, prior: PooledPrior, row: int, n: np.ndarray, accepted: np.ndarray, sharpen: float) -> None:
        ahead = None if prior.ahead is None else prior.ahead[row]
        self.sharpen, self.ahead = sharpen, None if ahead is None else float(ahead[0])
        self.prior = PooledPrior(prior.mean[row], prior.strength[row], prior.spread[row], ahead=ahead)
        self.mean, self.strength, self.spread, self.n, self.accepted = (
            table[row].tolist() for table in (prior.mean, prior.strength, prior.spread, n, accepted)
        )
        # Offers in the order of their answers, those of refusals as they are and others by their complement; each set
        # of eligible offers knows how far it has read.
        self.changed: list[int] = []
        self.best: dict[bytes | None, LiveBest] = {}

    def add(self, offer: int, n: float, accepted: float) -> None:
        """Take an answer in, or take one back: how much it counts, and its reward times that."""
        self.n[offer] += n
        if accepted == 0.0 and n == 1.0:
            self.changed.append(offer)
        else:
            self.accepted[offer] += accepted
            self.changed.append(~offer)

    def posterior(self, offer: int, more: float = 0.0) -> tuple[float, float]:
        """Do for one rate, after some more refusals, what :meth:`PooledPrior.sharpened` does for tables."""
        strength = self.strength[offer]
        total = strength + self.n[offer] + more
        mean = (strength * self.mean[offer] + self.accepted[offer]) / total
        spread = strength / total * self.spread[offer]
        variance = mean * (1 - mean)
        within, between = variance / (total + 1), spread * spread
        if self.ahead is not None:
            within *= min(1.0, self.ahead / (total + 1) / FULLY_WORTH)
            between *= self.sharpen
        size = self.sharpen * max(variance / (within + between) - 1, SMALLEST)
        return mean * size, (1 - mean) * size

    def posteriors(self) -> tuple[np.ndarray, np.ndarray]:
        """Give the distributions of all rates."""
        return self.prior.sharpened(np.array(self.n), np.array(self.accepted), self.sharpen)


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
        self._segments: dict[str, LiveSegment] = {}
        self._kept = 0
        if before is not None and before._same_offers(self):
            for segment, old in before._segments.items():
                self._start_segment(segment).best = old.best
                for best in old.best.values():
                    # Read up to nowhere: the grid takes all rates anew.
                    best.read = -1
                self._kept += len(old.best)

    def segment(self, name: str) -> LiveSegment:
        """Find the rates of a segment.

        Parameters
        ----------
        name : str

        Returns
        -------
        LiveSegment
            What is added to it is known to the next draw.
        """
        return self._segments.get(name) or self._start_segment(name)

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
        own = self._segments.get(segment) or self._start_segment(segment)
        key = None if eligible is None else bytes(eligible)
        best = own.best.get(key) or self._start(own, key)
        if best.read != len(own.changed):
            self._follow(own, best)
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
        return self._segments[segment].best[None if eligible is None else bytes(eligible)].probabilities()

    def _start_segment(self, name: str) -> LiveSegment:
        own = self._segments[name] = LiveSegment(self.prior, self._row(name), self._n, self._accepted, self._sharpen)
        return own

    def _start(self, own: LiveSegment, key: bytes | None) -> LiveBest:
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
        best = own.best[key] = LiveBest(*own.posteriors(), self._values, self._costs, eligible, self._least)
        best.read = len(own.changed)
        self._kept += 1
        return best

    def _follow(self, own: LiveSegment, best: LiveBest) -> None:
        """Move the rates that have had answers since."""
        changed = own.changed
        new, last = len(changed) - best.read, changed[-1] if changed else 0
        if best.read < 0 or new > len(own.n):
            best.move_all(*own.posteriors())
        elif new > 1 or last < 0 or not best.refuse(last, own.posterior):
            answered = {offer if offer >= 0 else ~offer for offer in changed[best.read :]}
            for offer in answered.union(best.refused):
                best.move(offer, *own.posterior(offer))
        best.read = len(changed)

    def _same_offers(self, other: LiveCells) -> bool:
        pairs = ((self._values, other._values), (self._costs, other._costs))
        return self._least == other._least and all(np.array_equal(*pair) for pair in pairs)

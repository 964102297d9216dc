"""Acceptance rates by segment and offer, fitted to all answers, and the probabilities that follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from nbo.policies.amounts import money_of_actions
from nbo.policies.evidence import Evidence
from nbo.policies.nested_prior import any_child, fit_nested_prior
from nbo.policies.pooling import PooledPrior, fit_pooled_prior

if TYPE_CHECKING:
    from nbo.policies.segment_policy import SegmentPolicy

__all__ = ["FittedRates"]

# Cached rows of probabilities; the cache starts anew above it.
_MOST_CACHED = 200_000
# Decisions to come in a segment that has had none.
_AT_FIRST = 25


class FittedRates:
    """The posterior of each rate: what is counted, and the prior that all counts make.

    Parameters
    ----------
    policy : SegmentPolicy
        Its parameters.
    evidence : Evidence
        As of now.
    after : PooledPrior, optional
        Where the fit of the prior begins.

    Attributes
    ----------
    segments : list of str
        Seen or warm-started, sorted.
    rows : list of str
        Of the tables: the segments, then those not known yet below a nested one; one more row is for all others.
    n, accepted : ndarray of shape (n_rows + 1, n_offers)
        What is counted, for each offer that is not ``nbo.NO_OFFER``.
    prior : PooledPrior
    """

    def __init__(self, policy: SegmentPolicy, evidence: Evidence, after: PooledPrior | None = None) -> None:
        self.evidence = evidence
        self._policy = policy
        answers, offers = evidence.answers, policy._real_offers()
        warm = [] if policy._warm is None else policy._warm.segments
        waiting = [answers.rows.cells[answers.rows.cell[position]][0] for position in answers.waiting]
        self.segments = sorted({*answers.segments, *waiting, *warm})
        new = np.zeros((1, len(offers)))
        tables = (answers.rows.table(total, self.segments, offers) for total in evidence.by_cell())
        # In nested segments each that holds others has a row for those of which nothing is known.
        nested = policy.nested
        unknown = sorted({any_child(s, nested) for s in self.segments if nested in s}) if nested else []
        self.rows = [*self.segments, *unknown]
        self.n, self.accepted = (np.vstack([table, *[new] * (len(unknown) + 1)]) for table in tables)
        prior = self._fit_prior(offers, after)
        sharper = policy.pooling and policy.sharpen > 1
        # As much lies ahead of a segment as behind it, for all we know; what is not pooled is explored as it is.
        ahead = self.n.sum(axis=1, keepdims=True) + _AT_FIRST
        # Where offers cost something, what they have in common decides whether they pay at all.
        apart = None if self.actions[1].any() else prior.apart
        self.prior = replace(prior, ahead=ahead if sharper else None, apart=apart if sharper else None)
        self._row = {segment: row for row, segment in enumerate(self.rows)}
        self._cache: dict[tuple[str, bytes], np.ndarray] = {}

    @property
    def actions(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What an acceptance of each action is worth, what the action costs, and which are offers; of shape (k,)."""
        return money_of_actions(self._policy._checked_offers(), self._policy.values, self._policy.costs)

    @property
    def offer_groups(self) -> np.ndarray:
        """Which groups each offer is in, by `attributes`; of shape (n_offers, n_offer_groups)."""
        attributes = self._policy.attributes or {}
        return _membership([list(attributes.get(offer, ())) for offer in self._policy._real_offers()])

    def probabilities(self, segments: Sequence[str], eligible: np.ndarray) -> np.ndarray:
        """State the probabilities of pairs of a segment and a set of eligible offers.

        Parameters
        ----------
        segments : sequence of str, length n
        eligible : ndarray of bool, shape (n, k)

        Returns
        -------
        ndarray of shape (n, k)
        """
        keys = list(zip(segments, map(bytes, np.ascontiguousarray(eligible)), strict=True))
        new = [position for position, key in enumerate(keys) if key not in self._cache]
        if new:
            stated = self._policy._state_probabilities([segments[row] for row in new], eligible[new])
            if len(self._cache) > _MOST_CACHED:
                self._cache = {key: self._cache[key] for key in set(keys) & self._cache.keys()}
            self._cache.update(zip((keys[position] for position in new), stated, strict=True))
        return np.stack([self._cache[key] for key in keys])

    def row(self, segment: str) -> int:
        """Find the row of a segment.

        Parameters
        ----------
        segment : str

        Returns
        -------
        int
            The last one, -1, for a segment of which nothing is known.
        """
        found = self._row.get(segment)
        if found is None and self._policy.nested:
            found = self._row.get(any_child(segment, self._policy.nested))
        return -1 if found is None else found

    def posterior(self, segments: Sequence[str], sharpen: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
        """Give the Beta distributions of the rates.

        Parameters
        ----------
        segments : sequence of str, length n
        sharpen : float, default=1
            How many times all that is known counts (:meth:`PooledPrior.sharpened`).

        Returns
        -------
        alpha, beta : ndarray of shape (n, k)
            1 for an action that is no offer.
        """
        _, _, real = self.actions
        rows = [self.row(segment) for segment in segments]
        alpha, beta = np.ones((2, len(rows), len(real)))
        prior, counts = self.prior, (self.n, self.accepted)
        tables = prior.posterior(*counts) if sharpen == 1 else prior.sharpened(*counts, sharpen)
        alpha[:, real], beta[:, real] = (table[rows] for table in tables)
        return alpha, beta

    def _fit_prior(self, offers: list[str], after: PooledPrior | None) -> PooledPrior:
        policy, n = self._policy, self.n
        if policy._warm is None and policy.pooling and offers and policy.nested:
            return fit_nested_prior(self.rows, n, self.accepted, policy.nested, self._pooled)
        rate, strength = None, None
        if policy._warm is not None:
            rate, strength = policy._warm.tables(self.rows, offers, policy.prior_rate)
        if policy.pooling and offers:
            return self._pooled(n, self.accepted, rate, strength, after)
        mean = np.full(n.shape, policy.prior_rate) if rate is None else rate
        same = np.full(n.shape, float(policy.prior_strength))
        return PooledPrior(mean, same if strength is None else np.where(np.isnan(strength), same, strength), 0.0 * mean)

    def _pooled(
        self,
        n: np.ndarray,
        accepted: np.ndarray,
        rate: np.ndarray | None = None,
        strength: np.ndarray | None = None,
        after: PooledPrior | None = None,
    ) -> PooledPrior:
        policy = self._policy
        return fit_pooled_prior(
            n,
            accepted,
            prior_rate=policy.prior_rate,
            prior_strength=policy.prior_strength,
            warm_rate=rate,
            warm_strength=strength,
            offer_groups=self.offer_groups,
            after=after,
        )


def _membership(groups: list[list[str]]) -> np.ndarray:
    """Mark which groups each row is in."""
    names = sorted({name for own in groups for name in own})
    return np.array([[name in own for name in names] for own in groups], dtype=float).reshape(len(groups), len(names))

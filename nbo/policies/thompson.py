"""Thompson sampling on acceptance rates by segment, with strength shared between segments and offers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from scipy import special

from nbo import columns as c
from nbo.checks import check_rows
from nbo.errors import InputError
from nbo.numbers import check_number
from nbo.policies.amounts import amounts_of_offers
from nbo.policies.base import Policy
from nbo.policies.best import probability_of_best
from nbo.policies.floors import with_floor
from nbo.policies.groups import group_rows
from nbo.policies.pooling import PooledPrior, fit_pooled_prior
from nbo.policies.warm_start import WarmStart

__all__ = ["SegmentThompson"]

# Cached rows of probabilities; the cache starts anew above it.
_MOST_CACHED = 200_000


class SegmentThompson(Policy):
    r"""Make each offer with the probability that it is the best one for the segment.

    What is known of the acceptance rate of offer o in segment s is a Beta distribution. Its
    prior comes from all answers: additive effects of segment and offer on the log-odds, with a
    strength by marginal likelihood (:func:`~nbo.policies.pooling.fit_pooled_prior`). So what
    works in one segment reaches the others at once, and as far as the answers say that it
    does. Action probabilities are computed, not sampled, once for each segment and set of
    eligible offers, and kept until the next answer.

    Parameters
    ----------
    offers : list of str
        The actions. ``nbo.NO_OFFER`` among them pays 0 for certain.
    values : array-like of shape (k,), optional
        What an acceptance is worth, 0 or more, in the order of `offers`; 1 by default.
    costs : array-like of shape (k,), optional
        What making the offer costs, accepted or not, in the unit of `values`; 0 by default.
    random_state : int, default=0
        Seed of :meth:`draw` where it is given none.
    min_probability : float, default=0.01
        Every eligible offer gets at least this probability (less if 1 / number of eligible
        offers is less), so that all can be evaluated and none is given up for good.
    prior_rate : float, default=0.04
        Acceptance rate expected before any answer.
    prior_strength : float, default=25
        How many decisions that belief is worth.
    sharpen : float, default=2
        Answers count this many times when probabilities are stated: above 1 explores less.
        :meth:`acceptance_rates` is not sharpened.
    pooling : bool, default=True
        False gives each segment and offer the prior of `prior_rate` and `prior_strength`, and
        nothing is shared.

    References
    ----------
    .. [1] Chapelle, O. and Li, L. (2011). An empirical evaluation of Thompson sampling.
       NeurIPS 24.

    Examples
    --------
    >>> policy = SegmentThompson(["card", "loan"])
    >>> answers = pd.DataFrame({"decision_id": range(400), "segment": "young", "offer_id": ["card", "loan"] * 200,
    ...                         "reward": [0.0, 0.0] * 100 + [0.0, 1.0] * 100})
    >>> policy.learn(answers).probabilities(pd.DataFrame({"segment": ["young", "never seen"]})).round(2)
    array([[0.01, 0.99],
           [0.01, 0.99]])
    """

    _needs: ClassVar[tuple[str, ...]] = (c.SEGMENT,)

    def __init__(
        self,
        offers: Sequence[str],
        values: Sequence[float] | np.ndarray | None = None,
        costs: Sequence[float] | np.ndarray | None = None,
        random_state: int = 0,
        min_probability: float = 0.01,
        prior_rate: float = 0.04,
        prior_strength: float = 25.0,
        sharpen: float = 2.0,
        pooling: bool = True,
    ) -> None:
        super().__init__()
        self.offers = offers
        self.values = values
        self.costs = costs
        self.random_state = random_state
        self.min_probability = min_probability
        self.prior_rate = prior_rate
        self.prior_strength = prior_strength
        self.sharpen = sharpen
        self.pooling = pooling
        self._warm: WarmStart | None = None
        self._fitted_for: tuple[Any, ...] = ()
        self._cache: dict[tuple[str, bytes], np.ndarray] = {}

    def warm_start(self, prior_rates: pd.DataFrame) -> Self:
        """Start from a model's expectations; answers correct them.

        The rates' common level and the effects of segments and offers are corrected by the
        answers, and how much a rate is worth is learned, so a useless model does little harm.

        Parameters
        ----------
        prior_rates : DataFrame
            Columns `segment`, `offer_id`, `rate` in [0, 1], such as a propensity model's mean
            prediction, and optionally `strength`: how many decisions the rate is worth, at most
            2000 (more counts as 2000), learned where missing. A second call replaces the first.

        Returns
        -------
        SegmentThompson
            Itself.

        Raises
        ------
        InputError
            If a column is missing, a rate or strength is not allowed, or a pair is there twice.
        """
        self._warm = WarmStart.of(prior_rates)
        self._fitted_for = ()
        return self

    def add_offers(
        self,
        offers: Sequence[str],
        values: Sequence[float] | np.ndarray | None = None,
        costs: Sequence[float] | np.ndarray | None = None,
    ) -> Self:
        """Add offers at run time; their prior is that of all offers, in each segment.

        Parameters
        ----------
        offers : list of str
            New actions; answers to them that came before count.
        values, costs : array-like of shape (n_new,), optional
            As in the class; 1 and 0 by default.

        Returns
        -------
        SegmentThompson
            Itself.

        Raises
        ------
        InputError
            If an offer is there already, or `values` or `costs` have another length.
        """
        known = self._checked_offers()
        twice = [offer for offer in offers if offer in known]
        if twice:
            raise InputError(
                f"offers must be new; {len(twice)} of {len(offers)} are there already, first: {twice[0]!r}."
            )
        if values is not None or self.values is not None:
            self.values = [
                *self._amounts(self.values, "values", 1.0),
                *amounts_of_offers(values, len(offers), "values", 1.0),
            ]
        if costs is not None or self.costs is not None:
            self.costs = [
                *self._amounts(self.costs, "costs", 0.0),
                *amounts_of_offers(costs, len(offers), "costs", 0.0),
            ]
        self.offers = [*known, *offers]
        return self

    def acceptance_rates(self) -> pd.DataFrame:
        """Report the posterior of each acceptance rate.

        Returns
        -------
        DataFrame
            Columns `segment`, `offer_id`, `rate` (posterior mean), `low` and `high` (95 %
            credible interval), `n` (answers) and `accepted` (sum of rewards). One row for each
            segment seen or warm-started, and each offer except ``nbo.NO_OFFER``.
        """
        self._refresh()
        alpha, beta = (table[:-1] for table in self._prior.posterior(self._n, self._accepted))
        tail = (1 - self._level) / 2
        low, high = special.betaincinv(alpha, beta, tail), special.betainccinv(alpha, beta, tail)
        return self._rate_table(self._segments(), alpha / (alpha + beta), low, high)

    def to_state(self) -> dict[str, Any]:
        """See :meth:`Policy.to_state`; with the rates of the warm start."""
        warm = None if self._warm is None else self._warm.to_state()
        return {**super().to_state(), "warm_start": warm}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """See :meth:`Policy.from_state`."""
        policy = super().from_state(state)
        if state.get("warm_start") is not None:
            policy._warm = WarmStart.from_state(state["warm_start"])
        return policy

    def _probabilities(self, context: pd.DataFrame, eligible: np.ndarray) -> np.ndarray:
        self._refresh()
        segments = context[c.SEGMENT].astype(str).to_numpy(dtype=object)
        group, first = group_rows(segments, eligible)
        keys = [(segments[row], eligible[row].tobytes()) for row in first]
        new = [position for position, key in enumerate(keys) if key not in self._cache]
        if new:
            rows = first[new]
            stated = self._state_probabilities(segments[rows], eligible[rows])
            if len(self._cache) > _MOST_CACHED:
                self._cache = {key: self._cache[key] for key in set(keys) & self._cache.keys()}
            self._cache.update(zip((keys[position] for position in new), stated, strict=True))
        return np.stack([self._cache[key] for key in keys])[group]

    def _state_probabilities(self, segments: np.ndarray, eligible: np.ndarray) -> np.ndarray:
        """Compute the probabilities of pairs of a segment and a set of eligible offers."""
        real = self._real()
        alpha, beta = np.ones((2, len(segments), len(real)))
        alpha[:, real], beta[:, real] = self._posterior(segments, self.sharpen)
        values = np.where(real, self._amounts(self.values, "values", 1.0), 0.0)
        costs = np.where(real, self._amounts(self.costs, "costs", 0.0), 0.0)
        best = probability_of_best(alpha, beta, values, costs, eligible)
        return with_floor(best, eligible, self.min_probability)

    def _real(self) -> np.ndarray:
        """Mark what is an offer, of all that may be chosen."""
        return np.array([offer != c.NO_OFFER for offer in self._checked_offers()])

    def _posterior(self, segments: np.ndarray, sharpen: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
        """Give the beta distributions of the rates of real offers in each of some segments."""
        position = {segment: row for row, segment in enumerate(self._segments())}
        # A segment without answers has the last row.
        rows = np.array([position.get(segment, len(position)) for segment in segments])
        alpha, beta = self._prior.posterior(sharpen * self._n, sharpen * self._accepted)
        return alpha[rows], beta[rows]

    def _refresh(self) -> None:
        """Fit the prior anew if answers or parameters are not those of the last fit."""
        now = (self._answers.version, repr(self._parameters()))
        if now == self._fitted_for:
            return
        self._check_parameters()
        segments, offers = self._segments(), self._real_offers()
        n, accepted = self._answers.count(segments, offers)
        self._n, self._accepted = (np.vstack([table, np.zeros((1, len(offers)))]) for table in (n, accepted))
        self._prior = self._fit_prior(segments, offers)
        self._cache = {}
        self._fitted_for = now

    def _fit_prior(self, segments: list[str], offers: list[str]) -> PooledPrior:
        rate, strength = (None, None) if self._warm is None else self._warm.tables(segments, offers, self.prior_rate)
        if self.pooling and offers:
            return fit_pooled_prior(
                self._n,
                self._accepted,
                prior_rate=self.prior_rate,
                prior_strength=self.prior_strength,
                warm_rate=rate,
                warm_strength=strength,
            )
        mean = np.full(self._n.shape, self.prior_rate) if rate is None else rate
        same = np.full(self._n.shape, float(self.prior_strength))
        return PooledPrior(mean, same if strength is None else np.where(np.isnan(strength), same, strength), 0.0 * mean)

    def _segments(self) -> list[str]:
        warm = [] if self._warm is None else self._warm.segments
        return sorted({*self._answers.segments, *warm})

    def _amounts(self, amounts: Sequence[float] | np.ndarray | None, what: str, default: float) -> np.ndarray:
        return amounts_of_offers(amounts, len(self._checked_offers()), what, default)

    def _check_parameters(self) -> None:
        values = self._amounts(self.values, "values", 1.0)
        check_rows(values < 0, values, "values", "0 or more")
        check_number(self.min_probability, "min_probability", "in [0, 1)", lambda least: 0 <= least < 1)
        check_number(self.prior_rate, "prior_rate", "in (0, 1)", lambda rate: 0 < rate < 1)
        for name in ("prior_strength", "sharpen"):
            check_number(getattr(self, name), name, "above 0", lambda number: 0 < number < np.inf)

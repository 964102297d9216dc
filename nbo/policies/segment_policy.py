"""What policies on acceptance rates by segment share: the rates, with strength shared between segments and offers."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final, Self

import numpy as np
import pandas as pd
from scipy import special

from nbo import columns as c
from nbo.checks import check_rows
from nbo.numbers import check_number
from nbo.policies.amounts import amounts_of_offers
from nbo.policies.base import Policy
from nbo.policies.evidence import Evidence
from nbo.policies.fitted_rates import FittedRates
from nbo.policies.groups import group_rows
from nbo.policies.more_offers import add_more_offers
from nbo.policies.rate_doubt import doubted_posterior
from nbo.policies.rate_table import rate_table
from nbo.policies.warm_start import WarmStart
from nbo.times import check_duration

__all__ = ["SegmentPolicy"]

# Share of decisions that is spread evenly over the offers, where nothing else is said.
_EVEN: Final = 0.01


class SegmentPolicy(Policy):
    """Hold what policies on acceptance rates by segment share; it is not a policy by itself.

    A subclass states in `_state_probabilities` what it makes of the rates. Arguments are those of
    :class:`~nbo.SegmentThompson`.
    """

    _needs: ClassVar[tuple[str, ...]] = (c.SEGMENT,)

    def __init__(
        self,
        offers: Sequence[str],
        values: Sequence[float] | np.ndarray | None = None,
        costs: Sequence[float] | np.ndarray | None = None,
        random_state: int = 0,
        min_probability: float | None = None,
        prior_rate: float = 0.04,
        prior_strength: float = 25.0,
        sharpen: float = 2.0,
        pooling: bool = True,
        window: str | None = None,
        half_life: str | None = None,
        change_threshold: float | None = 12.0,
        attributes: Mapping[str, Sequence[str]] | None = None,
        nested: str | None = None,
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
        self.window = window
        self.half_life = half_life
        self.change_threshold = change_threshold
        self.attributes = attributes
        self.nested = nested
        self._warm: WarmStart | None = None
        self._fit: tuple[tuple[int, int], FittedRates] | None = None
        self._evidence: Evidence
        self._start_over()

    @abstractmethod
    def _state_probabilities(self, segments: Sequence[str], eligible: np.ndarray) -> np.ndarray:
        """State the probabilities of pairs of a segment and a set of eligible offers."""

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        # What was computed was computed for other parameters.
        if not name.startswith("_") and name in self.__dict__ and "_evidence" in self.__dict__:
            self._start_over()

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
        Policy
            Itself.

        Raises
        ------
        InputError
            If a column is missing, a rate or strength is not allowed, or a pair is there twice.
        """
        self._warm = WarmStart.of(prior_rates)
        self._start_over()
        return self

    def add_offers(
        self,
        offers: Sequence[str],
        values: Sequence[float] | np.ndarray | None = None,
        costs: Sequence[float] | np.ndarray | None = None,
        attributes: Mapping[str, Sequence[str]] | None = None,
    ) -> Self:
        """Add offers at run time; their prior is that of offers with the same attributes, in each segment.

        Parameters
        ----------
        offers : list of str
            New actions; answers to them that came before count.
        values, costs : array-like of shape (n_new,), optional
            As in the class; 1 and 0 by default.
        attributes : dict of str to list of str, optional
            Of the new offers.

        Returns
        -------
        Policy
            Itself.

        Raises
        ------
        InputError
            If an offer is there already, or `values` or `costs` have another length.
        """
        add_more_offers(self, offers, values, costs)
        if attributes is not None:
            self.attributes = {**(self.attributes or {}), **attributes}
        return self

    def acceptance_rates(self, segment: str | None = None) -> pd.DataFrame:
        """Report the posterior of each acceptance rate.

        Parameters
        ----------
        segment : str, optional
            All by default.

        Returns
        -------
        DataFrame
            Columns `segment`, `offer_id`, `rate` (posterior mean), `low` and `high` (95 %
            credible interval), `n` (answers), `accepted` (sum of rewards), `counted` (what the rate counts as of now:
            with a `window`, decisions that wait in part, and what is old or before a change less), `pooled` (weight in
            [0, 1] of what comes from other segments and offers) and `updated_at` (last answer, missing where no time
            is known). One row for each segment seen or warm-started, and each offer except ``nbo.NO_OFFER``.
        """
        fitted = self._fitted()
        seen = len(fitted.segments)
        posterior = doubted_posterior(fitted.prior, fitted.n, fitted.accepted, fitted.offer_groups)
        alpha, beta = (table[:seen] for table in posterior)
        tail = (1 - self._level) / 2
        low, high = special.betaincinv(alpha, beta, tail), special.betainccinv(alpha, beta, tail)
        offers = self._real_offers()
        counts = self._answers.count(fitted.segments, offers)
        table = rate_table(fitted.segments, offers, alpha / (alpha + beta), low, high, *counts)
        table["counted"] = fitted.n[:seen].ravel()
        strength = fitted.prior.strength[:seen]
        table["pooled"] = (strength / (strength + fitted.n[:seen])).ravel()
        latest = self._answers.rows.latest_by_cell()
        moments = self._answers.rows.table(latest, fitted.segments, offers).ravel()
        table["updated_at"] = pd.to_datetime(np.where(moments > 0, moments, np.nan), unit="us").astype("datetime64[us]")
        return table if segment is None else table[table[c.SEGMENT] == str(segment)].reset_index(drop=True)

    def changes(self) -> pd.DataFrame:
        """Tell which offers' acceptance has changed.

        Returns
        -------
        DataFrame
            Columns `offer_id`, `since` (what came before it counts 2 %), `noticed` (last decision before it was
            noticed), `direction` ("up" or "down") and `statistic` (standard deviations), in the order of time.
        """
        noticed = [(offer, change) for offer, found in self._fitted().evidence.changes.items() for change in found]
        noticed.sort(key=lambda pair: (pair[1].noticed, pair[0]))
        times = {name: [getattr(change, name) for _, change in noticed] for name in ("since", "noticed")}
        return pd.DataFrame(
            {
                c.OFFER_ID: pd.array([offer for offer, _ in noticed], dtype="str"),
                **{name: np.array(moments, dtype="int64").view("datetime64[us]") for name, moments in times.items()},
                "direction": pd.array(["up" if change.up else "down" for _, change in noticed], dtype="str"),
                "statistic": np.array([change.statistic for _, change in noticed], dtype=float),
            }
        )

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
        policy._start_over()
        return policy

    def _probabilities(self, context: pd.DataFrame, eligible: np.ndarray) -> np.ndarray:
        group, stated = self._by_group(context, eligible)
        return stated[group]

    def _by_group(self, context: pd.DataFrame, eligible: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        self._check_parameters()
        if not len(context):
            return super()._by_group(context, eligible)
        segments = context[c.SEGMENT].astype("str")
        group, first = group_rows(segments, eligible)
        return group, self._fitted().probabilities(segments.iloc[first].tolist(), eligible[first])

    def _fitted(self) -> FittedRates:
        """Give what follows from all answers; it is computed anew after a change."""
        now = (self._answers.version, self._now())
        if self._fit is None or self._fit[0] != now:
            self._check_parameters()
            self._evidence.bring(self._now())
            now = (self._answers.version, self._now())
            self._fit = now, FittedRates(self, self._evidence)
        return self._fit[1]

    def _start_over(self) -> None:
        """Forget what was computed; the answers stay."""
        self._fit = None
        window, half_life = (
            None if length is None else check_duration(length, name) // pd.Timedelta("1us")
            for name, length in (("window", self.window), ("half_life", self.half_life))
        )
        self._answers.await_all()
        self._evidence = Evidence(self._answers, window, half_life, self.change_threshold)

    def _least_probability(self) -> float:
        return _EVEN / len(self._checked_offers()) if self.min_probability is None else self.min_probability

    def _check_parameters(self) -> None:
        values = amounts_of_offers(self.values, len(self._checked_offers()), "values", 1.0)
        check_rows(values < 0, values, "values", "0 or more")
        check_number(self._least_probability(), "min_probability", "in [0, 1)", lambda least: 0 <= least < 1)
        check_number(self.prior_rate, "prior_rate", "in (0, 1)", lambda rate: 0 < rate < 1)
        for name in ("prior_strength", "sharpen", "change_threshold"):
            if name != "change_threshold" or self.change_threshold is not None:
                check_number(getattr(self, name), name, "above 0", lambda number: 0 < number < np.inf)

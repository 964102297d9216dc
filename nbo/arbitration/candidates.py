"""All (customer, offer, way) triples of one decision run, and what the rules leave of them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.arbitration.factors import multiplied
from nbo.arbitration.rule import Rule
from nbo.arbitration.ruled import Ruled
from nbo.arbitration.ways import way_numbers, way_ranks, ways_of
from nbo.checks import check_one_of
from nbo.errors import InputError
from nbo.experiments.arm_names import NO_LEVERS
from nbo.features.windows import rows_as_of
from nbo.tables import Catalog, CustomerTables, Spine, Treatment

__all__ = ["Candidates"]


@dataclass(frozen=True)
class Candidates:
    """All (customer, offer, way) triples of one decision run, and what the rules leave of them.

    Parameters
    ----------
    spine : Spine
        Who is decided, as of when; n rows.
    customers : DataFrame of n rows
        Attributes of each row's customer as of its moment, such as the consents; a customer
        that is not known has missing values.
    catalog : Catalog
        k offers.
    rules : tuple of Rule, default=()
        Asked by stage, and in this order within a stage; the first that refuses a triple gives its reason.
    tables : CustomerTables, optional
        What rules look up themselves: past decisions, cases, transactions. Rules must only count what was known
        before the moment of each row.
    features : DataFrame of n rows, optional
        Features and scores that rules may read, such as `clv`.
    segments : ndarray of str, shape (n,), optional
    arms : ndarray of str, shape (n,), optional
        Arm of an experiment. Rules of applicability and suitability do not hold in "eligibility_only", and levers
        count 1 in "no_levers".
    taken : tuple of (str, str, ndarray of bool), default=()
        Stage, reason and mask, shape that broadcasts to (n, k, m), of what was refused after the rules.
    """

    spine: Spine
    customers: pd.DataFrame
    catalog: Catalog
    rules: tuple[Rule, ...] = ()
    tables: CustomerTables | None = None
    features: pd.DataFrame | None = None
    segments: np.ndarray | None = None
    arms: np.ndarray | None = None
    taken: tuple[tuple[str, str, np.ndarray], ...] = field(default=(), repr=False)

    @classmethod
    def of(
        cls,
        tables: CustomerTables,
        spine: Spine,
        catalog: Catalog,
        rules: tuple[Rule, ...] = (),
        features: pd.DataFrame | None = None,
        segments: np.ndarray | None = None,
    ) -> Candidates:
        """Look the customers up as of the moments of the spine.

        Parameters
        ----------
        tables : CustomerTables
        spine : Spine
        catalog : Catalog
        rules : tuple of Rule, default=()
        features : DataFrame of n rows, optional
        segments : ndarray of str, shape (n,), optional

        Returns
        -------
        Candidates
        """
        frame = tables.get("customers")
        position = rows_as_of(frame, spine.frame, "customers")
        # Label -1 is in no frame, so a customer that is not known yet gets missing values.
        everybody = bool((position >= 0).all())
        customers = frame.take(position) if everybody else frame.reset_index(drop=True).reindex(position)
        known = features
        if known is not None and not known.index.equals(pd.RangeIndex(len(known))):
            known = known.reset_index(drop=True)
        return cls(spine, customers.reset_index(drop=True), catalog, tuple(rules), tables, known, segments)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Customers, offers, ways."""
        return len(self.spine), len(self.catalog), len(self.ways)

    @property
    def as_of(self) -> np.ndarray:
        """Moments of the rows, ndarray of datetime64, shape (n,)."""
        return self.spine.frame[c.AS_OF].to_numpy()

    @cached_property
    def ways(self) -> list[Treatment]:
        """The m ways that any offer names, each once, in a fixed order; one that says nothing where none names any.

        An offer without channels comes by any of them.
        """
        return ways_of(self.catalog)

    @property
    def channels(self) -> list[str]:
        """Channel of each of the m ways."""
        return [way.channel for way in self.ways]

    @cached_property
    def _rank(self) -> np.ndarray:
        return way_ranks(self.catalog, self.ways)

    @cached_property
    def _ruled(self) -> Ruled:
        return Ruled.of(self, self._rank < len(self.ways))

    @property
    def codes(self) -> np.ndarray:
        """0 where a triple is allowed, else 1 + the position of its reason; ndarray of int, shape (n, k, m)."""
        return self._ruled.codes

    @property
    def reasons(self) -> list[str]:
        """Reason codes; the first is "channel": the offer does not come that way."""
        return self._ruled.reasons

    @property
    def stages(self) -> list[str]:
        """Stage of each reason."""
        return self._ruled.stages

    @cached_property
    def eligible(self) -> np.ndarray:
        """Whether an offer may come in any way, ndarray of bool, shape (n, k)."""
        return (self.codes == 0).any(axis=2)

    @cached_property
    def contexts(self) -> dict[str, np.ndarray]:
        """Context weights of the rules by reason; each broadcasts to (n, k, m)."""
        return multiplied(rule.weights(self) for rule in self.rules)

    @cached_property
    def levers(self) -> dict[str, np.ndarray]:
        """Levers of the rules by reason; each broadcasts to (n, k)."""
        return multiplied(rule.levers(self) for rule in self.rules)

    @cached_property
    def lever(self) -> np.ndarray:
        """Product of all levers; broadcasts to (n, k)."""
        product = np.asarray(math.prod(self.levers.values(), start=np.ones((1, 1))))
        return product if self.arms is None else np.where((self.arms == NO_LEVERS)[:, None], 1.0, product)

    @cached_property
    def portion(self) -> np.ndarray:
        """Share of each offer's products that is left to sell; broadcasts to (n, k)."""
        told = [portion for rule in self.rules if (portion := rule.portions(self)) is not None]
        return np.minimum.reduce(told) if told else np.ones((1, 1))

    @cached_property
    def way_weights(self) -> np.ndarray:
        """Product of all context weights and of the treatments' own; broadcasts to (n, k, m)."""
        weights = way_numbers(self.catalog, self.ways, "weight")[None, :, :]
        for weight in self.contexts.values():
            weights = weights * weight
        return weights

    @cached_property
    def channel(self) -> np.ndarray:
        """Position of the offer's best allowed way, -1 for none; ndarray of int, shape (n, k).

        The best is the one of the highest context weight, and of these the one the offer prefers.
        """
        last, allowed, rank = len(self.ways), self.codes == 0, self._rank
        # A weight that all ways of an offer share does not choose among them.
        weights: Any = way_numbers(self.catalog, self.ways, "weight")
        for weight in self.contexts.values():
            weights = weights * weight if np.ndim(weight) == 3 and np.shape(weight)[2] > 1 else weights
        if weights.ndim == 2 and (np.where(rank < last, weights, 1.0) == 1.0).all():
            best = np.where(allowed, rank, last).argmin(axis=2)
        else:
            weighed = np.where(allowed, weights, -1.0)
            best = np.where(weighed == weighed.max(axis=2, keepdims=True), rank, last).argmin(axis=2)
        return np.where(self.eligible, best, -1)

    @property
    def context_weight(self) -> np.ndarray:
        """Context weight of each offer in its best way, ndarray of shape (n, k)."""
        return self.in_best_way(self.way_weights)

    @property
    def way_costs(self) -> np.ndarray:
        """What each offer's best way costs beside the offer, money, ndarray of shape (n, k)."""
        return self.in_best_way(way_numbers(self.catalog, self.ways, "cost")[None, :, :])

    def in_best_way(self, numbers: np.ndarray) -> np.ndarray:
        """Take of numbers by way those of each offer's best way.

        Parameters
        ----------
        numbers : ndarray
            Broadcasts to (n, k, m).

        Returns
        -------
        ndarray of shape (n, k)
            Of an offer that may not come, the number of the way that it prefers.
        """
        best = np.where(self.channel >= 0, self.channel, self._rank.argmin(axis=1)[None, :])
        n, k, m = self.shape
        if numbers.shape[2] == 1:
            return np.broadcast_to(numbers[:, :, 0], (n, k))
        shared = np.broadcast_to(numbers, (n, k, m))
        return np.take_along_axis(shared, best[:, :, None], axis=2)[:, :, 0]

    @property
    def channel_names(self) -> np.ndarray:
        """Channel of that way; of an offer that may not come, of its first one; ndarray, shape (n, k)."""
        names = np.array(self.channels, dtype=object)
        return np.asarray(names[np.where(self.channel >= 0, self.channel, self._rank.argmin(axis=1)[None, :])])

    @property
    def column_names(self) -> list[str]:
        """Names of the columns that :meth:`column` knows."""
        features = [] if self.features is None else list(self.features)
        segment = [] if self.segments is None else [c.SEGMENT]
        return list(dict.fromkeys(map(str, [*features, *self.customers, *segment])))

    def column(self, name: str) -> pd.Series:
        """Give a column of features, scores, attributes or the segment, one value a row.

        Parameters
        ----------
        name : str

        Returns
        -------
        Series of n rows

        Raises
        ------
        InputError
            If there is none of that name.
        """
        twice = [] if self.features is None else self.features.columns[self.features.columns.duplicated()].tolist()
        if name in twice:
            raise InputError(f"features must have different names; {name!r} stands twice.")
        if self.features is not None and name in self.features:
            return self.features[name]
        if name == c.SEGMENT and self.segments is not None:
            return pd.Series(self.segments, dtype="str")
        check_one_of(name, self.column_names, "a column of the customers")
        return self.customers[name]

    def without(self, stage: str, refused: dict[str, np.ndarray]) -> Candidates:
        """Take more away, after the rules.

        Parameters
        ----------
        stage : str
            One of ``Rule.STAGES``.
        refused : dict of str to ndarray of bool
            Reason -> mask that broadcasts to (n, k, m).

        Returns
        -------
        Candidates
            New ones; these stay as they are.

        Raises
        ------
        InputError
            If there is no such stage.
        """
        if stage not in Rule.STAGES:
            raise InputError(f"stage must be one of {', '.join(Rule.STAGES)}; got {stage!r}.")
        more = tuple((stage, reason, mask) for reason, mask in refused.items())
        fresh = replace(self, taken=(*self.taken, *more))
        # What the rules have said holds; they are not asked again.
        for name in ("ways", "_rank", "contexts", "way_weights", "levers", "lever", "portion"):
            if name in self.__dict__:
                fresh.__dict__[name] = self.__dict__[name]
        fresh.__dict__["_ruled"] = self._ruled.without(more)
        return fresh

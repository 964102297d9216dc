"""What one run of decisions settles for all customers together, before anything is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.arbitration.allocation import Allocation, Limit, allocate
from nbo.arbitration.allocation.couple import positions_of
from nbo.arbitration.arbitration import Arbitration
from nbo.arbitration.beliefs import Beliefs
from nbo.arbitration.candidates import Candidates
from nbo.arbitration.priority import Priority
from nbo.arbitration.rule import Rule
from nbo.errors import InputError

__all__ = ["Plan"]


@dataclass(frozen=True)
class Plan:
    """What one run of decisions settles for all customers together, before anything is drawn.

    Rules in which customers compete (one decision per household, caps of offers) and limits (budgets, capacities)
    need all customers of the run. A plan holds what they leave to each; the policy's draw, which needs nobody else,
    may then be made in any partition.

    Parameters
    ----------
    customer_ids : ndarray, shape (n,)
    taken : tuple of (str, str, ndarray of bool)
        Stage, reason and mask, shape that broadcasts to (n, k, m), of what is refused beside the rules.
    must : ndarray of bool, shape (n,)
        Who must get an offer, because a limit demands a minimum.
    prices : ndarray of shape (k,) or (n, k)
        Price of each offer, money.
    allocation : Allocation, optional
        Of the limits, with their shadow prices and the certified gap.
    """

    customer_ids: np.ndarray
    taken: tuple[tuple[str, str, np.ndarray], ...]
    must: np.ndarray
    prices: np.ndarray
    allocation: Allocation | None = None

    @classmethod
    def make(
        cls,
        candidates: Candidates,
        beliefs: Beliefs,
        arbitration: Arbitration | None = None,
        limits: Sequence[Limit] = (),
        slots: int = 1,
    ) -> Plan:
        """Settle who may get what.

        Parameters
        ----------
        candidates : Candidates
            All customers of the run.
        beliefs : Beliefs
        arbitration : Arbitration, optional
        limits : sequence of Limit, default=()
            See :func:`nbo.allocate`. An offer of a limit is left to those only to whom it is allocated, so that no
            draw can break the limit.
        slots : int, default=1
            Most offers of a customer.

        Returns
        -------
        Plan

        Raises
        ------
        InputError
            As :func:`nbo.allocate`.
        """
        settings = arbitration or Arbitration()
        prices, before = settings.prices_of(candidates.catalog), len(candidates.taken)
        for rule in candidates.rules:
            # Most rules look at one customer at a time; then no priorities are needed for them.
            if type(rule).surplus is not Rule.surplus:
                surplus = rule.surplus(candidates, Priority.of(candidates, beliefs).allowed(candidates))
                candidates = candidates.without(rule.stage, surplus)
        ids = candidates.spine.frame[c.CUSTOMER_ID].to_numpy()
        must, allocation = np.zeros(len(ids), dtype=bool), None
        if not limits and settings.shortlist is None and settings.at_least is None:
            return cls(ids, candidates.taken[before:], must, prices)
        net = Priority.of(candidates, beliefs).allowed(candidates) - prices
        if limits:
            allocation = allocate(net, list(limits), slots=slots, offer_ids=candidates.catalog.offer_ids)
            refused, must = _allocated(allocation, list(limits), candidates)
            candidates = candidates.without("capacity", refused)
            prices = prices + _offer_prices(allocation, len(must))
            net = np.where(candidates.eligible, net, -np.inf)
        # What must be offered is not weighed any more.
        narrowed = {reason: (mask & ~must[:, None])[:, :, None] for reason, mask in settings.refused(net).items()}
        candidates = candidates.without("arbitration", narrowed)
        return cls(ids, candidates.taken[before:], must, prices, allocation)

    def applied(self, candidates: Candidates) -> tuple[Candidates, np.ndarray, np.ndarray]:
        """Take from some or all of its customers what it does not leave them.

        Parameters
        ----------
        candidates : Candidates
            Customers of the plan, in any order.

        Returns
        -------
        Candidates
        must : ndarray of bool
            Who of them must get an offer.
        prices : ndarray of shape (k,) or (n, k)

        Raises
        ------
        InputError
            If a customer is not in the plan.
        """
        ids = candidates.spine.frame[c.CUSTOMER_ID]
        at = pd.Index(self.customer_ids).get_indexer(pd.Index(ids))
        unknown = ids[at < 0]
        if len(unknown):
            raise InputError(
                f"{len(unknown)} of {len(ids)} customers are not in the plan, first {unknown.iloc[0]!r}. "
                "Make it for all customers of the run."
            )
        for stage, reason, mask in self.taken:
            own = mask if mask.shape[0] == 1 and len(self.customer_ids) != 1 else mask[at]
            candidates = candidates.without(stage, {reason: own})
        return candidates, self.must[at], self.prices if self.prices.ndim == 1 else self.prices[at]


def _allocated(
    allocation: Allocation, limits: list[Limit], candidates: Candidates
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Leave limited offers to those to whom they are allocated; tell who must get one for a minimum's sake."""
    n, k, _ = candidates.shape
    given = np.zeros((n, k + 1), dtype=bool)
    # The last column takes the -1 of those who get nothing.
    np.put_along_axis(given, allocation.assignment, True, axis=1)
    given = given[:, :k]
    limited, demanded = np.zeros((n, k), dtype=bool), np.zeros((n, k), dtype=bool)
    ids = candidates.catalog.offer_ids
    for limit in limits:
        columns = positions_of(limit.offers, ids, limit.name or "limit")
        # A share is one of what all get; to hold, what was allocated must be what is made.
        rows = np.ones(n, dtype=bool) if limit.share is not None else _members(limit, n)
        covered = np.zeros((n, k), dtype=bool)
        covered[np.ix_(rows, columns)] = True
        limited |= covered
        if limit.at_least or limit.share is not None:
            demanded |= covered
    must = np.asarray((given & demanded).any(axis=1))
    refused = {"capacity": (limited & ~given)[:, :, None]}
    if must.any():
        refused["a minimum of another offer"] = (must[:, None] & ~given)[:, :, None]
    return refused, must


def _offer_prices(allocation: Allocation, n: int) -> np.ndarray:
    """Give the price of each offer, shape (k,), or (n, k) where it differs by customer."""
    costs, members = {}, {}
    for name, limit in zip(allocation.prices.names, allocation.limits, strict=True):
        if np.ndim(limit.cost) == 2:
            costs[name] = np.asarray(limit.cost)
        if limit.rows is not None:
            members[name] = _members(limit, n)
    return allocation.prices.of_offers(costs, members)


def _members(limit: Limit, n: int) -> np.ndarray:
    rows = np.zeros(n, dtype=bool)
    rows[slice(None) if limit.rows is None else np.asarray(limit.rows)] = True
    return rows

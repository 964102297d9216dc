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
from nbo.arbitration.asking import check_once
from nbo.arbitration.beliefs import Beliefs
from nbo.arbitration.candidates import Candidates
from nbo.arbitration.priority import RETENTION, Priority
from nbo.arbitration.rules.never_together import never_together
from nbo.checks import check_rows
from nbo.errors import InputError
from nbo.experiments.arm_names import BUSINESS_AS_USUAL, CONTROL
from nbo.rng import uniform_by_key
from nbo.tables import Spine

__all__ = ["Plan"]

# Arms whose choice is not the agent's; its priorities must not narrow it.
_OWN_CHOICE = (CONTROL, BUSINESS_AS_USUAL)


@dataclass(frozen=True)
class Plan:
    """What one run of decisions settles for all customers together, before anything is drawn.

    Rules in which customers compete (one decision per household, caps of offers) and limits (budgets, capacities)
    need all customers of the run. A plan holds what they leave to each; the policy's draw, which needs nobody else,
    may then be made in any partition.

    Parameters
    ----------
    spine : Spine
        Who is decided, as of when; n rows.
    offer_ids : list of str
        The k offers.
    taken : tuple of (str, str, ndarray of bool)
        Stage, reason and mask, shape that broadcasts to (n, k, m), of what is refused beside the rules.
    must : ndarray of bool, shape (n,)
        Who must get an offer, because a limit demands a minimum.
    prices : ndarray of shape (k,) or (n, k)
        Price of each offer, money.
    allocation : Allocation, optional
        Of the limits, with their shadow prices and the certified gap.
    slots : int, default=1
        Most offers of a customer.
    arms : ndarray of str, shape (n,), optional
        Arms of an experiment.
    """

    spine: Spine
    offer_ids: list[str]
    taken: tuple[tuple[str, str, np.ndarray], ...]
    must: np.ndarray
    prices: np.ndarray
    allocation: Allocation | None = None
    slots: int = 1
    arms: np.ndarray | None = None

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
            As :func:`nbo.allocate`; also if an offer has no value though values decide, a customer stands twice, or
            limits with a minimum meet slates in which offers exclude each other.
        """
        check_once(candidates)
        limits = _checked_limits(limits, slots, candidates)
        settings = arbitration or Arbitration()
        prices, before = settings.prices_of(candidates.catalog), len(candidates.taken)
        for rule in candidates.rules:
            # Most rules look at one customer at a time; then no priorities are needed for them.
            if rule.competes:
                surplus = rule.surplus(candidates, Priority.of(candidates, beliefs).allowed(candidates))
                candidates = candidates.without(rule.stage, surplus)
        must, allocation = np.zeros(len(candidates.spine), dtype=bool), None
        if not limits and settings.shortlist is None and settings.at_least is None:
            return cls._of(candidates, before, must, prices, None, slots)
        _check_values(candidates, beliefs)
        net = _unbiased(Priority.of(candidates, beliefs).allowed(candidates) - prices, candidates)
        if limits:
            allocation = allocate(net, list(limits), slots=slots, offer_ids=candidates.catalog.offer_ids)
            refused, must = _allocated(allocation, list(allocation.limits), candidates)
            candidates = candidates.without("capacity", refused)
            prices = prices + _offer_prices(allocation, len(must))
            net = np.where(candidates.eligible, net, -np.inf)
        # What must be offered is not weighed any more.
        bound = ~must if candidates.arms is None else ~must & ~np.isin(candidates.arms, _OWN_CHOICE)
        narrowed = {reason: (mask & bound[:, None])[:, :, None] for reason, mask in settings.refused(net).items()}
        candidates = candidates.without("arbitration", narrowed)
        return cls._of(candidates, before, must, prices, allocation, slots)

    @classmethod
    def _of(
        cls,
        candidates: Candidates,
        before: int,
        must: np.ndarray,
        prices: np.ndarray,
        allocation: Allocation | None,
        slots: int,
    ) -> Plan:
        taken, offers = candidates.taken[before:], candidates.catalog.offer_ids
        return cls(candidates.spine, offers, taken, must, prices, allocation, slots, candidates.arms)

    @property
    def moment(self) -> pd.Timestamp | None:
        """Latest moment of the run; None for nobody."""
        return self.spine.frame[c.AS_OF].max() if len(self.spine) else None

    @property
    def priced(self) -> bool:
        """Whether any offer has a price for anybody."""
        return bool(np.any(self.prices != 0))

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
            If a customer is not in the plan, or it was made for other moments, offers or arms.
        """
        at = self._places(candidates)
        for stage, reason, mask in self.taken:
            own = mask if mask.shape[0] == 1 and len(self.spine) != 1 else mask[at]
            candidates = candidates.without(stage, {reason: own})
        return candidates, self.must[at], self.prices if self.prices.ndim == 1 else self.prices[at]

    def _places(self, candidates: Candidates) -> np.ndarray:
        """Find the customers in the plan."""
        if candidates.catalog.offer_ids != self.offer_ids:
            raise InputError(
                f"the plan was made for the offers {', '.join(self.offer_ids)}, in this order; "
                f"got {', '.join(candidates.catalog.offer_ids)}."
            )
        frame = candidates.spine.frame
        ids = frame[c.CUSTOMER_ID]
        at = np.asarray(pd.Index(self.spine.frame[c.CUSTOMER_ID]).get_indexer(pd.Index(ids)))
        unknown = ids[at < 0]
        if len(unknown):
            raise InputError(
                f"{len(unknown)} of {len(ids)} customers are not in the plan, first {unknown.iloc[0]!r}. "
                "Make it for all customers of the run."
            )
        other = self.spine.frame[c.AS_OF].to_numpy()[at] != frame[c.AS_OF].to_numpy()
        check_rows(other, frame[c.AS_OF], "spine.as_of", "the moment for which the plan was made")
        own = None if self.arms is None else self.arms[at]
        if (own is None) != (candidates.arms is None) or (own is not None and (own != candidates.arms).any()):
            raise InputError("arms must be those for which the plan was made. Give `arms` to both, or to none.")
        return at


def _unbiased(net: np.ndarray, candidates: Candidates) -> np.ndarray:
    """Let what is short go at random among customers whose arm does not choose by priority.

    Each of them competes with the priorities of a customer of the other arms, drawn by key, so that these arms get as
    much of it as the others, and nobody for what it is worth to them.
    """
    if candidates.arms is None:
        return net
    others = np.isin(candidates.arms, _OWN_CHOICE)
    ids = candidates.spine.frame[c.CUSTOMER_ID]
    donors = np.flatnonzero(~others & np.isfinite(net).any(axis=1))
    if not others.any() or not len(donors):
        return net
    # By key, so that the order of the rows means nothing.
    donors = donors[np.argsort(uniform_by_key(ids.iloc[donors], salt="plan/donors"), kind="stable")]
    drawn = (uniform_by_key(ids[others], salt="plan/drawn") * len(donors)).astype(int)
    lent = np.where(np.isfinite(net[donors[drawn]]), net[donors[drawn]], 0.0)
    net[others] = np.where(np.isfinite(net[others]), lent, net[others])
    return net


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


def _check_values(candidates: Candidates, beliefs: Beliefs) -> None:
    """Refuse offers that nobody said the worth of, where their worth decides."""
    stakes = beliefs.churn_probability is not None and beliefs.clv is not None
    nothing = [
        offer.offer_id
        for offer in candidates.catalog
        if offer.value == 0 and offer.clv_change == 0 and not (offer.kind == RETENTION and stakes)
    ]
    if nothing:
        raise InputError(
            f"offers must have a value where limits, a shortlist or a least priority decide; {len(nothing)} of "
            f"{len(candidates.catalog)} have none, first {nothing[0]!r}. Give value or clv_change, money."
        )


def _checked_limits(limits: Sequence[Limit], slots: int, candidates: Candidates) -> list[Limit]:
    listed: list[Limit] = [limits] if isinstance(limits, Limit) else list(limits)
    wrong = [limit for limit in listed if not isinstance(limit, Limit)]
    if wrong:
        raise InputError(f"limits must be Limit objects; got {wrong[0]!r:.100}.")
    pairs = never_together(candidates.rules) if slots > 1 else []
    if pairs and any(limit.at_least for limit in listed):
        raise InputError(
            f"a limit with at_least cannot be promised in slates while offers exclude each other, first {pairs[0]}. "
            "Ask for slots=1, or leave the minimum out."
        )
    return listed

"""Prices of scarce offers, kept and used where decisions are made one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from nbo.arbitration.allocation.best_offers import best_offers
from nbo.arbitration.allocation.couple import names_of, positions_of
from nbo.arbitration.allocation.limit import Limit
from nbo.checks import check_matrix, check_one_of
from nbo.errors import InputError
from nbo.numbers import check_number
from nbo.states import check_parts, check_state

__all__ = ["Prices"]

_FORMAT = 1


@dataclass(frozen=True, eq=False)
class Prices:
    """What one unit of each limit costs, and so what each offer costs.

    An array of the prices is ``np.asarray(prices)``; ``prices["budget"]`` and ``prices[0]`` are one of them.

    Parameters
    ----------
    values : ndarray of shape (m,)
        Price of one unit of each limit, in the unit of the priority: above 0 where a maximum is scarce, below 0 where
        a minimum costs, 0 where the limit changes nothing.
    names : tuple of str
        Of the limits.
    offer_ids : tuple
        Of the k offers.
    costs : tuple of (tuple of float) or None
        What each offer counts in each limit; None where that differs by customer.
    offers : tuple of (tuple of int)
        Columns that count in each limit.
    grouped : tuple of bool
        Whether a limit counts some customers only.
    shares : tuple of float or None
        Shares of limits that ask for one.
    """

    values: np.ndarray
    names: tuple[str, ...]
    offer_ids: tuple[Any, ...]
    costs: tuple[tuple[float, ...] | None, ...]
    offers: tuple[tuple[int, ...], ...]
    grouped: tuple[bool, ...]
    shares: tuple[float | None, ...]

    @classmethod
    def of(cls, values: np.ndarray, limits: Sequence[Limit], offer_ids: Sequence[Any]) -> Self:
        """Make the prices of limits.

        Parameters
        ----------
        values : ndarray of shape (m,)
        limits : sequence of Limit
        offer_ids : sequence

        Returns
        -------
        Prices
        """
        names, ids = names_of(limits), list(offer_ids)
        places = [positions_of(limit.offers, ids, name) for limit, name in zip(limits, names, strict=True)]
        return cls(
            np.asarray(values, dtype=float),
            tuple(names),
            tuple(ids),
            tuple(_cost(limit.cost, len(ids)) for limit in limits),
            tuple(tuple(int(place) for place in found) for found in places),
            tuple(limit.rows is not None for limit in limits),
            tuple(limit.share for limit in limits),
        )

    def of_offers(
        self, costs: Mapping[str, np.ndarray] | None = None, members: Mapping[str, Any] | None = None
    ) -> np.ndarray:
        """Give the price of each offer.

        Parameters
        ----------
        costs : mapping of str to ndarray of shape (k,) or (n, k), optional
            By name of the limit, where costs differ by customer.
        members : mapping of str to bool or ndarray of bool, shape (n,), optional
            By name of the limit, whether the customers are among those it counts.

        Returns
        -------
        ndarray of shape (k,) or (n, k)
            In the unit of the priority.

        Raises
        ------
        InputError
            If a cost or a membership is asked for by a limit with a price, and not given.
        """
        total = np.zeros(len(self.offer_ids))
        for place, (name, price) in enumerate(zip(self.names, self.values, strict=True)):
            if price == 0:
                continue
            known = self.costs[place]
            cost = np.asarray(_given(costs, name, "costs") if known is None else known, dtype=float)
            counted = np.zeros(len(self.offer_ids))
            counted[list(self.offers[place])] = price
            weight = np.asarray(_given(members, name, "members") if self.grouped[place] else 1.0, dtype=float)
            weight = weight - (self.shares[place] or 0.0)
            total = total + (weight[:, None] if weight.ndim else weight) * (counted * cost)
        return total

    def best(
        self,
        priority: Any,
        slots: int = 1,
        costs: Mapping[str, np.ndarray] | None = None,
        members: Mapping[str, Any] | None = None,
    ) -> np.ndarray:
        """Decide for one customer, or some: the offers with the largest priority - price above 0.

        This is what the allocation gives, but for the few customers whom the last units of a limit decide.

        Parameters
        ----------
        priority : array-like of shape (k,) or (n, k)
            NaN or -inf where an offer is not allowed.
        slots : int, default=1
            Offers for a customer at most.
        costs, members : mapping, optional
            As of :meth:`of_offers`.

        Returns
        -------
        ndarray of int, shape (slots,) or (n, slots)
            Columns, the best first; -1 for none.

        Raises
        ------
        InputError
            If the priorities are not of k offers, or as of :meth:`of_offers`.
        """
        check_number(slots, "slots", "1 or more", lambda number: number >= 1, whole=True)
        given = np.atleast_2d(np.asarray(priority, dtype=float))
        check_matrix(given, (len(given), len(self.offer_ids)), "priority")
        worth = np.ascontiguousarray((np.where(np.isnan(given), -np.inf, given) - self.of_offers(costs, members)).T)
        top = best_offers(worth, min(slots, len(self.offer_ids))).top.T.astype(int)
        full = np.full((len(given), slots), -1)
        full[:, : top.shape[1]] = top
        return full[0] if np.ndim(priority) == 1 else full

    def to_dict(self) -> dict[str, Any]:
        """Give the prices as JSON values.

        Returns
        -------
        dict
        """
        limits = [
            {"name": name, "price": float(price), "cost": cost and list(cost), "offers": list(offers),
             "grouped": grouped, "share": share}
            for name, price, cost, offers, grouped, share in zip(
                self.names, self.values, self.costs, self.offers, self.grouped, self.shares, strict=True
            )
        ]  # fmt: skip
        return {"prices": "Prices", "format": _FORMAT, "offer_ids": list(self.offer_ids), "limits": limits}

    @classmethod
    def from_dict(cls, state: dict[str, Any]) -> Self:
        """Take the prices from what :meth:`to_dict` gave.

        Parameters
        ----------
        state : dict

        Returns
        -------
        Prices

        Raises
        ------
        InputError
            If it is not that.
        """
        state = check_state(state, "prices", "Prices", _FORMAT, {"offer_ids": list, "limits": list})
        limits = state["limits"]
        for limit in limits:
            entries = limit if isinstance(limit, dict) else {}
            check_parts(entries, cls.__name__, {"name": str, "price": float, "offers": list, "grouped": bool})
        return cls(
            np.array([limit["price"] for limit in limits], dtype=float),
            tuple(limit["name"] for limit in limits),
            tuple(state["offer_ids"]),
            tuple(limit.get("cost") and tuple(limit["cost"]) for limit in limits),
            tuple(tuple(limit["offers"]) for limit in limits),
            tuple(limit["grouped"] for limit in limits),
            tuple(limit.get("share") for limit in limits),
        )

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.values, dtype=dtype)

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, limit: str | int) -> float:
        if isinstance(limit, str):
            limit = self.names.index(check_one_of(limit, self.names, "limit"))
        return float(self.values[limit])


def _cost(cost: Any, k: int) -> tuple[float, ...] | None:
    if np.ndim(cost) == 2:
        return None
    return tuple(np.ones(k) if cost is None else np.asarray(cost, dtype=float).tolist())


def _given(known: Mapping[str, Any] | None, name: str, what: str) -> Any:
    if known is None or name not in known:
        raise InputError(
            f"{what} must give what {name!r} counts, as that differs by customer; got {list(known or {})}."
        )
    return known[name]

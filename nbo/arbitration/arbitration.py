"""How the priority narrows what the policy may draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from nbo.errors import InputError
from nbo.numbers import check_number
from nbo.tables import Catalog

__all__ = ["Arbitration"]


@dataclass(frozen=True)
class Arbitration:
    """How the priority narrows what the policy may draw.

    Parameters
    ----------
    shortlist : int, optional
        Only this many offers of a customer, those of the highest priority less price, are left to the policy.
        With 1 the priority decides. By default all.
    at_least : float, optional
        An offer whose priority less price is below this is not made, money. By default none is refused for it.
    prices : mapping of str to float, optional
        Price of an offer that is short, money, such as the shadow prices of an allocation; 0 where it has none.

    Raises
    ------
    InputError
        If a number is none, or the shortlist is empty.

    Examples
    --------
    >>> Arbitration(shortlist=3, at_least=0.0, prices={"card": 1.5}).to_dict()
    {'shortlist': 3, 'at_least': 0.0, 'prices': {'card': 1.5}}
    """

    shortlist: int | None = None
    at_least: float | None = None
    prices: Mapping[str, float] | None = None

    def __post_init__(self) -> None:
        if self.shortlist is not None:
            check_number(self.shortlist, "shortlist", "1 or more", lambda given: given >= 1, whole=True)
        if self.at_least is not None:
            check_number(self.at_least, "at_least", "a number", np.isfinite)
        if self.prices is not None:
            if not isinstance(self.prices, Mapping):
                raise InputError(f"prices must map offer ids to money, such as {{'card': 1.5}}; got {self.prices!r}.")
            for offer_id, price in self.prices.items():
                check_number(price, f"price of {offer_id!r}", "a number", np.isfinite)
            object.__setattr__(self, "prices", {str(name): float(price) for name, price in self.prices.items()})

    def prices_of(self, catalog: Catalog) -> np.ndarray:
        """Give the price of each offer, ndarray of shape (k,), money.

        Parameters
        ----------
        catalog : Catalog

        Returns
        -------
        ndarray

        Raises
        ------
        InputError
            If a price is of an offer that is not in the catalog.
        """
        prices = self.prices or {}
        unknown = [name for name in prices if name not in catalog]
        if unknown:
            raise InputError(
                f"prices name {len(unknown)} offers that are not in the catalog, first {unknown[0]!r}; "
                f"it has {', '.join(catalog.offer_ids)}."
            )
        return np.array([prices.get(offer_id, 0.0) for offer_id in catalog.offer_ids])

    def refused(self, net: np.ndarray) -> dict[str, np.ndarray]:
        """Tell what the policy may not draw.

        Parameters
        ----------
        net : ndarray of shape (n, k)
            Priority less price; -inf where an offer may not be made.

        Returns
        -------
        dict of str to ndarray of bool
            Reason -> mask of shape (n, k). Of offers of equal worth the first of the catalog goes first.
        """
        found = {}
        if self.at_least is not None:
            found["worth too little"] = ~(net >= self.at_least)
        if self.shortlist is not None and self.shortlist < net.shape[1]:
            place = np.argsort(np.argsort(-net, axis=1, kind="stable"), axis=1, kind="stable")
            found[f"not among the best {self.shortlist}"] = place >= self.shortlist
        return found

    def to_dict(self) -> dict[str, Any]:
        """Give the settings as JSON values."""
        return asdict(self)

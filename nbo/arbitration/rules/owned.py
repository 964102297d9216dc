"""Never offer what a customer owns already."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nbo.arbitration.candidates import Candidates
from nbo.arbitration.rule import Rule
from nbo.arbitration.rules.bought import bought_products
from nbo.arbitration.rules.expression import Expression
from nbo.arbitration.rules.kept import kept
from nbo.errors import InputError
from nbo.features.window import ALL
from nbo.tables import Offer
from nbo.times import check_duration

__all__ = ["Owned"]

_FLEXIBLE = "flexible"
_REASONS = ("owned", "part owned", "fewer than two left")


class Owned(Rule):
    """Never offer what a customer owns already.

    A customer owns a product who bought it and has not brought it back since, as known strictly before the moment
    of the decision, or for whom a condition says so. What an offer sells are its `products`.

    Parameters
    ----------
    columns : mapping of str to str, optional
        Product id -> condition under which it is owned, such as ``{"card": "has_card"}``; see
        :class:`~nbo.arbitration.Expression`. Unknown is not owned.
    transactions : bool, default=True
        Whether the table `transactions` counts; a sale that is pending counts, too.
    within : str, optional
        A sale counts for this long, such as "365D" for what is used up; by default for good.

    Notes
    -----
    Reason codes: ``owned``, all products of the offer are; ``part owned``, a fixed bundle is sold whole and to
    nobody who owns a part of it; ``fewer than two left``, a flexible bundle is cut down to what is not owned, and
    that is no bundle any more. Of the others, the share that is left counts for the value of the offer.

    Examples
    --------
    >>> import pandas as pd
    >>> from nbo.tables import Catalog, CustomerTables, Spine
    >>> customers = pd.DataFrame({"customer_id": ["ann", "bob"], "has_card": [True, False]})
    >>> offers = [Offer("card", products=("card",)), Offer("all", products=("card", "loan", "fund"), bundle="flexible")]
    >>> rule, spine = Owned(columns={"card": "has_card"}), Spine.at("2026-06-30", customers)
    >>> Candidates.of(CustomerTables(customers=customers), spine, Catalog(offers), (rule,)).eligible
    array([[False,  True],
           [ True,  True]])
    """

    def __init__(
        self, columns: Mapping[str, str] | None = None, transactions: bool = True, within: str | None = None
    ) -> None:
        self.columns = columns
        self.transactions = transactions
        self.within = within

    def check(self) -> None:
        """Check the arguments, as far as that needs no customers.

        Raises
        ------
        InputError
            Names the argument.
        """
        if self.columns is not None and not isinstance(self.columns, Mapping):
            raise InputError(
                f"columns of Owned must be a mapping such as {{'card': 'has_card'}}; got {self.columns!r}."
            )
        if not isinstance(self.transactions, bool):
            raise InputError(f"transactions of Owned must be True or False; got {self.transactions!r}.")
        if self.within is not None:
            check_duration(self.within, "within of Owned")
        self._conditions()

    @property
    def reasons(self) -> list[str]:
        """What decisions give as their reason where this rule had its way."""
        return list(_REASONS)

    @property
    def reads(self) -> list[str]:
        """Columns of the customers that its conditions name."""
        return list(dict.fromkeys(name for condition in self._conditions().values() for name in condition.names))

    @property
    def words(self) -> str:
        """What the rule does, in words."""
        bought = (
            f"bought{f' within {self.within}' if self.within else ''} and not returned" if self.transactions else ""
        )
        held = [f"{product} when {text}" for product, text in (self.columns or {}).items()]
        return f"refuse what is owned: {'; '.join([bought, *held] if bought else held)}"

    def _conditions(self) -> dict[str, Expression]:
        given = (self.columns or {}).items()
        return {str(product): Expression(text, f"Owned, product {product!r}") for product, text in given}

    def owned(self, candidates: Candidates) -> np.ndarray:
        """Tell which products are owned.

        Parameters
        ----------
        candidates : Candidates
            n customers.

        Returns
        -------
        ndarray of bool, shape (n, p)
            For the p products that the catalog's offers sell, in the order in which they first stand there.

        Raises
        ------
        InputError
            If a condition names a column that is not there.
        """
        self.check()
        key = ("owned", tuple((self.columns or {}).items()), self.transactions, self.within)
        return kept(candidates, key, lambda: self._found(candidates))

    def _found(self, candidates: Candidates) -> np.ndarray:
        products = _sold_products(list(candidates.catalog))
        if self.transactions:
            owned = bought_products(candidates, products, self.within or ALL)
        else:
            owned = np.zeros((len(candidates.spine), len(products)), dtype=bool)
        for product, condition in self._conditions().items():
            if product not in products:
                continue
            held = condition.flags(candidates).true
            if held.shape[1:] != (1, 1):
                raise InputError(f"Owned, product {product!r}: the condition must be about customers alone.")
            owned[:, products.index(product)] |= held[:, 0, 0]
        return owned

    def refused(self, candidates: Candidates) -> dict[str, np.ndarray]:  # noqa: D102
        owned = self.owned(candidates)
        products = _sold_products(list(candidates.catalog))
        n, k, _ = candidates.shape
        masks = {reason: np.zeros((n, k, 1), dtype=bool) for reason in _REASONS}
        for column, offer in enumerate(candidates.catalog):
            held = owned[:, _places_of(offer, products)]
            if not held.shape[1]:
                continue
            if offer.bundle is None:
                masks[_REASONS[0]][:, column, 0] = held.all(axis=1)
            elif offer.bundle == _FLEXIBLE:
                masks[_REASONS[2]][:, column, 0] = (~held).sum(axis=1) < 2
            else:
                masks[_REASONS[1]][:, column, 0] = held.any(axis=1)
        return masks

    def portions(self, candidates: Candidates) -> np.ndarray | None:  # noqa: D102
        cut = [column for column, offer in enumerate(candidates.catalog) if offer.bundle == _FLEXIBLE]
        if not cut:
            return None
        owned, offers = self.owned(candidates), list(candidates.catalog)
        products, share = _sold_products(offers), np.ones((len(owned), len(offers)))
        for column in cut:
            share[:, column] = 1.0 - owned[:, _places_of(offers[column], products)].mean(axis=1)
        return share


def _sold_products(offers: list[Offer]) -> list[str]:
    """List the products that offers sell, each once, in the order in which they first stand."""
    return list(dict.fromkeys(product for offer in offers for product in offer.products))


def _places_of(offer: Offer, products: list[str]) -> list[int]:
    """Give the places of an offer's products, each once."""
    return [products.index(product) for product in dict.fromkeys(offer.products)]

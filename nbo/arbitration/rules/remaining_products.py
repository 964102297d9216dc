"""What is left of flexible bundles once the products that a customer owns are taken out."""

from __future__ import annotations

import numpy as np

from nbo.arbitration.candidates import Candidates
from nbo.arbitration.rules.owned import Owned, places_of, sold_products

__all__ = ["remaining_products"]


def remaining_products(candidates: Candidates) -> np.ndarray:
    """Give the share of a flexible bundle's products that a customer does not own.

    Parameters
    ----------
    candidates : Candidates
        n customers, k offers; their rules of the class :class:`~nbo.arbitration.Owned` say what is owned.

    Returns
    -------
    ndarray of shape (n, k)
        In [0, 1]; 1 for offers that are no flexible bundle, and where no rule says what is owned.

    Examples
    --------
    >>> import pandas as pd
    >>> from nbo.tables import Catalog, CustomerTables, Offer, Spine
    >>> customers = pd.DataFrame({"customer_id": ["ann", "bob"], "has_card": [True, False]})
    >>> bundle = Offer("all", products=("card", "loan", "fund", "plan"), bundle="flexible")
    >>> rule, spine = Owned(columns={"card": "has_card"}), Spine.at("2026-06-30", customers)
    >>> remaining_products(Candidates.of(CustomerTables(customers=customers), spine, Catalog([bundle]), (rule,)))
    array([[0.75],
           [1.  ]])
    """
    n, k, _ = candidates.shape
    share = np.ones((n, k))
    found = [rule.owned(candidates) for rule in candidates.rules if isinstance(rule, Owned)]
    if not found:
        return share
    owned = np.logical_or.reduce(found)
    products = sold_products(list(candidates.catalog))
    for column, offer in enumerate(candidates.catalog):
        if offer.bundle == "flexible":
            share[:, column] = 1.0 - owned[:, places_of(offer, products)].mean(axis=1)
    return share

"""What was bought together: baskets of products."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from nbo import columns as c
from nbo.checks import check_columns
from nbo.errors import InputError
from nbo.features.builders.sales import SALES
from nbo.features.history import History
from nbo.features.past import Past
from nbo.features.slices import set_out
from nbo.tables import Spine

__all__ = ["Baskets", "baskets_before"]

_TABLE = "transactions"
_DAY = "order_day"


@dataclass(frozen=True)
class Baskets:
    """Which products lie in which baskets.

    Parameters
    ----------
    products : list of str
        k products, in the order of the alphabet.
    holds : csr_array of shape (n, k)
        1 where the basket holds the product.
    margin, price : ndarray of shape (k,)
        Mean margin and mean amount of a sale of the product, money; NaN where not known.
    n_customers : int
        Whose baskets they are.
    """

    products: list[str]
    holds: sparse.csr_array
    margin: np.ndarray
    price: np.ndarray
    n_customers: int

    @cached_property
    def counts(self) -> np.ndarray:
        """Baskets with each product, shape (k,)."""
        return np.bincount(self.holds.indices, minlength=len(self.products))

    @cached_property
    def sizes(self) -> np.ndarray:
        """Number of different products in each basket, shape (n,)."""
        return np.diff(self.holds.indptr)

    @cached_property
    def together(self) -> np.ndarray:
        """Baskets with both products, shape (k, k)."""
        return (self.holds.T @ self.holds).toarray().astype(np.int64)

    def of_popular(self, min_count: int, max_products: int) -> Baskets:
        """Keep the products in the most baskets, of equals the first in the alphabet; a basket of none is none.

        Parameters
        ----------
        min_count : int
            Fewest baskets of a product.
        max_products : int
            Most products.

        Returns
        -------
        Baskets
        """
        ranked = np.argsort(-self.counts, kind="stable")[:max_products]
        kept = np.sort(ranked[self.counts[ranked] >= min_count])
        holds = self.holds[:, kept]
        holds = holds[np.diff(holds.indptr) > 0]
        products = [self.products[at] for at in kept]
        return Baskets(products, holds, self.margin[kept], self.price[kept], self.n_customers)


def baskets_before(tables: Any, as_of: pd.Timestamp, product: str, unit: str, window: str) -> Baskets:
    """Put what was sold before a moment, as it was known then, into baskets.

    Parameters
    ----------
    tables : CustomerTables or other tables with `has` and `columns`
    as_of : Timestamp
    product : str
        Column of transactions that names what was bought.
    unit : {"basket", "customer"}
        All that a customer bought on one day, or in the whole window.
    window : str
        Such as "365D" or "all".

    Returns
    -------
    Baskets

    Raises
    ------
    InputError
        If there are no transactions, or they lack the column.
    """
    history = _sales(tables, as_of, product)
    owner, position = set_out(*history.bounds(window))
    named = history.codes(product)[position] >= 0
    owner, position = owner[named], position[named]
    texts, ranks = history.table.codes(product).alphabet
    which = ranks[history.codes(product)[position]]
    keys = owner
    if unit == "basket" and len(owner):
        days = history.numbers(_DAY).values[position].astype(np.int64)
        days -= days.min()
        keys = owner * (int(days.max()) + 1) + days
    numbers, baskets = np.unique(keys, return_inverse=True)
    holds = sparse.csr_array((np.ones(len(which)), (baskets, which)), shape=(len(numbers), len(texts)))
    holds.sum_duplicates()
    holds.data[:] = 1.0
    margin, price = (_means(history, column, position, which, len(texts)) for column in (c.MARGIN, c.AMOUNT))
    return Baskets(texts, holds, margin, price, len(np.unique(owner)))


def _sales(tables: Any, as_of: pd.Timestamp, product: str) -> History:
    """Find the completed sales of all customers that were known before a moment."""
    if not tables.has(_TABLE):
        raise InputError("bundles need the table transactions; it is not there.")
    table = tables.columns(_TABLE)
    check_columns(table, [c.CUSTOMER_ID, product], _TABLE)
    customers = table[c.CUSTOMER_ID].dropna().drop_duplicates()
    return Past(tables, Spine.at(as_of, customers)).history(_TABLE, where=SALES)


def _means(history: History, column: str, position: np.ndarray, which: np.ndarray, n_products: int) -> np.ndarray:
    """Average a column of money by product; NaN where nothing tells it."""
    if column not in history.table:
        return np.full(n_products, np.nan)
    values = history.numbers(column).values[position]
    # By value, so that the order of a file changes no bit of a sum; missing ones come last.
    order = np.lexsort((values, which))
    order = order[~np.isnan(values[order])]
    total = np.bincount(which[order], weights=values[order], minlength=n_products)
    n_known = np.bincount(which[order], minlength=n_products)
    return np.divide(total, n_known, out=np.full(n_products, np.nan), where=n_known > 0)

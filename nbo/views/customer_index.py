"""Where the rows of each customer stand, found once, so that a card reads no whole table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.features.order import counting_order
from nbo.tables import CustomerTables

__all__ = ["CustomerIndex", "customer_index"]

# What a card looks rows up by, beside the customer's id.
_OTHER_KEYS = {
    "customers": (c.HOUSEHOLD_ID, c.ACCOUNT_ID),
    "environment": (c.HOUSEHOLD_ID, c.POSTCODE),
    "relationships": (c.RELATED_ID,),
    "outcomes": (c.DECISION_ID,),
}


class CustomerIndex:
    """Tables, and where in them the rows of each customer stand.

    Made by :func:`customer_index`. It takes the place of the tables in
    :func:`nbo.customer_snapshot`, which then gives the same card in less time.

    Parameters
    ----------
    tables : CustomerTables

    Attributes
    ----------
    tables : CustomerTables
        As given.

    Examples
    --------
    >>> customer_index(CustomerTables(customers=pd.DataFrame({"customer_id": ["ann"]})))
    CustomerIndex(CustomerTables(customers: 1 row))
    """

    def __init__(self, tables: CustomerTables) -> None:
        self.tables = tables
        self._places: dict[tuple[str, str], _Places] = {}
        for name in tables.names:
            frame = tables.get(name)
            for key in (c.CUSTOMER_ID, *_OTHER_KEYS.get(name, ())):
                if key in frame:
                    self._places[name, key] = _Places(frame[key])

    def __repr__(self) -> str:
        return f"CustomerIndex({self.tables!r})"

    def rows(self, name: str, wanted: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
        """Give the rows of a table that have one of some keys.

        Parameters
        ----------
        name : str
            Name of the table.
        wanted : mapping of str to sequence
            Column -> keys; a row that has one of them in any of the columns is given.

        Returns
        -------
        DataFrame
            In the order of the table.
        """
        frame = self.tables.get(name)
        found = [self._places[name, key].of(keys) for key, keys in wanted.items() if (name, key) in self._places]
        return frame.take(np.unique(np.concatenate([np.empty(0, np.int64), *found])))


class _Places:
    """Positions of the rows of each key."""

    def __init__(self, keys: pd.Series) -> None:
        plain = keys.astype(keys.cat.categories.dtype) if isinstance(keys.dtype, pd.CategoricalDtype) else keys
        codes, different = pd.factorize(plain)
        self._keys = pd.Index(different)
        # Missing keys are number 0, which nobody asks for.
        self._order, _, self._bounds = counting_order(codes + 1, len(self._keys) + 1)
        # The first look makes the table of keys: better now than while somebody waits.
        self._keys.get_indexer(self._keys[:1])

    def of(self, keys: Sequence[Any]) -> np.ndarray:
        codes = [self._keys.get_loc(key) for key in keys if key in self._keys]
        parts = [self._order[self._bounds[code + 1] : self._bounds[code + 2]] for code in codes]
        return np.concatenate([np.empty(0, np.int64), *parts])


def customer_index(tables: CustomerTables) -> CustomerIndex:
    """Find once where the rows of each customer stand, for many quick cards.

    Parameters
    ----------
    tables : CustomerTables
        Not to be changed while the index is used.

    Returns
    -------
    CustomerIndex
        Give it to :func:`nbo.customer_snapshot` in place of the tables.

    Examples
    --------
    >>> sales = {"customer_id": ["ann", "bob"], "event_time": ["2026-01-05", "2026-07-01"], "amount": [40.0, 9.0]}
    >>> index = customer_index(CustomerTables(transactions=pd.DataFrame(sales)))
    >>> index.rows("transactions", {"customer_id": ["bob"]})["amount"].tolist()
    [9.0]
    """
    return CustomerIndex(tables)

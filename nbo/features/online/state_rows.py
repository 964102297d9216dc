"""The rows of a state that the features of some customers may need, as tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import numpy as np

from nbo import columns as c
from nbo.features.online.state_columns import StateColumns
from nbo.features.online.state_table import StateTable
from nbo.tables import TableColumns

__all__ = ["StateRows"]

_SHARED = (c.HOUSEHOLD_ID, c.ACCOUNT_ID)


class StateRows:
    """The rows of a state that the features of some customers may need, as tables.

    These are their own, those of the anonymous visitors that they turned out to be, third-party
    data on their households and postcodes, the outcomes of their decisions, and tables without a
    customer. More do no harm: what counts as of a moment is for the kernel to say.

    Parameters
    ----------
    tables : mapping of str to StateTable
    customers : collection of int
        By their numbers.
    """

    def __init__(self, tables: Mapping[str, StateTable], customers: Collection[int]) -> None:
        self._tables, self._customers = tables, sorted(customers)

    def with_linked(self, links: Iterable[str]) -> StateRows:
        """Add those who ever shared a household or account with the customers, or are at the other end of an edge.

        Parameters
        ----------
        links : iterable of str
            Of household_id, account_id and related_id.

        Returns
        -------
        StateRows
        """
        everyone = set(self._customers)
        for key in links:
            if key in _SHARED:
                everyone |= self._through("customers", key, self._keys("customers", key))
            elif key == c.RELATED_ID:
                everyone |= set(self._keys("relationships", key))
                everyone |= self._through("relationships", key, self._customers)
        return StateRows(self._tables, everyone)

    def has(self, name: str) -> bool:
        """Tell whether a table is there."""
        return name in self._tables

    def columns(self, name: str) -> TableColumns:
        """Give the rows of a table, column by column."""
        if not self.has(name):
            return TableColumns.without_rows(name)
        return StateColumns(self._tables[name], self._rows(name))

    def _rows(self, name: str) -> np.ndarray:
        table = self._tables[name]
        if name == "environment":
            found = [table.rows(c.CUSTOMER_ID, self._customers)]
            found += [table.rows(key, self._keys("customers", key)) for key in (c.HOUSEHOLD_ID, c.POSTCODE)]
            return np.concatenate(found)
        if name == "identities":
            return table.rows(c.ANONYMOUS_ID, self._keys(name, c.ANONYMOUS_ID))
        if name == "outcomes":
            return table.rows(c.DECISION_ID, self._keys("decisions", c.DECISION_ID))
        if name == "events":
            visitors = self._keys("identities", c.ANONYMOUS_ID)
            return table.rows(c.CUSTOMER_ID, sorted({*self._customers, *visitors}))
        own = table.rows(c.CUSTOMER_ID, self._customers)
        if c.RELATED_ID in table.found_by:
            return np.unique(np.concatenate([own, table.rows(c.RELATED_ID, self._customers)]))
        return own

    def _keys(self, name: str, key: str) -> list[int]:
        """Give the keys that the customers' own rows of a table have."""
        if not self.has(name):
            return []
        table = self._tables[name]
        return table.taken(key, table.rows(c.CUSTOMER_ID, self._customers))

    def _through(self, name: str, key: str, keys: Iterable[int]) -> set[int]:
        """Give the customers whose rows of a table have keys."""
        if not self.has(name):
            return set()
        table = self._tables[name]
        return set(table.taken(c.CUSTOMER_ID, table.rows(key, list(keys))))

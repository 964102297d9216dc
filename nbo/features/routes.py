"""Which partitions need a row: that of its customer, and those of customers that it says something about."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from nbo import columns as c
from nbo.features.partition import MISSING, key_hashes
from nbo.features.slices import set_out
from nbo.tables import TableColumns

__all__ = ["Routes"]

# Columns by which the rows of a table find customers, where that is not customer_id alone.
_KEYS: Final = {
    "environment": (c.CUSTOMER_ID, c.HOUSEHOLD_ID, c.POSTCODE),
    "identities": (c.ANONYMOUS_ID,),
    "relationships": (c.CUSTOMER_ID, c.RELATED_ID),
    "outcomes": (c.DECISION_ID,),
}
_PEOPLE: Final = (c.CUSTOMER_ID, c.ANONYMOUS_ID, c.RELATED_ID)
_SHARED: Final = (c.HOUSEHOLD_ID, c.ACCOUNT_ID)


@dataclass(frozen=True)
class _Pairs:
    """Keys, hashed and sorted, and a partition for each; no pair stands twice."""

    keys: np.ndarray
    places: np.ndarray

    @classmethod
    def of(cls, keys: Iterable[np.ndarray], places: Iterable[np.ndarray]) -> _Pairs:
        key, place = np.concatenate([*keys, _NO_KEYS]), np.concatenate([*places, _NO_PLACES]).astype(np.int32)
        order = np.lexsort((place, key))
        key, place = key[order], place[order]
        new = np.ones(len(key), dtype=bool)
        new[1:] = (key[1:] != key[:-1]) | (place[1:] != place[:-1])
        new &= key != MISSING
        return cls(key[new], place[new])

    def follow(self, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Give all pairs of (position in `keys`, partition)."""
        low, high = (np.searchsorted(self.keys, keys, side=side) for side in ("left", "right"))
        owner, position = set_out(low, high)
        return owner, self.places[position]


_NO_KEYS = np.empty(0, dtype=np.uint64)
_NO_PLACES = np.empty(0, dtype=np.int32)
_NOWHERE = _Pairs(_NO_KEYS, _NO_PLACES)


class Routes:
    """Which partitions need a row of a table, so that each partition can be computed alone.

    A row is needed in the partition of its customer. Beyond that, events of an anonymous visitor
    are needed where the customer is that the visitor turned out to be, third-party data where
    customers of the household or postcode are, outcomes where their decisions are, and rows of
    tables without a customer, such as macro series, everywhere. Where builders have `links`,
    rows of linked customers are needed too: of all who ever were in the same household or
    account, and of those at the other end of a relationship; one step far, not further.

    A partition may get rows that it does not need; no feature sees them.

    Parameters
    ----------
    n : int
        Number of partitions.
    near, far : dict of str to pairs
        Key column -> partitions to reach besides that of the customer: for all tables, and for
        those that builders with links read.
    linked_tables : collection of str

    Examples
    --------
    >>> import pandas as pd
    >>> from nbo.tables import CustomerTables
    >>> customers = pd.DataFrame({"customer_id": ["ann", "cy", "eve"], "household_id": ["h", None, "h"]})
    >>> tables = CustomerTables(customers=customers)
    >>> rows, partitions = Routes.of(tables, 2).places(tables.columns("customers"))
    >>> rows.tolist(), partitions.tolist()
    ([0, 1, 2], [0, 0, 1])
    >>> linked = Routes.of(tables, 2, links=["household_id"], linked_tables=["customers"])
    >>> rows, partitions = linked.places(tables.columns("customers"))
    >>> rows.tolist(), partitions.tolist()
    ([0, 0, 1, 2, 2], [0, 1, 0, 0, 1])
    """

    def __init__(self, n: int, near: dict[str, _Pairs], far: dict[str, _Pairs], linked_tables: Collection[str]) -> None:
        self.n, self._near, self._far, self.linked_tables = n, near, far, frozenset(linked_tables)

    @classmethod
    def of(cls, tables: Any, n: int, links: Collection[str] = (), linked_tables: Collection[str] = ()) -> Routes:
        """Find the routes.

        Parameters
        ----------
        tables : CustomerTables or StoredTables
            Only keys of customers, identities, relationships and decisions are read.
        n : int
            Number of partitions.
        links : collection of str
            Of household_id, account_id and related_id.
        linked_tables : collection of str
            Tables that builders with links read.

        Returns
        -------
        Routes
        """
        near = _ways(tables, n, _NOWHERE, linked_tables)
        far = _ways(tables, n, _linked(tables, n, links), linked_tables) if links else near
        return cls(n, near, far, linked_tables)

    @staticmethod
    def keys(name: str) -> tuple[str, ...]:
        """Name the columns of a table that :meth:`places` reads, where they are there."""
        return _KEYS.get(name, (c.CUSTOMER_ID,))

    def places(self, table: TableColumns) -> tuple[np.ndarray, np.ndarray]:
        """Say where rows are needed.

        Parameters
        ----------
        table : TableColumns of m rows
            A table or a piece of it; of its columns the keys are read.

        Returns
        -------
        rows : ndarray of int, shape (k,)
            Positions in the table, ascending; a row that is needed in several partitions
            stands once for each.
        partitions : ndarray of int32, shape (k,)
            In [0, n).
        """
        linked = table.name in self.linked_tables
        ways = self._far if linked else self._near
        keys = [key for key in self.keys(table.name) if key in table]
        if not keys:
            return np.repeat(np.arange(len(table)), self.n), np.tile(np.arange(self.n, dtype=np.int32), len(table))
        found = []
        for key in keys if linked or table.name != "relationships" else keys[:1]:
            found += _reached(key_hashes(table[key]), key, ways, self.n)
        rows, places = (np.concatenate(part) for part in zip(*found, strict=True))
        return (rows, places) if len(found) == 1 else _once(rows, places, self.n)


def _reached(hashes: np.ndarray, key: str, ways: dict[str, _Pairs], n: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Pair rows with the partitions that a key of theirs leads to; a missing one leads nowhere."""
    if key not in _PEOPLE:
        return [ways[key].follow(hashes)]
    rows, home = np.arange(len(hashes)), _home(hashes, n)
    some = hashes != MISSING
    found = [(rows, home) if some.all() else (rows[some], home[some])]
    if len(ways[c.CUSTOMER_ID].keys):
        found.append(ways[c.CUSTOMER_ID].follow(hashes))
    return found


def _once(rows: np.ndarray, places: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Sort pairs by row, then partition, each once."""
    rows, places = np.divmod(np.unique(rows.astype(np.int64) * n + places), n)
    return rows, places.astype(np.int32)


def _ways(tables: Any, n: int, linked: _Pairs, linked_tables: Collection[str]) -> dict[str, _Pairs]:
    """Find the partitions that a key leads to, where linked customers' rows are needed in some already."""
    ways = {c.CUSTOMER_ID: linked}
    if tables.has("identities"):
        visitors, customers = _hashed(tables, "identities", c.ANONYMOUS_ID, c.CUSTOMER_ID)
        owner, place = _all_places(customers, ways, n)
        ways[c.CUSTOMER_ID] = _Pairs.of([linked.keys, visitors[owner]], [linked.places, place])
    if tables.has("environment"):
        for key in (c.HOUSEHOLD_ID, c.POSTCODE):
            if key in tables.columns("environment"):
                ways[key] = _through(tables, "customers", key, ways, n)
    if tables.has("outcomes"):
        ways[c.DECISION_ID] = _through(tables, "decisions", c.DECISION_ID, ways, n)
    return ways


def _through(tables: Any, table: str, key: str, ways: dict[str, _Pairs], n: int) -> _Pairs:
    """Lead a key to the partitions that need the customers who have it in a table."""
    if not tables.has(table) or key not in tables.columns(table):
        return _NOWHERE
    keys, customers = _hashed(tables, table, key, c.CUSTOMER_ID)
    owner, place = _all_places(customers, ways, n)
    return _Pairs.of([keys[owner]], [place])


def _linked(tables: Any, n: int, links: Collection[str]) -> _Pairs:
    """Lead customers to the partitions of those who share a household or account, or are at the other end."""
    keys, places = [], []
    for key in _SHARED:
        if key in links and tables.has("customers") and key in tables.columns("customers"):
            shared, customers = _hashed(tables, "customers", key, c.CUSTOMER_ID)
            owner, place = _Pairs.of([shared], [_home(customers, n)]).follow(shared)
            keys.append(customers[owner])
            places.append(place)
    if c.RELATED_ID in links and tables.has("relationships"):
        one, other = _hashed(tables, "relationships", c.CUSTOMER_ID, c.RELATED_ID)
        keys += [one, other]
        places += [_home(other, n), _home(one, n)]
    pairs = _Pairs.of(keys, places)
    elsewhere = pairs.places != _home(pairs.keys, n)
    return _Pairs(pairs.keys[elsewhere], pairs.places[elsewhere])


def _all_places(customers: np.ndarray, ways: dict[str, _Pairs], n: int) -> tuple[np.ndarray, np.ndarray]:
    found = _reached(customers, c.CUSTOMER_ID, ways, n)
    owner, place = (np.concatenate(part) for part in zip(*found, strict=True))
    return owner, place


def _home(hashes: np.ndarray, n: int) -> np.ndarray:
    return (hashes % np.uint64(n)).astype(np.int32)


def _hashed(tables: Any, name: str, *keys: str) -> list[np.ndarray]:
    table = tables.columns(name)
    return [key_hashes(table[key]) for key in keys]

"""Which partitions need a row: that of its customer, and those of customers that it says something about."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import numpy as np

from nbo import columns as c
from nbo.features.engines.hashes import MISSING
from nbo.features.engines.partition import key_hashes
from nbo.features.engines.ways import NO_KEYS, NO_PLACES, NOWHERE, Ways
from nbo.tables import CONTRACTS, TableColumns
from nbo.tables.stored_tables import pieces

__all__ = ["Routes"]

# Columns by which the rows of a table find customers, where that is not customer_id alone.
_KEYS: Final = {
    "environment": (c.CUSTOMER_ID, c.HOUSEHOLD_ID, c.POSTCODE),
    "identities": (c.ANONYMOUS_ID,),
    "relationships": (c.CUSTOMER_ID, c.RELATED_ID),
    "decisions": (c.CUSTOMER_ID, c.DECISION_ID),
    "outcomes": (c.DECISION_ID,),
}
_SEVERAL: Final = "decisions of several customers"
_PEOPLE: Final = (c.CUSTOMER_ID, c.ANONYMOUS_ID, c.RELATED_ID)
_SHARED: Final = (c.HOUSEHOLD_ID, c.ACCOUNT_ID)
_NO_ROWS = np.empty(0, dtype=np.int64)


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
    near, far : dict of str to Ways
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
    ([0, 1, 2], [1, 0, 0])
    >>> linked = Routes.of(tables, 2, links=["household_id"], linked_tables=["customers"])
    >>> rows, partitions = linked.places(tables.columns("customers"))
    >>> rows.tolist(), partitions.tolist()
    ([0, 0, 1, 2, 2], [0, 1, 0, 0, 1])
    """

    def __init__(self, n: int, near: dict[str, Ways], far: dict[str, Ways], linked_tables: Collection[str]) -> None:
        self.n, self._near, self._far, self.linked_tables = n, near, far, frozenset(linked_tables)

    @classmethod
    def of(
        cls,
        tables: Any,
        n: int,
        links: Collection[str] = (),
        linked_tables: Collection[str] = (),
        read: Collection[str] = tuple(CONTRACTS),
    ) -> Routes:
        """Find the routes.

        Parameters
        ----------
        tables : CustomerTables or StoredTables
            Only keys are read: of customers, identities, relationships and decisions.
        n : int
            Number of partitions.
        links : collection of str
            Of household_id, account_id and related_id.
        linked_tables : collection of str
            Tables that builders with links read.
        read : collection of str, optional
            Tables that any builder reads; all by default.

        Returns
        -------
        Routes
        """
        some = [name for name in read if tables.has(name)]
        near = _ways(tables, n, NOWHERE, some)
        far = _ways(tables, n, _linked(tables, n, links), some) if links else near
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
        ways = self._far if table.name in self.linked_tables else self._near
        keys = [key for key in self.keys(table.name) if key in table]
        if not keys:
            return np.repeat(np.arange(len(table)), self.n), np.tile(np.arange(self.n, dtype=np.int32), len(table))
        if table.name == "relationships" and ways is self._near:
            keys = keys[:1]
        if table.name == "decisions":
            return _once(_of_decisions(table, ways, self.n), self.n, len(table))
        reached = [pair for key in keys for pair in _reached(key_hashes(table[key]), key, ways, self.n)]
        return _once(reached, self.n, len(table))


def _of_decisions(table: TableColumns, ways: dict[str, Ways], n: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Pair decisions with partitions, so that all rows of a decision that stands twice are needed together."""
    customers = key_hashes(table[c.CUSTOMER_ID])
    reached = _reached(customers, c.CUSTOMER_ID, ways, n)
    lost = np.flatnonzero(customers == MISSING)
    if c.DECISION_ID in table and (len(lost) or len(ways[_SEVERAL].keys)):
        decisions = key_hashes(table[c.DECISION_ID])
        reached.append(ways[_SEVERAL].follow(decisions))
        rows, places = ways[c.DECISION_ID].follow(decisions[lost])
        reached.append((lost[rows], places))
    return reached


def _reached(hashes: np.ndarray, key: str, ways: dict[str, Ways], n: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Pair rows with the partitions that a key of theirs leads to; a missing one leads nowhere."""
    if key not in _PEOPLE:
        return [ways[key].follow(hashes)]
    rows, home = np.arange(len(hashes)), _home(hashes, n)
    some = hashes != MISSING
    return [(rows, home) if some.all() else (rows[some], home[some]), ways[c.CUSTOMER_ID].follow(hashes)]


def _once(reached: list[tuple[np.ndarray, np.ndarray]], n: int, n_rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Put pairs in the order of rows, each once."""
    rows, places = reached[0]
    more_rows, more_places = (np.concatenate(part) for part in zip(*reached[1:], (_NO_ROWS, NO_PLACES), strict=True))
    if len(more_rows):
        twice = np.zeros(n_rows, dtype=bool)
        twice[more_rows] = True
        apart = ~twice[rows]
        both = np.concatenate([rows[~apart], more_rows]) * n + np.concatenate([places[~apart], more_places])
        both.sort()
        few_rows, few_places = np.divmod(both[np.diff(both, prepend=-1) != 0], n)
        rows, places = np.append(rows[apart], few_rows), np.append(places[apart], few_places.astype(np.int32))
    if (rows[1:] < rows[:-1]).any():
        order = np.argsort(rows, kind="stable")
        rows, places = rows[order], places[order]
    return rows, places


def _ways(tables: Any, n: int, linked: Ways, read: Collection[str]) -> dict[str, Ways]:
    """Find the partitions that a key leads to, where linked customers' rows are needed in some already."""
    ways = {c.CUSTOMER_ID: linked, c.HOUSEHOLD_ID: NOWHERE, c.POSTCODE: NOWHERE, c.DECISION_ID: NOWHERE}
    if "identities" in read:
        visitors, customers = _hashed(tables, "identities", c.ANONYMOUS_ID, c.CUSTOMER_ID)
        owner, place = _all_places(customers, ways, n)
        ways[c.CUSTOMER_ID] = Ways.of([*linked.pairs, visitors[owner], place])
    if "environment" in read:
        for key in (c.HOUSEHOLD_ID, c.POSTCODE):
            if key in tables.columns("environment"):
                ways[key] = _through(tables, "customers", key, ways, n)
    if "outcomes" in read:
        ways[c.DECISION_ID] = _through(tables, "decisions", c.DECISION_ID, ways, n)
    ways[_SEVERAL] = ways[c.DECISION_ID].several()
    return ways


def _through(tables: Any, table: str, key: str, ways: dict[str, Ways], n: int) -> Ways:
    """Lead a key to the partitions that need the customers who have it in a table."""
    if not tables.has(table) or key not in tables.columns(table):
        return NOWHERE
    keys, customers = _hashed(tables, table, key, c.CUSTOMER_ID)
    owner, place = _all_places(customers, ways, n)
    return Ways.of([keys[owner], place])


def _linked(tables: Any, n: int, links: Collection[str]) -> Ways:
    """Lead customers to the partitions of those who share a household or account, or are at the other end."""
    pairs = []
    for key in _SHARED:
        if key in links and tables.has("customers") and key in tables.columns("customers"):
            shared, customers = _hashed(tables, "customers", key, c.CUSTOMER_ID)
            owner, place = Ways.of([shared, _home(customers, n)]).follow(shared)
            pairs += [customers[owner], place]
    if c.RELATED_ID in links and tables.has("relationships"):
        one, other = _hashed(tables, "relationships", c.CUSTOMER_ID, c.RELATED_ID)
        pairs += [one, _home(other, n), other, _home(one, n)]
    keys, places = Ways.of(pairs).pairs
    elsewhere = places != _home(keys, n)
    return Ways.of([keys[elsewhere], places[elsewhere]])


def _all_places(customers: np.ndarray, ways: dict[str, Ways], n: int) -> tuple[np.ndarray, np.ndarray]:
    found = _reached(customers, c.CUSTOMER_ID, ways, n)
    owner, place = (np.concatenate(part) for part in zip(*found, strict=True))
    return owner, place


def _home(hashes: np.ndarray, n: int) -> np.ndarray:
    return (hashes % np.uint64(n)).astype(np.int32)


def _hashed(tables: Any, name: str, *keys: str) -> list[np.ndarray]:
    """Hash columns of keys, a bounded number of rows at a time where tables stay on disk."""
    hashes = [[key_hashes(piece[key]) for key in keys] for piece in pieces(tables, name, keys)]
    return [np.concatenate(parts) for parts in zip(*hashes, strict=True)] or [NO_KEYS] * len(keys)

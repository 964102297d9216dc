"""Where the rows of each customer stand, found once, so that a card reads no whole table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.errors import InputError
from nbo.features.moments import moments
from nbo.tables import CONTRACTS, CustomerTables, TableColumns
from nbo.views.cut import Cut
from nbo.views.places import Places

__all__ = ["CustomerIndex", "customer_index"]

# What a card looks rows up by, beside the customer's id.
_OTHER_KEYS = {
    "customers": (c.HOUSEHOLD_ID, c.ACCOUNT_ID),
    "environment": (c.HOUSEHOLD_ID, c.POSTCODE),
    "relationships": (c.RELATED_ID,),
    "outcomes": (c.DECISION_ID,),
}
# Rows from which on categories are numbered, and the most different ones.
_LONG, _FEW = 10_000, 1_000


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
        self._places: dict[tuple[str, str], Places] = {}
        self._known_from: dict[str, np.ndarray] = {}
        self._none: dict[str, pd.DataFrame] = {}
        # Columns of the tables, so that no card has to look for them again.
        self._arrays: dict[str, dict[str, Any]] = {name: {} for name in tables.names}
        for name in tables.names:
            frame = tables.get(name)
            self._none[name] = frame.iloc[:0]
            self._arrays[name].update(_few_texts(frame, name))
            known_from = _known_from(frame, name)
            if known_from is not None:
                self._known_from[name] = known_from
            for key in (c.CUSTOMER_ID, *_OTHER_KEYS.get(name, ())):
                if key in frame:
                    self._places[name, key] = Places(frame[key])

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
        return self._taken(name, self._positions(name, wanted))

    def known_rows(
        self, name: str, wanted: Mapping[str, Sequence[Any]], as_of: pd.Timestamp
    ) -> tuple[pd.DataFrame, bool]:
        """Give those of these rows that happened and were known before a moment.

        Parameters
        ----------
        name, wanted
            As for :meth:`rows`.
        as_of : Timestamp
            Excluded.

        Returns
        -------
        rows : DataFrame
        known : bool
            False where the table has rows of which that cannot be said; then all are given.
        """
        places, known = self._known_places(name, wanted, as_of)
        return self._taken(name, places), known

    def known_cut(self, name: str, wanted: Mapping[str, Sequence[Any]], as_of: pd.Timestamp) -> tuple[Cut, bool]:
        """Give the rows of :meth:`known_rows`, of which a column is taken only when it is asked for.

        Parameters
        ----------
        name, wanted, as_of
            As there; the table is there.

        Returns
        -------
        rows : Cut
        known : bool
            As there.
        """
        places, known = self._known_places(name, wanted, as_of)
        return Cut(self.tables.get(name), name, places, self._arrays[name]), known

    def _known_places(
        self, name: str, wanted: Mapping[str, Sequence[Any]], as_of: pd.Timestamp
    ) -> tuple[np.ndarray, bool]:
        places = self._positions(name, wanted)
        if name not in self._known_from:
            return places, not len(places)
        moment = np.datetime64(as_of, "us").astype(np.int64)
        return places[self._known_from[name][places] < moment], True

    def _positions(self, name: str, wanted: Mapping[str, Sequence[Any]]) -> np.ndarray:
        found = [self._places[name, key].of(keys) for key, keys in wanted.items() if (name, key) in self._places]
        # Those of one key are in order already.
        one = len(found) == 1 and all(len(keys) == 1 for keys in wanted.values())
        return found[0] if one else np.unique(np.concatenate([np.empty(0, np.int64), *found]))

    def _taken(self, name: str, places: np.ndarray) -> pd.DataFrame:
        if len(places):
            return self.tables.get(name).take(places)
        # A table that is not there has no rows either.
        return self._none[name] if name in self._none else self.tables.get(name)


def _few_texts(frame: pd.DataFrame, name: str) -> dict[str, Any]:
    """Give numbers to the categories of long columns that have few: those of some rows are then found much faster."""
    if len(frame) < _LONG:
        return {}
    texts = {
        column.name: frame[column.name].array
        for column in CONTRACTS[name].columns
        if (column.kind == "category" or column.name == c.PRODUCT_ID) and column.name in frame
    }
    coded = {key: pd.Categorical(array) for key, array in texts.items() if array.dtype == "str"}
    return {key: array for key, array in coded.items() if len(array.categories) <= _FEW}


def _known_from(frame: pd.DataFrame, name: str) -> np.ndarray | None:
    """Say from when each row counts; None where that cannot be said of every row."""
    if CONTRACTS[name].time is None:
        return None
    try:
        happened, known = moments(TableColumns.of(frame, name))
    except InputError:
        # Only who asks for a wrong row is to be told.
        return None
    return np.maximum(happened, known)


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

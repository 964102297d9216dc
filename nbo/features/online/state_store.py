"""All rows of a state: what is refused leaves nothing behind."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_one_of
from nbo.errors import InputError
from nbo.features.online.state_keys import KeyKinds, Numbering
from nbo.features.online.state_retention import Retention
from nbo.features.online.state_rows import StateRows
from nbo.features.online.state_table import StateTable
from nbo.tables import CONTRACTS

__all__ = ["StateStore"]

# Columns that hold the same keys share a numbering.
_PEOPLE = (c.CUSTOMER_ID, c.RELATED_ID, c.ANONYMOUS_ID)
_OTHERS = (c.HOUSEHOLD_ID, c.ACCOUNT_ID, c.POSTCODE, c.DECISION_ID)


class StateStore:
    """All rows of a state: what is refused leaves nothing behind.

    Parameters
    ----------
    links : collection of str
        Keys by which rows of other customers are found.
    retention : Retention, optional
        Says which rows to forget.

    Attributes
    ----------
    tables : dict of str to StateTable
    """

    def __init__(self, links: Collection[str], retention: Retention | None) -> None:
        self.tables: dict[str, StateTable] = {}
        self._links, self._retention = links, retention
        self._people = Numbering()
        self._numberings = dict.fromkeys(_PEOPLE, self._people) | {key: Numbering() for key in _OTHERS}

    def add(self, table: str, row: dict[str, Any]) -> None:
        """Add one row."""
        known = self.tables.get(table)
        cells = None if known is None else known.cells(row)
        if known is None or cells is None:
            self.add_frames({table: pd.DataFrame({name: [value] for name, value in row.items()})})
            return
        known.append(cells)
        if self._retention is not None:
            self._retention.added(1, self.tables)

    def replace(self, table: str, row: dict[str, Any]) -> None:
        """Add one row in the place of the one with its unique key."""
        check_one_of(table, [name for name, contract in CONTRACTS.items() if contract.unique], "table")
        self.add(table, row)
        self.tables[table].replace_by_last()

    def add_frames(self, frames: Mapping[str, Any]) -> None:
        """Add rows of several tables, all or none."""
        kinds, targets, staged = KeyKinds(), {}, []
        for name, frame in frames.items():
            check_one_of(name, list(CONTRACTS), "table")
            targets[name] = self.tables.get(name) or StateTable(name, self._numberings, self._links)
            staged.append(targets[name].staged(frame, kinds))
        for add in staged:
            add()
        self.tables |= targets
        if self._retention is not None:
            self._retention.added(sum(map(len, frames.values())), self.tables)

    def rows_for(self, ids: pd.Series) -> StateRows:
        """Give the rows that the features of customers may need."""
        for table in self.tables.values():
            table.settle()
        return StateRows(self.tables, {self._people[id_] for id_ in ids if id_ in self._people})

    def checked_ids(self, customers: Sequence[Any]) -> pd.Series:
        """Take customer ids.

        Parameters
        ----------
        customers : sequence of str or of int

        Returns
        -------
        Series

        Raises
        ------
        InputError
            If one is missing, or of another kind than those of the rows.
        """
        if isinstance(customers, str):
            raise InputError(f"customers must be a sequence of ids, not one text; use [{customers!r}].")
        ids = list(customers)
        whole = bool(ids) and not isinstance(ids[0], str) if self._people.whole is None else self._people.whole
        kind: Any = (int, np.integer) if whole else str
        wrong = [id_ for id_ in ids if not isinstance(id_, kind) or isinstance(id_, bool)]
        if wrong:
            words = "whole numbers" if whole else "texts"
            raise InputError(f"customers must be {words}, as customer_id is; {len(wrong)} are not, first {wrong[0]!r}.")
        return pd.Series(ids, dtype="int64" if whole else "str")

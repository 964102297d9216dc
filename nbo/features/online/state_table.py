"""The rows of one table of a state, and where those of each customer are."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns, check_frame, check_rows
from nbo.errors import InputError
from nbo.features.online.state_cells import Cells, new_cells
from nbo.features.online.state_keys import KeyKinds, Numbering
from nbo.tables import CONTRACTS
from nbo.tables.schema import Column
from nbo.tables.typed import typed_column, untypable

__all__ = ["StateTable"]

# Kinds of columns in contracts, and kinds of values in others -> kinds of cells.
_KINDS: Final = {
    **{"time": "times", "number": "numbers", "flag": "flags", "key": "keys", "list": "keys"},
    **{"datetime64": "times", "datetime": "times", "date": "times", "boolean": "flags", "string": "keys"},
    **dict.fromkeys(("integer", "floating", "mixed-integer-float", "decimal"), "numbers"),
}
# By which keys the rows of a table are found, where that is not the customer alone.
_FOUND_BY: Final = {
    "environment": (c.CUSTOMER_ID, c.HOUSEHOLD_ID, c.POSTCODE),
    "identities": (c.CUSTOMER_ID, c.ANONYMOUS_ID),
    "outcomes": (c.DECISION_ID,),
}
# Rows that come one by one are put to the others so many at a time.
_FRESH: Final = 1024
# A row about a customer is about nobody else of the household or postcode.
_FIRST_ONLY: Final = ("environment",)
_LINKS: Final = {"customers": (c.HOUSEHOLD_ID, c.ACCOUNT_ID), "relationships": (c.RELATED_ID,)}


class StateTable:
    """The rows of one table of a state, and where those of each customer are.

    Parameters
    ----------
    name : str
        One of the tables with a contract.
    numberings : mapping of str to Numbering
        Of the key columns that several tables share.
    links : collection of str
        Keys by which rows of other customers are found.

    Attributes
    ----------
    columns : dict of str to Cells
    """

    def __init__(self, name: str, numberings: Mapping[str, Numbering], links: Collection[str] = ()) -> None:
        self.name, self.contract, self._numberings = name, CONTRACTS[name], numberings
        self.columns: dict[str, Cells] = {}
        self.n_rows = 0
        self._fresh: list[list[Any]] = []
        self._first_only = name in _FIRST_ONLY
        own = (c.CUSTOMER_ID,) if self.contract.column(c.CUSTOMER_ID) else ()
        self.found_by = _FOUND_BY.get(name, own) + tuple(key for key in _LINKS.get(name, ()) if key in links)
        self._places: dict[str, dict[int, array[int]]] = {key: {} for key in self.found_by}
        self._unique: list[str] = []
        self._by_identity: dict[tuple[Any, ...], int] = {}
        self._n_identified = 0
        self._prepare()

    def __len__(self) -> int:
        return self.n_rows + len(self._fresh)

    def cells(self, row: Mapping[str, Any]) -> list[Any] | None:
        """Take one row of plain values; None for one to be looked at more closely."""
        if not row or not row.keys() <= self.columns.keys():
            return None
        given = row.get
        try:
            cells = [cell(given(name)) for name, cell in self._quick]
        except (TypeError, ValueError, OverflowError):
            return None
        for position, missing in self._required:
            if cells[position] == missing:
                return None
        return cells

    def append(self, cells: list[Any]) -> None:
        """Add a row that `cells` took."""
        self._fresh.append(cells)
        if len(self._fresh) == _FRESH:
            self.settle()

    def settle(self) -> None:
        """Put the rows that came one by one to the others; needed before any row is read."""
        if self._fresh:
            fresh, self._fresh = self._fresh, []
            columns = zip(self.columns.items(), zip(*fresh, strict=True), strict=True)
            self._extend(
                {name: np.array(cells, dtype=column.typecode) for (name, column), cells in columns}, len(fresh)
            )

    def staged(self, frame: Any, kinds: KeyKinds) -> Callable[[], None]:
        """Check rows; the result adds them, once all else is checked too.

        Parameters
        ----------
        frame : DataFrame
        kinds : KeyKinds

        Returns
        -------
        callable

        Raises
        ------
        InputError
            If a column or a value is not allowed.
        """
        self.settle()
        frame = check_frame(frame, self.name).rename(columns=str)
        check_columns(frame, [*self.contract.required, *frame.columns], self.name)
        if self.contract.any_of and not frame.columns.isin(self.contract.any_of).any():
            raise InputError(f"{self.name} must have one of the columns {', '.join(self.contract.any_of)}.")
        columns: dict[str, Cells] = {}
        staged: dict[str, Callable[[], np.ndarray]] = {}
        for name in frame.columns:
            columns[name] = self._column(name, frame[name])
            staged[name] = self._staged(columns[name], frame[name], name, kinds)
        n_rows = len(frame)

        def add() -> None:
            self.columns |= columns
            self._extend({name: cells() for name, cells in staged.items()}, n_rows)
            self._prepare()

        return add

    def _column(self, name: str, values: pd.Series) -> Cells:
        """Give the column for values, a new one if need be."""
        kind = _kind(values, self.contract.column(name), f"{self.name}.{name}")
        new = new_cells(kind or "keys", self.n_rows, self._numberings.get(name))
        before = self.columns.get(name, new)
        if before.is_open and kind is not None:
            return new
        if kind is not None and not isinstance(new, type(before)):
            check_rows(values.notna().to_numpy(), values, f"{self.name}.{name}", f"{before.words}, as it was before")
        return before

    def _staged(self, cells: Cells, values: pd.Series, name: str, kinds: KeyKinds) -> Callable[[], np.ndarray]:
        known, what = self.contract.column(name), f"{self.name}.{name}"
        if known is not None:
            if known.required:
                check_rows(values.isna().to_numpy(), values, what, "there in every row")
            if known.kind == "list":
                values = values.map(str, na_action="ignore")
            elif known.kind in ("flag", "key"):
                check_rows(untypable(values, known).to_numpy(), values, what, known.allowed)
            values = typed_column(values, known, self.name)
        return cells.staged(values.reset_index(drop=True), what, kinds)

    def _extend(self, cells: dict[str, np.ndarray], n_rows: int) -> None:
        for name, column in self.columns.items():
            column.extend(cells[name] if name in cells else np.full(n_rows, column.missing))
        self._place_all({key: cells[key] for key in self.found_by if key in cells}, self.n_rows)
        self.n_rows += n_rows

    def _place_all(self, keys: dict[str, np.ndarray], first: int) -> None:
        """Note where the rows from `first` on are."""
        taken: np.ndarray | None = None
        for key, codes in keys.items():
            if self._first_only:
                codes = codes if taken is None else np.where(taken, -1, codes)
                taken = codes >= 0 if taken is None else taken | (codes >= 0)
            places = self._places[key]
            for row, code in enumerate(codes.tolist(), first):
                if code in places:
                    places[code].append(row)
                elif code >= 0:
                    places[code] = array("I", (row,))

    def replace_by_last(self) -> None:
        """Let the row added last take the place of the one that has its unique key, if there is one."""
        self.settle()
        last = self.n_rows - 1
        before = self._identities(last).get(self._identity(last))
        if before is None:
            return
        columns = list(self.columns.values())
        for row in (last, before):
            for places, code in self._found([column.values[row] for column in columns]):
                places[code].remove(row)
        cells = [column.values.pop() for column in columns]
        for column, cell in zip(columns, cells, strict=True):
            column.values[before] = cell
        for places, code in self._found(cells):
            places.setdefault(code, array("I")).append(before)
        self.n_rows = last

    def _found(self, cells: Sequence[Any]) -> list[tuple[dict[int, array[int]], int]]:
        """Give by which keys a row is found."""
        names = list(self.columns)
        keys = [(self._places[key], cells[names.index(key)]) for key in self.found_by if key in names]
        return [(places, code) for places, code in keys if code >= 0][: 1 if self._first_only else None]

    def _identity(self, row: int) -> tuple[Any, ...]:
        return tuple(self.columns[name].values[row] for name in self._unique)

    def _identities(self, n_rows: int) -> dict[tuple[Any, ...], int]:
        """Give the row of each unique key, among the first rows; kept from the first time that it is needed."""
        for row in range(self._n_identified, n_rows):
            self._by_identity[self._identity(row)] = row
        self._n_identified = n_rows
        return self._by_identity

    def rows(self, key: str, codes: Sequence[int]) -> np.ndarray:
        """Find the rows that have some keys; all of them where the table has no keys."""
        if not self.found_by:
            return np.arange(self.n_rows)
        places = self._places[key]
        found = [np.asarray(places[code]) for code in codes if code in places]
        if len(found) == 1:
            return found[0].astype(np.int64)
        return np.concatenate([*found, np.empty(0, dtype=np.int64)]).astype(np.int64)

    def taken(self, name: str, rows: np.ndarray) -> list[int]:
        """Give the different numbers of the keys that rows have."""
        if name not in self.columns:
            return []
        codes = np.unique(self.columns[name].take(rows))
        return codes[codes >= 0].tolist()

    def frame(self) -> pd.DataFrame:
        """Give all rows as a frame."""
        self.settle()
        everything = np.arange(self.n_rows)
        return pd.DataFrame({name: column.series(column.take(everything)) for name, column in self.columns.items()})

    def keep(self, rows: np.ndarray) -> None:
        """Let go of all other rows."""
        for column in self.columns.values():
            column.keep(rows)
        self.n_rows = len(rows)
        self._places = {key: {} for key in self.found_by}
        keys = {key: np.asarray(self.columns[key].values).copy() for key in self.found_by if key in self.columns}
        self._place_all(keys, 0)
        self._by_identity, self._n_identified = {}, 0

    def _prepare(self) -> None:
        """Look up once what every row that is added needs."""
        names = list(self.columns)
        self._quick = [(name, column.quick) for name, column in self.columns.items()]
        required = [name for name in self.contract.required if name in self.columns]
        self._required = [(names.index(name), self.columns[name].missing) for name in required]
        unique = [name for name in self.contract.unique if name in self.columns]
        if unique != self._unique:
            self._unique, self._by_identity, self._n_identified = unique, {}, 0


def _kind(values: pd.Series, known: Column | None, what: str) -> str | None:
    """Say what a column holds; None if nobody can tell, for it holds nothing."""
    if known is not None and known.kind in _KINDS:
        return _KINDS[known.kind]
    plain = values.cat.categories.to_series() if isinstance(values.dtype, pd.CategoricalDtype) else values
    kind = pd.api.types.infer_dtype(plain, skipna=True)
    if kind == "empty" or not values.notna().any():
        return None
    if kind not in _KINDS:
        raise InputError(f"{what} must hold texts, numbers, times, or true and false, one of them; it holds {kind}.")
    return _KINDS[kind]

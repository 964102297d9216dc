"""Some rows of a state's table, as calculations read them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbo.features.online.state_table import StateTable
from nbo.tables import CONTRACTS, TableColumns
from nbo.tables.codes import Codes
from nbo.tables.plain_values import MISSING_TIME

__all__ = ["StateColumns"]


class StateColumns(TableColumns):
    """Some rows of a state's table, as calculations read them; a column that never came is missing in all.

    Parameters
    ----------
    table : StateTable
    rows : ndarray of int, shape (n,)
    """

    def __init__(self, table: StateTable, rows: np.ndarray) -> None:
        super().__init__(table.name, list(table.columns), len(rows), self._series)
        self._table, self._rows = table, rows

    def __getitem__(self, name: str) -> pd.Series:
        return self._series(name)

    def _series(self, name: str) -> pd.Series:
        column = self._table.columns.get(name)
        if column is None:
            return pd.Series(pd.NA, index=range(len(self)), dtype="str")
        return column.series(column.take(self._rows))

    def numbers(self, name: str) -> np.ndarray:  # noqa: D102
        column = self._table.columns.get(name)
        if column is None:
            return np.full(len(self), np.nan)
        found = column.numbers(column.take(self._rows))
        return super().numbers(name) if found is None else found

    def times(self, name: str) -> np.ndarray:  # noqa: D102
        column = self._table.columns.get(name)
        if column is None:
            return np.full(len(self), MISSING_TIME)
        found = column.times(column.take(self._rows))
        return super().times(name) if found is None else found

    def found_among(self, name: str, asked: pd.Index | pd.Series) -> np.ndarray:  # noqa: D102
        column = self._table.columns.get(name)
        if column is None:
            return np.full(len(self), -1, dtype=np.int32)
        numbers = column.numbers_of(asked.tolist())
        if numbers is None:
            return super().found_among(name, asked)
        cells = column.take(self._rows)
        if len(numbers) == 1:
            return np.where(cells == numbers[0], np.int32(0), np.int32(-1))
        order = np.argsort(numbers)
        place = np.searchsorted(numbers[order], cells)
        position = np.append(order, -1)[place].astype(np.int32)
        return np.where(np.append(numbers, -1)[position] == cells, position, np.int32(-1))

    def _coded(self, name: str) -> Codes:
        known, column = CONTRACTS[self.name].column(name), self._table.columns.get(name)
        codes = Codes(np.full(len(self), -1), []) if column is None else column.codes(column.take(self._rows))
        return codes.filled(known.missing) if known is not None and known.missing else codes

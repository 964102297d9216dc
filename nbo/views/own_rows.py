"""The rows of one table on one customer, in order of time."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from nbo.tables import CONTRACTS
from nbo.tables.plain_values import MISSING_TIME, microseconds
from nbo.views.cut import Cut
from nbo.views.formats import plain

__all__ = ["OwnRows", "moment", "newest"]

# Of so few values, a table of keys takes longer to make than to read them one by one.
_FEW = 64


class OwnRows:
    """The rows of one table on one customer, in order of time; a column that is not there is missing in every row.

    Parameters
    ----------
    cut : Cut or None
        The rows in the order of the table; None where there is no table.
    name : str
        The table.

    Examples
    --------
    >>> times = pd.to_datetime(["2026-02-01", "2026-01-01"]).astype("datetime64[us]")
    >>> rows = OwnRows(Cut(pd.DataFrame({"event_time": times, "amount": [1.0, 2.0]}), "transactions"), "transactions")
    >>> rows.numbers("amount").tolist(), rows.lines(["amount", "status"], np.array([1]))
    ([2.0, 1.0], [{'amount': 1.0}])
    """

    def __init__(self, cut: Cut | None, name: str) -> None:
        self._cut, self._name = cut, name
        self._numbered: dict[str, tuple[np.ndarray, list[Any]]] = {}

    def __len__(self) -> int:
        return 0 if self._cut is None else len(self._cut)

    def __contains__(self, column: object) -> bool:
        return self._cut is not None and column in self._cut.names

    @cached_property
    def _times(self) -> tuple[np.ndarray, np.ndarray | None]:
        """When the rows happened, in order, and that order; None where it is that of the table."""
        times = self._read_times(str(CONTRACTS[self._name].time))
        if len(times) < 2 or (times[1:] >= times[:-1]).all():
            return times, None
        order = np.argsort(times, kind="stable")
        return times[order], order

    @property
    def times(self) -> np.ndarray:
        """When each row happened, microseconds of UTC, ndarray of int64, shape (n,); `MISSING_TIME` comes first."""
        return self._times[0]

    def moments(self, column: str) -> np.ndarray:
        """Give a column of times as microseconds of UTC, `MISSING_TIME` where missing."""
        return self._ordered(self._read_times(column))

    def numbers(self, column: str) -> np.ndarray:
        """Give a column as floats, NaN where missing."""
        if column not in self or self._cut is None:
            return np.full(len(self), np.nan)
        return self._ordered(self._cut.array(column).to_numpy(dtype=float, na_value=np.nan))

    def there(self, column: str) -> np.ndarray:
        """Mark the rows in which a column is not missing."""
        if column not in self or self._cut is None:
            return np.zeros(len(self), dtype=bool)
        return self._ordered(~np.asarray(self._cut.array(column).isna(), dtype=bool))

    def codes(self, column: str) -> tuple[np.ndarray, list[Any]]:
        """Give the different values of a column numbers.

        Parameters
        ----------
        column : str

        Returns
        -------
        codes : ndarray of int, shape (n,)
            -1 where missing.
        values : list
            What each number stands for.
        """
        if column not in self or self._cut is None:
            return np.full(len(self), -1), []
        if column not in self._numbered:
            codes, values = _numbered(self._cut.array(column))
            self._numbered[column] = self._ordered(codes), values
        return self._numbered[column]

    def among(self, column: str, values: Sequence[Any], missing: bool = False) -> np.ndarray:
        """Mark the rows in which a column holds one of some values.

        Parameters
        ----------
        column : str
        values : sequence
        missing : bool, default=False
            Whether a missing value counts as one of them.

        Returns
        -------
        ndarray of bool, shape (n,)
        """
        codes, different = self.codes(column)
        return np.array([*(value in values for value in different), missing], dtype=bool)[codes]

    def cells(self, column: str, places: np.ndarray) -> list[Any]:
        """Give a column of some rows as plain values, None where missing.

        Parameters
        ----------
        column : str
        places : ndarray of int
            In the order of time.

        Returns
        -------
        list
        """
        if column not in self or self._cut is None:
            return [None] * len(places)
        order = self._order
        return [plain(value) for value in self._cut.some(column, places if order is None else order[places])]

    def lines(self, columns: Sequence[str], places: np.ndarray) -> list[dict[str, Any]]:
        """Give some rows as dicts of what is there.

        Parameters
        ----------
        columns : sequence of str
        places : ndarray of int
            In the order of time.

        Returns
        -------
        list of dict
            Missing values are left out.
        """
        there = [column for column in columns if column in self]
        # Column by column: a frame's own way to records takes many times as long.
        cells = [self.cells(column, places) for column in there]
        return [
            {column: entry for column, own in zip(there, cells, strict=True) if (entry := own[at]) is not None}
            for at in range(len(places))
        ]

    @property
    def _order(self) -> np.ndarray | None:
        return None if CONTRACTS[self._name].time is None else self._times[1]

    def _ordered(self, values: np.ndarray) -> np.ndarray:
        order = self._order
        return values if order is None else values[order]

    def _read_times(self, column: str) -> np.ndarray:
        if column not in self or self._cut is None:
            return np.full(len(self), MISSING_TIME)
        return microseconds(self._cut.series(column), f"{self._name}.{column}")


def moment(time: int) -> pd.Timestamp | None:
    """Give microseconds of UTC as a moment; None where it is missing."""
    return None if time == MISSING_TIME else pd.Timestamp(np.datetime64(int(time), "us"))


def newest(times: np.ndarray) -> pd.Timestamp | None:
    """Give the last of some moments; None if there is none.

    Parameters
    ----------
    times : ndarray of int64
        Microseconds of UTC.

    Returns
    -------
    Timestamp or None
    """
    return moment(times.max()) if len(times) else None


def _numbered(values: Any) -> tuple[np.ndarray, list[Any]]:
    if len(values) > _FEW:
        codes, different = pd.factorize(values)
        return codes, list(different)
    numbers: dict[Any, int] = {}
    codes = [-1 if pd.isna(value) else numbers.setdefault(value, len(numbers)) for value in values.tolist()]
    return np.array(codes, dtype=np.int64), list(numbers)

"""Rows with their equals merged: each different history once, with its weight."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

__all__ = ["Collapsed", "collapse"]

_FEW = 20_000
_MOST = 2**62
# Times are often days, weeks of days, or months of days; money is often in cents.
_PER_UNIT = (1.0, 7.0, 365.25 / 12, 100.0)


class _OnDemand(dict[str, np.ndarray]):
    """Arrays by name, each computed when it is first asked for."""

    def __init__(self, compute: Callable[[str], np.ndarray]) -> None:
        super().__init__()
        self._compute = compute

    def __missing__(self, name: str) -> np.ndarray:
        self[name] = self._compute(name)
        return self[name]


@dataclass(frozen=True)
class Collapsed:
    """Different rows in rising order, and which of them each given row is.

    Parameters
    ----------
    columns : dict of str to ndarray of shape (m,)
        The different rows.
    levels : mapping of str to ndarray
        The different values of each column, rising; found when they are asked for.
    codes : mapping of str to ndarray of int, shape (m,)
        Which of its levels each value is.
    weight : ndarray of shape (m,)
        Total weight of each row.
    inverse : ndarray of int, shape (n,)
        Which of the m rows each given row is.
    """

    columns: dict[str, np.ndarray]
    levels: Mapping[str, np.ndarray]
    codes: Mapping[str, np.ndarray]
    weight: np.ndarray
    inverse: np.ndarray

    def __len__(self) -> int:
        return len(self.weight)

    def __getitem__(self, name: str) -> np.ndarray:
        return self.columns[name]

    def matrix(self, names: Sequence[str]) -> np.ndarray:
        """Put columns side by side.

        Parameters
        ----------
        names : sequence of str

        Returns
        -------
        ndarray of shape (m, len(names))
        """
        return np.column_stack([self.columns[name] for name in names]) if names else np.empty((len(self), 0))

    def part(self, rows: slice | np.ndarray) -> Collapsed:
        """Take some of the different rows; no given row belongs to them."""
        columns = {name: values[rows] for name, values in self.columns.items()}
        codes = _OnDemand(lambda name: self.codes[name][rows])
        return Collapsed(columns, self.levels, codes, self.weight[rows], np.empty(0, dtype=np.int64))

    def total(self, name: str) -> float:
        """Sum a column over all given rows, weighted."""
        return float((self.weight * self.columns[name]).sum())


def collapse(columns: Mapping[str, np.ndarray], weight: np.ndarray | None = None) -> Collapsed:
    """Merge equal rows.

    Parameters
    ----------
    columns : dict of str to ndarray of shape (n,)
        Finite numbers.
    weight : ndarray of shape (n,), optional
        By default 1 for each row.

    Returns
    -------
    Collapsed
        It does not depend on the order of the rows.

    Examples
    --------
    >>> merged = collapse({"x": np.array([2.0, 0.0, 2.0]), "T": np.array([9.0, 5.0, 9.0])})
    >>> merged["x"].tolist(), merged.weight.tolist(), merged.inverse.tolist()
    ([0.0, 2.0], [1.0, 2.0], [1, 0, 1])
    """
    packed, size = np.zeros(0, dtype=np.int64), 0
    for values in columns.values():
        place, span = _places(values)
        if size * span > _MOST:
            (packed, size), (place, span) = _compact(packed), _compact(place)
        packed = packed * span + place if size else place
        size = max(size, 1) * span
    inverse, different = _numbered(packed)
    n_rows = len(different)
    # Any of the rows that are equal stands for all of them.
    member = np.zeros(n_rows, dtype=np.int64)
    member[inverse] = np.arange(len(inverse))
    rows = {name: values[member] for name, values in columns.items()}
    codes = _OnDemand(lambda name: _numbered(_places(rows[name])[0])[0])
    levels = _OnDemand(lambda name: _levels(rows[name], codes[name]))
    total = np.bincount(inverse, weights=weight, minlength=n_rows).astype(float)
    return Collapsed(rows, levels, codes, total, inverse)


def _levels(values: np.ndarray, codes: np.ndarray) -> np.ndarray:
    levels = np.empty(int(codes.max(initial=-1)) + 1, dtype=values.dtype)
    levels[codes] = values
    return levels


def _places(values: np.ndarray) -> tuple[np.ndarray, int]:
    """Give whole numbers in the order of the values, equal where they are, and how many may be needed."""
    whole = _whole(values)
    if whole is None:
        return _compact(values)
    low = whole.min()
    return whole - low, int(whole.max() - low) + 1


def _compact(values: np.ndarray) -> tuple[np.ndarray, int]:
    codes, levels = _numbered(values)
    return codes, len(levels)


def _whole(values: np.ndarray) -> np.ndarray | None:
    """Give values on a grid as whole numbers."""
    if not len(values) or max(-values.min(), values.max()) > 1e12:
        return None
    for per in _PER_UNIT:
        first = values[:1000] * per
        if (np.rint(first) / per == values[:1000]).all():
            whole = np.rint(values * per if per != 1 else values)
            if (whole / per == values if per != 1 else whole == values).all():
                return whole.astype(np.int64)
    return None


def _numbered(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give each value the number of its level, and the levels in rising order."""
    if values.dtype.kind == "i" and len(values):
        low = values.min()
        span = int(values.max() - low) + 1
        if span <= 4 * len(values):
            # A table of all whole numbers in between is faster than a hash.
            place = values - low
            there = np.zeros(span, dtype=bool)
            there[place] = True
            number = np.cumsum(there, dtype=np.int32) - 1
            return number[place].astype(np.int64), np.flatnonzero(there) + low
    if len(values) < _FEW:
        levels, codes = np.unique(values, return_inverse=True)
        return codes, levels
    codes, levels = pd.factorize(values, sort=True)
    return codes.astype(np.int64, copy=False), np.asarray(levels)

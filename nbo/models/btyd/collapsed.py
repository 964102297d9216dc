"""Rows with their equals merged: each different history once, with its weight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

__all__ = ["Collapsed", "collapse"]

_FEW = 20_000


@dataclass(frozen=True)
class Collapsed:
    """Different rows in rising order, and which of them each given row is.

    Parameters
    ----------
    columns : dict of str to ndarray of shape (m,)
        The different rows.
    levels : dict of str to ndarray
        The different values of each column, rising.
    codes : dict of str to ndarray of int, shape (m,)
        Which of its levels each value is.
    weight : ndarray of shape (m,)
        Total weight of each row.
    inverse : ndarray of int, shape (n,)
        Which of the m rows each given row is.
    """

    columns: dict[str, np.ndarray]
    levels: dict[str, np.ndarray]
    codes: dict[str, np.ndarray]
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

    def part(self, rows: slice) -> Collapsed:
        """Take some of the different rows; no given row belongs to them."""
        columns, codes = ({name: values[rows] for name, values in each.items()} for each in (self.columns, self.codes))
        return Collapsed(columns, self.levels, codes, self.weight[rows], np.empty(0, dtype=np.int64))

    def total(self, name: str) -> float:
        """Sum a column over all given rows, weighted."""
        return float(self.weight @ self.columns[name])


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
    packed: np.ndarray | None = None
    size = 1
    levels: dict[str, np.ndarray] = {}
    of_row: dict[str, np.ndarray] = {}
    for name, values in columns.items():
        of_row[name], levels[name] = _numbered(values)
        n_levels = max(len(levels[name]), 1)
        if packed is None:
            packed = of_row[name]
        else:
            if size > np.iinfo(np.int64).max // n_levels:
                packed, different = _numbered(packed)
                size = len(different)
            packed = packed * n_levels + of_row[name]
        size *= n_levels
    inverse, _ = _numbered(np.zeros(0, dtype=np.int64) if packed is None else packed)
    n_rows = int(inverse.max(initial=-1)) + 1
    # Any of the rows that are equal stands for all of them.
    member = np.zeros(n_rows, dtype=np.int64)
    member[inverse] = np.arange(len(inverse))
    codes = {name: of_row[name][member] for name in of_row}
    different_rows = {name: levels[name][codes[name]] for name in codes}
    total = np.bincount(inverse, weights=weight, minlength=n_rows).astype(float)
    return Collapsed(different_rows, levels, codes, total, inverse)


def _numbered(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give each value the number of its level, and the levels in rising order."""
    if len(values) < _FEW:
        levels, codes = np.unique(values, return_inverse=True)
        return codes, levels
    whole = values.astype(np.int64, copy=False)
    low = int(whole.min())
    span = int(whole.max()) - low + 1
    if 0 < span <= len(values) and (values.dtype.kind == "i" or (whole == values).all()):
        # A table of all whole numbers in between is faster than a hash.
        place = whole - low
        there = np.zeros(span, dtype=bool)
        there[place] = True
        number = np.cumsum(there, dtype=np.int32) - 1
        return number[place].astype(np.int64), (np.flatnonzero(there) + low).astype(values.dtype)
    codes, levels = pd.factorize(values, sort=True)
    return codes.astype(np.int64, copy=False), np.asarray(levels)

"""What a column held when it was trained on: small enough to keep with the model."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from pandas.api import types

from nbo.features.conditions import as_text

__all__ = ["ColumnProfile"]

_NUMBERS = {"boolean", "integer", "floating", "mixed-integer-float", "decimal"}
_MOST_CATEGORIES = 20
_ROOM = 500
# A column of words is text, not categories, if so many values differ and they are half of all.
_TEXTS = 50


@dataclass(frozen=True)
class ColumnProfile:
    """What a column held when it was trained on.

    Parameters
    ----------
    feature : str
        Name of the column.
    kind : {"number", "flag", "category", "text", "empty"}
        A flag has only 0 and 1, or False and True; a text has hardly a value twice (times count as texts); an
        empty column has no value at all.
    n : int
        Rows.
    missing : float
        Share of the rows without a value, in [0, 1]; an infinite number is none.
    distinct : int
        Number of different values.
    mean, std, low, median, high : float or None
        Of the values of a number or flag; low and high are the least and the largest.
    edges : tuple of float
        Upper ends, included, of all cells of a number but the last, which has none; ascending.
    categories : tuple of str
        The most frequent ones, as texts; all others are one more cell, the last.
    shares : tuple of float
        Share of the values in each cell; their sum is 1. None for texts and empty columns.

    Examples
    --------
    >>> profile = ColumnProfile.of(pd.Series(["web", "app", "web", None], name="channel"))
    >>> profile.kind, profile.missing, profile.categories
    ('category', 0.25, ('web', 'app'))
    """

    feature: str
    kind: str
    n: int
    missing: float
    distinct: int
    mean: float | None = None
    std: float | None = None
    low: float | None = None
    median: float | None = None
    high: float | None = None
    edges: tuple[float, ...] = ()
    categories: tuple[str, ...] = ()
    shares: tuple[float, ...] = ()

    @classmethod
    def of(cls, column: pd.Series, bins: int = 10) -> ColumnProfile:
        """Describe a column.

        Parameters
        ----------
        column : Series of shape (n,)
            Numbers, flags or words; its name is the feature's.
        bins : int, default=10
            Cells of a number, 2 or more: each has the same share, as far as equal values allow.

        Returns
        -------
        ColumnProfile
        """
        name, n = str(column.name), len(column)
        if holds_numbers(column):
            numbers = numbers_in(column)
            return cls(name, n=n, missing=1 - len(numbers) / max(n, 1), **_of_numbers(numbers, bins))
        counts = words_in(column)
        kind = kind_of_words(column, counts)
        cells: dict[str, Any] = _of_words(counts) if kind == "category" else {}
        return cls(name, kind, n, 1 - int(counts.sum()) / max(n, 1), len(counts), **cells)

    @property
    def values(self) -> int:
        """Number of rows with a value."""
        return round(self.n * (1 - self.missing))

    def number_counts(self, numbers: np.ndarray) -> np.ndarray:
        """Count how many numbers fall in each cell.

        Parameters
        ----------
        numbers : ndarray of shape (m,)
            Of :func:`numbers_in`.

        Returns
        -------
        ndarray of int, shape (number of cells,)
        """
        return np.bincount(np.searchsorted(self.edges, numbers), minlength=len(self.shares))

    def word_counts(self, counts: pd.Series) -> np.ndarray:
        """Count how many values fall in each cell.

        Parameters
        ----------
        counts : Series of int
            By text, of :func:`words_in`.

        Returns
        -------
        ndarray of int, shape (number of cells,)
        """
        known = counts.reindex(list(self.categories), fill_value=0).to_numpy()
        return np.append(known, counts.sum() - known.sum())

    def to_dict(self) -> dict[str, Any]:
        """Give all parts as JSON values."""
        return {name: value for name, value in asdict(self).items() if value not in (None, ())}

    @classmethod
    def from_dict(cls, state: dict[str, Any]) -> ColumnProfile:
        """Make the profile of :meth:`to_dict` again."""
        listed = {name: tuple(state.get(name, ())) for name in ("edges", "categories", "shares")}
        return cls(**{**state, **listed})


def holds_numbers(column: pd.Series) -> bool:
    """Tell whether a column holds numbers or flags, with some value there.

    Parameters
    ----------
    column : Series

    Returns
    -------
    bool
    """
    if types.is_object_dtype(column.dtype):
        return types.infer_dtype(column, skipna=True) in _NUMBERS
    plain = types.is_bool_dtype(column.dtype) or types.is_numeric_dtype(column.dtype)
    return bool(plain and column.dtype.kind != "c" and column.notna().any())


def numbers_in(column: pd.Series) -> np.ndarray:
    """Give the finite numbers of a column.

    Parameters
    ----------
    column : Series of shape (n,)
        Of numbers or flags.

    Returns
    -------
    ndarray of float, shape (number of values,)
    """
    plain = column.astype(object) if types.is_object_dtype(column.dtype) else column
    numbers = pd.to_numeric(plain, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return numbers[np.isfinite(numbers)]


def words_in(column: pd.Series) -> pd.Series:
    """Count the values of a column as texts.

    Parameters
    ----------
    column : Series of shape (n,)

    Returns
    -------
    Series of int
        By text; the most frequent first, ties by text.
    """
    codes, uniques = pd.factorize(column)
    counts = np.bincount(codes[codes >= 0], minlength=len(uniques))
    found = pd.Series(counts, index=pd.Index([as_text(value) for value in uniques], dtype=object), dtype=int)
    # Two values may have one text, such as 7 and 7.0 in a column of objects.
    found = found.groupby(level=0).sum()
    return found.iloc[np.lexsort((found.index.to_numpy(), -found.to_numpy()))]


def kind_of_numbers(numbers: np.ndarray) -> str:
    """Tell which kind a column of numbers is.

    Parameters
    ----------
    numbers : ndarray of shape (m,)

    Returns
    -------
    {"number", "flag", "empty"}
    """
    if not len(numbers):
        return "empty"
    return "flag" if ((numbers == 0) | (numbers == 1)).all() else "number"


def kind_of_words(column: pd.Series, counts: pd.Series) -> str:
    """Tell which kind a column is that holds no numbers.

    Parameters
    ----------
    column : Series
    counts : Series of int
        Its values, of :func:`words_in`.

    Returns
    -------
    {"category", "text", "empty"}
    """
    if not len(counts):
        return "empty"
    times = types.is_datetime64_any_dtype(column.dtype) or column.dtype.kind in "mMc"
    return "text" if times or len(counts) > max(_TEXTS, counts.sum() / 2) else "category"


def _of_numbers(numbers: np.ndarray, bins: int) -> dict[str, Any]:
    kind = kind_of_numbers(numbers)
    if kind == "empty":
        return {"kind": kind, "distinct": 0}
    # Sorted once: the quantiles are those of the empirical distribution function.
    values, counts = np.unique(numbers, return_counts=True)
    below = counts.cumsum()
    ranks = len(numbers) * np.append(np.arange(1, bins) / bins, 0.5)
    quantiles = values[np.searchsorted(below, ranks - 1e-9)]
    # Six digits are enough, since the shares are those of the rounded cells.
    edges = np.unique([float(f"{edge:.6g}") for edge in quantiles[:-1] if edge < values[-1]])
    ends = np.append(0, below)[np.searchsorted(values, edges, side="right")]
    return {
        "kind": kind,
        "distinct": len(values),
        "mean": _short(numbers.mean()),
        "std": _short(numbers.std()),
        "low": float(values[0]),
        "median": _short(quantiles[-1]),
        "high": float(values[-1]),
        "edges": tuple(edges.tolist()),
        "shares": _shares(np.diff(ends, prepend=0, append=len(numbers))),
    }


def _of_words(counts: pd.Series) -> dict[str, Any]:
    names, room = [], _ROOM
    for name in counts.index[:_MOST_CATEGORIES]:
        room -= len(json.dumps(name)) + 2
        if room < 0:
            break
        names.append(name)
    known = counts.iloc[: len(names)].to_numpy()
    return {"categories": tuple(names), "shares": _shares(np.append(known, counts.sum() - known.sum()))}


def _shares(counts: np.ndarray) -> tuple[float, ...]:
    return tuple(round(share, 6) for share in (counts / counts.sum()).tolist())


def _short(number: float) -> float:
    return float(f"{number:.6g}")

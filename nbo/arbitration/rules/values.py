"""What the parts of a condition are worth: numbers, flags, times or texts, each with what is missing.

All arrays have three dimensions and broadcast to (customers, offers, ways), so that a part which depends on the
customers alone costs one value a customer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nbo.tables.codes import Codes
from nbo.times import parsed_times

__all__ = ["Flags", "KindError", "Missing", "Numbers", "Texts", "Times", "Value", "literal_value", "value_of"]

_EXACT = 2**53


class KindError(TypeError):
    """Parts of a condition do not fit one another; the walker adds where."""


@dataclass(frozen=True)
class Numbers:
    """Numbers, NaN where missing."""

    data: np.ndarray
    kind: str = "a number"

    @property
    def known(self) -> np.ndarray:
        """Where it is not missing."""
        return ~np.isnan(self.data)


@dataclass(frozen=True)
class Times:
    """Moments of UTC as datetime64[us], NaT where missing."""

    data: np.ndarray
    kind: str = "a time"

    @property
    def known(self) -> np.ndarray:
        """Where it is not missing."""
        return ~np.isnat(self.data)


@dataclass(frozen=True)
class Texts:
    """Texts as small numbers, -1 where missing, and what these stand for."""

    codes: np.ndarray
    texts: list[str]
    literal: bool = False
    kind: str = "a text"

    @property
    def known(self) -> np.ndarray:
        """Where it is not missing."""
        return np.asarray(self.codes >= 0)

    def having(self, met: list[bool]) -> Flags:
        """Tell what holds for each text."""
        table = np.array([*met, False], dtype=bool)
        true, known = table[self.codes], self.known
        return Flags(true, known & ~true)


@dataclass(frozen=True)
class Flags:
    """What is true, what is false; what is neither is unknown."""

    true: np.ndarray
    false: np.ndarray
    kind: str = "true or false"

    @property
    def known(self) -> np.ndarray:
        """Where it is not unknown."""
        return np.asarray(self.true | self.false)


@dataclass(frozen=True)
class Missing:
    """A column without a single value, which fits any kind."""

    kind: str = "missing"

    @property
    def known(self) -> np.ndarray:
        """Nowhere."""
        return np.zeros((1, 1, 1), dtype=bool)


Value = Numbers | Times | Texts | Flags | Missing


def literal_value(value: bool | int | float | str) -> Value:
    """Take a value that stands in the text of a condition.

    Parameters
    ----------
    value : bool, int, float or str

    Returns
    -------
    Value
        Of shape (1, 1, 1).
    """
    one = (1, 1, 1)
    if isinstance(value, bool):
        return Flags(np.full(one, value), np.full(one, not value))
    if isinstance(value, str):
        return Texts(np.zeros(one, dtype=np.int8), [value], literal=True)
    return Numbers(np.full(one, float(value)))


def value_of(series: pd.Series, shape: tuple[int, int, int], what: str) -> Value:
    """Take a column.

    Parameters
    ----------
    series : Series
    shape : (int, int, int)
        That of the value: one dimension has the length of the column, the others are 1.
    what : str
        Its name, for messages.

    Returns
    -------
    Value

    Raises
    ------
    KindError
        If it holds what a condition cannot compare.

    Examples
    --------
    >>> value_of(pd.Series(["web", None]), (2, 1, 1), "channel").codes.ravel().tolist()
    [0, -1]
    """
    if isinstance(series.dtype, pd.CategoricalDtype) and not pd.api.types.is_string_dtype(series.cat.categories.dtype):
        series = series.astype(series.cat.categories.dtype if not series.hasnans else object)
    if not series.notna().any():
        return Missing()
    return _made(_kind(series), series, shape, what)


def _kind(series: pd.Series) -> str:
    """Name the kind of a column; of an object column, that of what it holds."""
    types = pd.api.types
    if types.is_bool_dtype(series.dtype):
        return "flag"
    if types.is_timedelta64_dtype(series.dtype) or types.is_complex_dtype(series.dtype):
        return "other"
    if types.is_numeric_dtype(series.dtype):
        return "number"
    if types.is_datetime64_any_dtype(series.dtype):
        return "time"
    if series.dtype != object:
        return "text"
    found = types.infer_dtype(series, skipna=True)
    kinds = {"boolean": "flag", "datetime": "time", "datetime64": "time", "date": "time", "timedelta": "other"}
    numbers = ("integer", "floating", "mixed-integer-float", "decimal")
    return kinds.get(found, "number" if found in numbers else "other" if found == "complex" else "text")


def _made(kind: str, series: pd.Series, shape: tuple[int, int, int], what: str) -> Value:
    def shaped(array: Any) -> np.ndarray:
        return np.asarray(array).reshape(shape)

    if kind == "number":
        return Numbers(shaped(_floats(series, what)))
    if kind == "time":
        return Times(shaped(parsed_times(series).to_numpy(dtype="datetime64[us]")))
    if kind == "flag":
        flags = series.astype("boolean")
        return Flags(
            shaped(flags.fillna(False).to_numpy(dtype=bool)), shaped((~flags).fillna(False).to_numpy(dtype=bool))
        )
    if kind == "text":
        codes = Codes.of(series)
        return Texts(shaped(codes.codes), codes.texts)
    raise KindError(f"{what} holds {series.dtype}, which is no number, text, time or flag,")


def _floats(series: pd.Series, what: str) -> np.ndarray:
    numbers = series.to_numpy(dtype=float, na_value=np.nan)
    if not pd.api.types.is_float_dtype(series.dtype) and np.nanmax(np.abs(numbers)) > _EXACT:
        raise KindError(f"{what} holds whole numbers above 2**53, which are keys and no numbers (make them texts),")
    return numbers

"""The columns of a state: compact typed cells, only ever added to, and how values become cells."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from array import array
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from nbo.checks import check_rows
from nbo.errors import InputError
from nbo.features.online.state_keys import KeyKinds, Numbering
from nbo.tables.codes import Codes
from nbo.tables.plain_values import MISSING_TIME, finite_numbers, microseconds

__all__ = ["Cells", "new_cells"]

# Doubles hold all whole numbers up to here.
_EXACT = 2**53
# Dictionaries of up to so many texts are shared by all customers; of larger ones each gets its own part.
_FEW = 32
_EPOCH = datetime(1970, 1, 1)
_EPOCH_UTC = datetime(1970, 1, 1, tzinfo=UTC)
_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)?)?")


class Cells(ABC):
    """The cells of one column, one for each row of a table.

    Parameters
    ----------
    n_rows : int
        How many rows the table has already; the column is missing there.

    Attributes
    ----------
    values : array.array
    """

    typecode: ClassVar[str]
    missing: ClassVar[Any]
    words: ClassVar[str]

    def __init__(self, n_rows: int = 0) -> None:
        self.values = array(self.typecode, [self.missing]) * n_rows

    @abstractmethod
    def cell(self, value: Any) -> Any:
        """Give the cell of a plain value; TypeError or ValueError for one to be looked at more closely."""

    @property
    def quick(self) -> Callable[[Any], Any]:
        """The fastest way to what `cell` gives."""
        return self.cell

    @property
    def is_open(self) -> bool:
        """Whether nothing has come yet that says what the column holds."""
        return False

    @abstractmethod
    def staged(self, values: pd.Series, what: str, kinds: KeyKinds) -> Callable[[], np.ndarray]:
        """Check a column of the type of its contract; the result gives the cells, once all else is checked too."""

    def extend(self, cells: np.ndarray) -> None:
        """Add cells."""
        self.values.frombytes(np.ascontiguousarray(cells, dtype=self.typecode).tobytes())

    def take(self, rows: np.ndarray) -> np.ndarray:
        """Give a copy of the cells of some rows."""
        cells: np.ndarray = np.asarray(self.values)[rows]
        return cells

    def keep(self, rows: np.ndarray) -> None:
        """Let go of all other rows."""
        kept = array(self.typecode)
        kept.frombytes(self.take(rows).tobytes())
        self.values = kept

    @abstractmethod
    def series(self, cells: np.ndarray) -> pd.Series:
        """Give cells as the column that they stand for."""

    def codes(self, cells: np.ndarray) -> Codes:
        """Give cells as categories."""
        return Codes.of(self.series(cells))

    def numbers(self, cells: np.ndarray) -> np.ndarray | None:
        """Give cells as floats; None if they are no numbers by themselves."""
        return None

    def times(self, cells: np.ndarray) -> np.ndarray | None:
        """Give cells as microseconds of UTC; None if they are no times by themselves."""
        return None

    def numbers_of(self, keys: list[Any]) -> np.ndarray | None:
        """Give the cells that keys have, -2 for one that no row has; None if the cells are no keys."""
        return None


def new_cells(kind: str, n_rows: int, numbering: Numbering | None = None) -> Cells:
    """Make a column that is missing in all rows so far.

    Parameters
    ----------
    kind : {"times", "numbers", "flags", "keys"}
    n_rows : int
    numbering : Numbering, optional
        Of keys; one of its own by default.

    Returns
    -------
    Cells

    Examples
    --------
    >>> cells = new_cells("numbers", 1)
    >>> cells.extend(np.array([2.5]))
    >>> cells.values.tolist(), cells.cell(7)
    ([nan, 2.5], 7.0)
    """
    if kind == "keys":
        return _Keys(n_rows, numbering)
    kinds: dict[str, Callable[[int], Cells]] = {"times": _Times, "numbers": _Numbers, "flags": _Flags}
    return kinds[kind](n_rows)


class _Times(Cells):
    """Moments, in microseconds of UTC."""

    typecode, missing, words = "q", MISSING_TIME, "times"

    def cell(self, value: Any) -> int:
        kind = type(value)
        if kind is str and _ISO.fullmatch(value):
            value, kind = datetime.fromisoformat(value), datetime
        if kind is datetime:
            age = value - (_EPOCH if value.tzinfo is None else _EPOCH_UTC)
            return (age.days * 86_400 + age.seconds) * 1_000_000 + age.microseconds
        if kind is pd.Timestamp and not value.nanosecond:
            return int(value.value // 1000)
        if value is None:
            return MISSING_TIME
        raise TypeError(value)

    def staged(self, values: pd.Series, what: str, kinds: KeyKinds) -> Callable[[], np.ndarray]:
        cells = microseconds(values, what)
        return lambda: cells

    def series(self, cells: np.ndarray) -> pd.Series:
        return pd.Series(cells.view("datetime64[us]"))

    def times(self, cells: np.ndarray) -> np.ndarray | None:
        return cells


class _Numbers(Cells):
    """Finite numbers."""

    typecode, missing, words = "d", np.nan, "numbers"

    def cell(self, value: Any) -> float:
        kind = type(value)
        if kind is int and -_EXACT <= value <= _EXACT:
            return float(value)
        # The difference is 0 for a finite number, and NaN for NaN.
        if (kind is float or kind is np.float64) and (value - value == 0 or value != value):
            return float(value)
        if value is None:
            return np.nan
        raise TypeError(value)

    def staged(self, values: pd.Series, what: str, kinds: KeyKinds) -> Callable[[], np.ndarray]:
        cells = finite_numbers(values, what)
        if not pd.api.types.is_float_dtype(values.dtype):
            large = np.abs(cells) > _EXACT
            check_rows(large, values, what, "numbers up to 2**53", "Hand over longer ones as texts.")
        return lambda: cells

    def series(self, cells: np.ndarray) -> pd.Series:
        return pd.Series(cells)

    def numbers(self, cells: np.ndarray) -> np.ndarray | None:
        return cells


class _Flags(Cells):
    """True, false or missing."""

    typecode, missing, words = "b", -1, "true or false"

    def cell(self, value: Any) -> int:
        if value is True or value is False:
            return int(value)
        if value is None:
            return -1
        raise TypeError(value)

    def staged(self, values: pd.Series, what: str, kinds: KeyKinds) -> Callable[[], np.ndarray]:
        cells = values.astype("boolean").astype("Int8").fillna(-1).to_numpy(np.int8)
        return lambda: cells

    def series(self, cells: np.ndarray) -> pd.Series:
        return pd.Series(pd.arrays.BooleanArray(cells == 1, cells < 0))

    def numbers(self, cells: np.ndarray) -> np.ndarray | None:
        return np.where(cells < 0, np.nan, cells)


class _Keys(Cells):
    """Keys and categories, as numbers of a numbering that several columns may share."""

    typecode, missing, words = "i", -1, "texts"

    def __init__(self, n_rows: int = 0, numbering: Numbering | None = None) -> None:
        super().__init__(n_rows)
        self.numbering = Numbering() if numbering is None else numbering

    def cell(self, value: Any) -> int:
        return self.numbering.of_whole(value) if self.numbering.whole else self.numbering[value]

    @property
    def quick(self) -> Callable[[Any], Any]:
        return self.cell if self.numbering.whole is not False else self.numbering.__getitem__

    @property
    def is_open(self) -> bool:
        return self.numbering.whole is None

    def staged(self, values: pd.Series, what: str, kinds: KeyKinds) -> Callable[[], np.ndarray]:
        codes, different = pd.factorize(values)
        plain = [_plain(value, what) for value in different]
        kinds.claim(self.numbering, plain, what)
        return lambda: np.append(np.array(self.numbering.take(plain), dtype=np.int32), np.int32(-1))[codes]

    def series(self, cells: np.ndarray) -> pd.Series:
        return self.codes(cells).decoded

    def numbers_of(self, keys: list[Any]) -> np.ndarray | None:
        return np.array([self.numbering.get(key, -2) for key in keys], dtype=np.int32)

    def codes(self, cells: np.ndarray) -> Codes:
        values = self.numbering.values
        if len(values) <= _FEW:
            return Codes(cells, values)
        some, codes = np.unique(cells, return_inverse=True)
        missing = len(some) and some[0] < 0
        few = [values[code] for code in some[int(missing) :].tolist()]
        return Codes(codes - int(missing), few)


def _plain(value: Any, what: str) -> str | int:
    """Take a key as text or whole number."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int | np.integer) and not isinstance(value, bool) and abs(int(value)) < 2**63:
        return int(value)
    if isinstance(value, float) and value.is_integer() and abs(value) <= _EXACT:
        return int(value)
    raise InputError(f"{what} must be texts or whole numbers; got {value!r}.")

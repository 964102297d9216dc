"""Categories as small whole numbers and the texts that they stand for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["FEW", "Codes", "as_texts", "texts_at"]

_SMALL = [(kind, int(np.iinfo(kind).max)) for kind in (np.int8, np.int16, np.int32)]
# Fewer rows are numbered faster in plain Python.
FEW = 32


def as_texts(values: pd.Series) -> pd.Series:
    """Take categories as texts; a whole number is the same text as integer and as float.

    Parameters
    ----------
    values : Series of length n

    Returns
    -------
    Series of str, length n
        Missing where missing.

    Examples
    --------
    >>> as_texts(pd.Series([1.0, None, 2.5])).tolist()
    ['1', nan, '2.5']
    """
    texts = values.astype("str")
    # Integers turn into floats as soon as one row is missing.
    return texts.str.removesuffix(".0") if pd.api.types.is_float_dtype(values.dtype) else texts


def texts_at(texts: Sequence[str | None], codes: np.ndarray) -> pd.api.extensions.ExtensionArray:
    """Give a text for each number.

    Parameters
    ----------
    texts : sequence of str or None
        What each number stands for.
    codes : ndarray of int, shape (n,)
        -1 where missing.

    Returns
    -------
    ExtensionArray of str, length n

    Examples
    --------
    >>> texts_at(["web", "shop"], np.array([1, -1])).tolist()
    ['shop', nan]
    """
    if len(codes) <= FEW:
        return pd.array([texts[code] if code >= 0 else None for code in codes.tolist()], dtype="str")
    return pd.array(list(texts), dtype="str").take(codes, allow_fill=True)


class Codes:
    """Categories as small whole numbers and the texts that they stand for.

    Parameters
    ----------
    codes : ndarray of int, shape (n,)
        -1 where missing.
    values : Series, Index, or list of str or of int, of k values
        What each number stands for, each different; a list turns into a column only when asked for one.

    Examples
    --------
    >>> codes = Codes.of(pd.Series(["web", None, "shop", "web"]))
    >>> codes.codes.tolist(), codes.texts
    ([0, -1, 1, 0], ['web', 'shop'])
    >>> codes.alphabet
    (['shop', 'web'], array([1, 0]))
    >>> Codes(np.array([0, -1]), ["web"]).decoded.tolist()
    ['web', nan]
    """

    def __init__(self, codes: np.ndarray, values: pd.Series | pd.Index | list[Any]) -> None:
        small = next((kind for kind, largest in _SMALL if len(values) <= largest), np.int64)
        self.codes: np.ndarray = codes.astype(small, copy=False)
        self._stated = values

    @classmethod
    def of(cls, values: pd.Series) -> Codes:
        """Give numbers to the different values of a column, in the order in which they first stand."""
        if isinstance(values.dtype, pd.CategoricalDtype):
            return cls(values.array.codes, values.array.categories)
        if len(values) <= FEW and values.dtype == "str":
            return cls(*_numbered(values.tolist()))
        # Among objects, 1 and "1" are one category.
        codes, different = pd.factorize(as_texts(values) if values.dtype == object else values)
        return cls(codes, pd.Series(different))

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def n_values(self) -> int:
        """How many numbers there are."""
        return len(self._stated)

    @cached_property
    def values(self) -> pd.Series:
        """What each number stands for; length k."""
        stated = self._stated
        if isinstance(stated, list):
            whole = bool(stated) and isinstance(stated[0], int)
            return pd.Series(stated, dtype="int64" if whole else "str")
        return stated if isinstance(stated, pd.Series) else pd.Series(stated)

    @cached_property
    def texts(self) -> list[str]:
        """The values as texts, one for each number."""
        stated = self._stated
        if isinstance(stated, list) or stated.dtype == "str":
            return [str(text) for text in stated]
        return [str(text) for text in as_texts(self.values)]

    @property
    def decoded(self) -> pd.Series:
        """What the codes stand for, a value for each."""
        values = [*self._stated, None]
        decoded = [values[code] for code in self.codes.tolist()]
        if not isinstance(values[0], int):
            return pd.Series(decoded, dtype="str")
        return pd.Series(decoded, dtype="int64" if (self.codes >= 0).all() else "Int64")

    def having(self, texts: Collection[str]) -> np.ndarray:
        """Tell for each number, and at last for missing, whether its text is one of some."""
        return np.array([text in texts for text in self.texts] + [False], dtype=bool)

    def filled(self, text: str) -> Codes:
        """Say what a missing value stands for."""
        if not (self.codes < 0).any():
            return self
        known = text in self.texts
        missing = self.texts.index(text) if known else len(self.texts)
        values = self._stated if known else [*self.texts, text]
        return Codes(np.where(self.codes < 0, missing, self.codes.astype(np.int64)), values)

    @cached_property
    def alphabet(self) -> tuple[list[str], np.ndarray]:
        """Each different text once, in the order of the alphabet, and which of them each number has."""
        texts = sorted(set(self.texts))
        ranks = {text: rank for rank, text in enumerate(texts)}
        return texts, np.array([ranks[text] for text in self.texts], dtype=np.int64)


def _numbered(values: list[Any]) -> tuple[np.ndarray, list[str]]:
    """Give numbers to texts in the order in which they first stand; -1 where missing."""
    numbers: dict[str, int] = {}
    codes = [numbers.setdefault(value, len(numbers)) if isinstance(value, str) else -1 for value in values]
    return np.array(codes, dtype=np.int8), list(numbers)

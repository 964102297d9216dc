"""Categories as small whole numbers and the texts that they stand for."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property

import numpy as np
import pandas as pd

__all__ = ["Codes", "as_texts"]


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


class Codes:
    """Categories as small whole numbers and the texts that they stand for.

    Parameters
    ----------
    codes : ndarray of int, shape (n,)
        -1 where missing.
    values : Series of k values
        What each number stands for, each different.

    Examples
    --------
    >>> codes = Codes.of(pd.Series(["web", None, "shop", "web"]))
    >>> codes.codes.tolist(), codes.texts
    ([0, -1, 1, 0], ['web', 'shop'])
    >>> codes.alphabet
    (['shop', 'web'], array([1, 0]))
    """

    def __init__(self, codes: np.ndarray, values: pd.Series) -> None:
        kinds = (np.int8, np.int16, np.int32)
        small = next(kind for kind in (*kinds, np.int64) if len(values) <= np.iinfo(kind).max)
        self.codes: np.ndarray = codes.astype(small, copy=False)
        self.values = values

    @classmethod
    def of(cls, values: pd.Series) -> Codes:
        """Give numbers to the different values of a column, in the order in which they first stand."""
        if isinstance(values.dtype, pd.CategoricalDtype):
            return cls(values.cat.codes.to_numpy(), pd.Series(values.cat.categories))
        # Among objects, 1 and "1" are one category.
        codes, different = pd.factorize(as_texts(values) if values.dtype == object else values)
        return cls(codes, pd.Series(different))

    def __len__(self) -> int:
        return len(self.codes)

    @cached_property
    def texts(self) -> list[str]:
        """The values as texts, one for each number."""
        return [str(text) for text in as_texts(self.values)]

    def having(self, texts: Collection[str]) -> np.ndarray:
        """Tell for each number, and at last for missing, whether its text is one of some."""
        return np.array([text in texts for text in self.texts] + [False], dtype=bool)

    def filled(self, text: str) -> Codes:
        """Say what a missing value stands for."""
        if not (self.codes < 0).any():
            return self
        known = text in self.texts
        missing = self.texts.index(text) if known else len(self.texts)
        values = self.values if known else pd.Series([*self.texts, text], dtype="str")
        return Codes(np.where(self.codes < 0, missing, self.codes.astype(np.int64)), values)

    @cached_property
    def alphabet(self) -> tuple[list[str], np.ndarray]:
        """Each different text once, in the order of the alphabet, and which of them each number has."""
        texts, ranks = np.unique(np.array(self.texts, dtype=object), return_inverse=True)
        return texts.tolist(), ranks

"""Categories of a few rows, without the cost of a pandas column."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from nbo.tables.codes import Codes

__all__ = ["FewCodes"]


class FewCodes(Codes):
    """Categories whose values are a plain list, which turns into a column only when asked for one.

    Parameters
    ----------
    codes : ndarray of int, shape (n,)
        -1 where missing.
    values : list of str or of int
        What each number stands for.

    Examples
    --------
    >>> codes = FewCodes(np.array([0, -1]), ["web"])
    >>> codes.decoded.tolist(), codes.filled("shop").texts
    (['web', nan], ['web', 'shop'])
    """

    def __init__(self, codes: np.ndarray, values: list[Any]) -> None:
        self.codes, self.plain = codes, values

    @cached_property
    def values(self) -> pd.Series:  # type: ignore[override]  # noqa: D102
        whole = bool(self.plain) and isinstance(self.plain[0], int)
        return pd.Series(self.plain, dtype="int64" if whole else "str")

    @cached_property
    def texts(self) -> list[str]:  # noqa: D102
        return [str(value) for value in self.plain]

    @property
    def decoded(self) -> pd.Series:
        """What the codes stand for, a value for each."""
        values = [*self.plain, None]
        decoded = [values[code] for code in self.codes.tolist()]
        if not (self.plain and isinstance(self.plain[0], int)):
            return pd.Series(decoded, dtype="str")
        return pd.Series(decoded, dtype="int64" if (self.codes >= 0).all() else "Int64")

    def filled(self, text: str) -> Codes:  # noqa: D102
        if not (self.codes < 0).any():
            return self
        texts = self.texts if text in self.texts else [*self.texts, text]
        return FewCodes(np.where(self.codes < 0, texts.index(text), self.codes), texts)

"""Features of contexts as keys to count by, and as arrays to compute with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from nbo.checks import check_rows
from nbo.errors import InputError

__all__ = ["ContextValues", "context_keys"]


def context_keys(frame: pd.DataFrame, features: Sequence[str], what: str) -> np.ndarray:
    """Write the features of each row as one text, equal for equal values.

    Parameters
    ----------
    frame : DataFrame of shape (n, any)
    features : sequence of str
        Columns of numbers, booleans or texts; values may be missing.
    what : str
        What the frame is, for messages.

    Returns
    -------
    ndarray of str, shape (n,)
        JSON.

    Raises
    ------
    InputError
        If a value is infinite, or neither a number nor a text.

    Examples
    --------
    >>> context_keys(pd.DataFrame({"age": [30, None], "city": ["A", "B"]}), ["age", "city"], "context").tolist()
    ['[30.0, "A"]', '[null, "B"]']
    """
    columns = [_plain(frame[feature], f"{what}.{feature}") for feature in features]
    return np.array([json.dumps(values) for values in zip(*columns, strict=True)], dtype=object)


@dataclass(frozen=True)
class ContextValues:
    """Values of features, a row for each context.

    Parameters
    ----------
    numbers : ndarray of float, shape (n, p)
        NaN where a value is missing or a text.
    texts : ndarray of object, shape (n, p)
        None where a value is missing or a number.
    """

    numbers: np.ndarray
    texts: np.ndarray

    @classmethod
    def of(cls, keys: Sequence[str], n_features: int) -> ContextValues:
        """Read keys.

        Parameters
        ----------
        keys : sequence of str
            Of :func:`context_keys`.
        n_features : int

        Returns
        -------
        ContextValues

        Raises
        ------
        InputError
            If a key is not one.
        """
        try:
            values = np.array([json.loads(key) for key in keys], dtype=object).reshape(len(keys), n_features)
        except ValueError as error:
            raise InputError(f"contexts must be JSON lists of {n_features} values; the state is altered.") from error
        number = np.frompyfunc(lambda value: isinstance(value, float), 1, 1)(values).astype(bool)
        text = np.frompyfunc(lambda value: isinstance(value, str), 1, 1)(values).astype(bool)
        words = values.copy()
        words[~text] = None
        return cls(np.where(number, values, np.nan).astype(float), words)

    def __len__(self) -> int:
        return len(self.numbers)

    def rows(self, chosen: np.ndarray) -> ContextValues:
        """Take some rows.

        Parameters
        ----------
        chosen : ndarray
            Positions or marks.

        Returns
        -------
        ContextValues
        """
        return ContextValues(self.numbers[chosen], self.texts[chosen])

    def without_first(self) -> ContextValues:
        """Leave the first feature out.

        Returns
        -------
        ContextValues
        """
        return ContextValues(self.numbers[:, 1:], self.texts[:, 1:])

    def inserted(self, before: np.ndarray, other: ContextValues) -> ContextValues:
        """Put rows of another one in.

        Parameters
        ----------
        before : ndarray of int, shape (m,)
            Row before which each of the others comes.
        other : ContextValues
            m rows.

        Returns
        -------
        ContextValues
        """
        return ContextValues(
            np.insert(self.numbers, before, other.numbers, axis=0), np.insert(self.texts, before, other.texts, axis=0)
        )


def _plain(values: pd.Series, what: str) -> list[float | str | None]:
    """Take numbers as floats, texts as they are, and None for what is missing."""
    given: list[Any] = values.tolist()
    gone = values.isna().to_numpy(dtype=bool)
    number = np.array([isinstance(value, Real | np.bool_) for value in given], dtype=bool)
    text = np.array([isinstance(value, str) for value in given], dtype=bool)
    check_rows(~(gone | number | text), given, what, "a number, a text or missing")
    plain = [None if no else float(v) if is_number else v for v, no, is_number in zip(given, gone, number, strict=True)]
    check_rows(np.array([v in (np.inf, -np.inf) for v in plain], dtype=bool), given, what, "finite")
    # Negative zero is zero, but is written otherwise.
    return [0.0 if v == 0 else v for v in plain]

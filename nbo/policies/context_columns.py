"""Columns of a model from features of a context: standardized numbers, and texts one by one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from nbo.checks import check_rows

__all__ = ["ContextColumns", "context_keys"]

# Numbers further off than this many standard deviations count as this far: one typing error decides nothing.
_FURTHEST = 4.0
# Texts of a feature with a column of their own; rarer ones count as never seen.
_MOST_TEXTS = 20


def context_keys(frame: pd.DataFrame, features: list[str], what: str) -> np.ndarray:
    """Write the features of each row as one text, equal for equal values.

    Parameters
    ----------
    frame : DataFrame of shape (n, any)
    features : list of str
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
class ContextColumns:
    """How features become columns, by what the answers' contexts were.

    Parameters
    ----------
    means, scales : tuple of float
        Of the numbers of each feature; a scale is 0 where they do not differ.
    texts : tuple of tuple of str
        Texts of each feature that have a column, sorted.
    """

    means: tuple[float, ...]
    scales: tuple[float, ...]
    texts: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, keys: list[str], weights: np.ndarray, n_features: int) -> ContextColumns:
        """Take means, scales and texts from contexts.

        Parameters
        ----------
        keys : list of str
            Of :func:`context_keys`, each once, sorted.
        weights : ndarray of shape (n,)
            How many answers each context has.
        n_features : int

        Returns
        -------
        ContextColumns
        """
        rows = [json.loads(key) for key in keys]
        means, scales, texts = [], [], []
        for feature in range(n_features):
            values = [row[feature] for row in rows]
            numbers = _numbers(values)
            there = ~np.isnan(numbers)
            total = weights[there].sum()
            mean = float(weights[there] @ numbers[there] / total) if total else 0.0
            means.append(mean)
            scales.append(float(np.sqrt(weights[there] @ (numbers[there] - mean) ** 2 / total)) if total else 0.0)
            texts.append(_frequent(values, weights))
        return cls(tuple(means), tuple(scales), tuple(texts))

    def matrix(self, keys: list[str]) -> np.ndarray:
        """Lay contexts out.

        Parameters
        ----------
        keys : list of str

        Returns
        -------
        ndarray of shape (n, 1 + number of columns)
            A column of ones; then for each feature the standardized number, 0 where there is
            none, and a column for each text, 0 in all of them for a text never seen.
        """
        rows = [json.loads(key) for key in keys]
        columns = [np.ones(len(rows))]
        for feature, (mean, scale, texts) in enumerate(zip(self.means, self.scales, self.texts, strict=True)):
            values = [row[feature] for row in rows]
            if scale > 0:
                standard = np.nan_to_num((_numbers(values) - mean) / scale)
                columns.append(np.clip(standard, -_FURTHEST, _FURTHEST))
            columns += [np.array([value == text for value in values], dtype=float) for text in texts]
        return np.column_stack(columns)


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


def _numbers(values: list[Any]) -> np.ndarray:
    return np.array([value if isinstance(value, float) else np.nan for value in values], dtype=float)


def _frequent(values: list[Any], weights: np.ndarray) -> tuple[str, ...]:
    counts: dict[str, float] = {}
    for value, weight in zip(values, weights.tolist(), strict=True):
        if isinstance(value, str):
            counts[value] = counts.get(value, 0.0) + weight
    return tuple(sorted(sorted(counts, key=lambda text: (-counts[text], text))[:_MOST_TEXTS]))

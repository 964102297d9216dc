"""Columns of a model from features of a context: standardized numbers, and texts one by one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nbo.policies.context_values import ContextValues

__all__ = ["ContextColumns"]

# Numbers further off than this many standard deviations count as this far: one typing error decides nothing.
_FURTHEST = 4.0
# Texts of a feature with a column of their own; rarer ones count as never seen.
_MOST_TEXTS = 20


@dataclass(frozen=True)
class ContextColumns:
    """How features become columns, by what the answers' contexts were.

    Parameters
    ----------
    means, scales : tuple of float
        Of the numbers of each feature; a scale is 0 where they do not differ.
    texts : tuple of tuple of str
        Texts of each feature that have a column, sorted.

    Examples
    --------
    >>> ages = ContextValues.of(["[20.0]", "[40.0]"], 1)
    >>> columns = ContextColumns.of(ages, np.array([1.0, 1.0]))
    >>> columns.matrix(ContextValues.of(["[30.0]", "[40.0]", "[null]"], 1)).tolist()
    [[1.0, 0.0], [1.0, 1.0], [1.0, 0.0]]
    """

    means: tuple[float, ...]
    scales: tuple[float, ...]
    texts: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, values: ContextValues, weights: np.ndarray) -> ContextColumns:
        """Take means, scales and texts from contexts.

        Parameters
        ----------
        values : ContextValues
            n contexts, each once.
        weights : ndarray of shape (n,)
            How many answers each context has.

        Returns
        -------
        ContextColumns
            The order of the rows may change the last bits: give them in a fixed one.
        """
        means, scales, texts = [], [], []
        for numbers, words in zip(values.numbers.T, values.texts.T, strict=True):
            there = ~np.isnan(numbers)
            weight, known = weights[there], numbers[there]
            total = weight.sum()
            mean = float(weight @ known / total) if total else 0.0
            means.append(mean)
            scales.append(float(np.sqrt(weight @ (known - mean) ** 2 / total)) if total else 0.0)
            texts.append(_frequent(words, weights))
        return cls(tuple(means), tuple(scales), tuple(texts))

    def matrix(self, values: ContextValues) -> np.ndarray:
        """Lay contexts out.

        Parameters
        ----------
        values : ContextValues
            n contexts.

        Returns
        -------
        ndarray of shape (n, 1 + number of columns)
            A column of ones; then for each feature the standardized number, 0 where there is
            none, and a column for each text, 0 in all of them for a text never seen.
        """
        columns = [np.ones(len(values))]
        for feature, (mean, scale, texts) in enumerate(zip(self.means, self.scales, self.texts, strict=True)):
            if scale > 0:
                standard = np.nan_to_num((values.numbers[:, feature] - mean) / scale)
                columns.append(np.clip(standard, -_FURTHEST, _FURTHEST))
            if texts:
                place = pd.Index(texts).get_indexer(pd.Index(values.texts[:, feature]))
                columns += [(place == number).astype(float) for number in range(len(texts))]
        return np.column_stack(columns)


def _frequent(words: np.ndarray, weights: np.ndarray) -> tuple[str, ...]:
    codes, names = pd.factorize(words)
    counts = np.bincount(codes[codes >= 0], weights[codes >= 0], minlength=len(names)).tolist()
    ranked = sorted(zip(names.tolist(), counts, strict=True), key=lambda pair: (-pair[1], pair[0]))
    return tuple(sorted(text for text, _ in ranked[:_MOST_TEXTS]))

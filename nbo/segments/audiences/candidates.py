"""The subgroups that are looked at, fixed by features alone before any answer counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from nbo.checks import check_columns
from nbo.segments.audiences.subgroup import Condition, Subgroup
from nbo.segments.design import Design

__all__ = ["Candidates"]

# Subgroups hold at least this share of the customers, and leave it outside.
_LEAST: Final = 0.05
# A pair of conditions that leaves more than this share of the smaller one is no subgroup of its own.
_SAME: Final = 0.95
_CATEGORIES: Final = 10
# Enough rows to tell the share of a pair.
_ROWS_OF_PAIRS: Final = 20_000


@dataclass(frozen=True)
class Candidates:
    """Conditions, and the pairs of them that are subgroups.

    Parameters
    ----------
    design : Design
        Encoding of the features that conditions read.
    conditions : tuple of Condition
    first, second : ndarray of int, shape (n_candidates,)
        Positions of the conditions of each candidate; equal for one condition alone.
    """

    design: Design
    conditions: tuple[Condition, ...]
    first: np.ndarray
    second: np.ndarray

    @classmethod
    def of(cls, X: pd.DataFrame, cuts: int, depth: int) -> Candidates:
        """Make the candidates from customers' features.

        Parameters
        ----------
        X : DataFrame of shape (n, any)
        cuts : int
            Cuts of a number, at even quantiles.
        depth : int
            Most conditions of a subgroup, 1 or 2.

        Returns
        -------
        Candidates

        Raises
        ------
        InputError
            If a feature is neither of numbers, flags, texts nor categories.
        """
        design = Design.of(X, most=_CATEGORIES)
        matrix = _matrix(design, X)
        flags = {name for name in design.features if pd.api.types.is_bool_dtype(X[name].dtype)}
        conditions = tuple(_conditions(design, matrix, cuts, flags))
        single = np.arange(len(conditions))
        if depth < 2 or not len(single):
            return cls(design, conditions, single, single)
        first, second = _pairs(_members(design, conditions, matrix))
        return cls(design, conditions, np.concatenate([single, first]), np.concatenate([single, second]))

    @property
    def prior(self) -> np.ndarray:
        """Share of the evidence asked for that each candidate bears, shape (n_candidates,).

        Single conditions bear half of it and pairs the other half, evenly, so that the many
        pairs do not hide the few single conditions.
        """
        single = self.first == self.second
        halves = 0.5 if single.any() and not single.all() else 1.0
        return np.where(single, halves / max(single.sum(), 1), halves / max((~single).sum(), 1))

    def members(self, X: pd.DataFrame) -> np.ndarray:
        """Tell which conditions hold of whom.

        Parameters
        ----------
        X : DataFrame of shape (n, any)

        Returns
        -------
        ndarray of bool, shape (n, n_conditions)

        Raises
        ------
        InputError
            If a feature is missing, or is not of numbers where it was.
        """
        return _members(self.design, self.conditions, _matrix(self.design, X))

    def subgroup(self, candidate: int) -> Subgroup:
        """Give one candidate in words.

        Parameters
        ----------
        candidate : int

        Returns
        -------
        Subgroup
        """
        positions = sorted({int(self.first[candidate]), int(self.second[candidate])})
        return Subgroup(tuple(self.conditions[position] for position in positions))


def _conditions(design: Design, matrix: np.ndarray, cuts: int, flags: set[str]) -> Iterator[Condition]:
    for position, (feature, category) in enumerate(design.columns):
        values = matrix[:, position]
        for condition in _of_flag(feature) if feature in flags else _of_column(feature, category, values, cuts):
            if _LEAST <= condition.holds(values).mean() <= 1 - _LEAST:
                yield condition


def _of_column(feature: str, category: str | None, values: np.ndarray, cuts: int) -> Iterator[Condition]:
    if category is not None:
        yield Condition(feature, "is", category)
        return
    known = values[np.isfinite(values)].astype(float)
    places = np.arange(1, cuts + 1) / (cuts + 1)
    quantiles = np.quantile(known, places, method="inverted_cdf") if len(known) else known
    # Three figures are enough for a cut, and are read more easily.
    for cut in dict.fromkeys(float(f"{value:.3g}") for value in quantiles):
        yield Condition(feature, "<=", cut)
        yield Condition(feature, ">", cut)
    yield Condition(feature, "is missing", None)


def _of_flag(feature: str) -> Iterator[Condition]:
    for kind in ("is true", "is false", "is missing"):
        yield Condition(feature, kind, None)


def _members(design: Design, conditions: tuple[Condition, ...], matrix: np.ndarray) -> np.ndarray:
    position = {column: number for number, column in enumerate(design.columns)}
    members = np.zeros((len(matrix), len(conditions)), dtype=bool)
    for number, condition in enumerate(conditions):
        members[:, number] = condition.holds(matrix[:, position[condition.column]])
    return members


def _matrix(design: Design, X: pd.DataFrame) -> np.ndarray:
    """Encode features; texts by their distinct values, which are few."""
    check_columns(X, design.features, "X")
    matrix = np.empty((len(X), len(design.columns)), dtype=np.float32)
    for feature in design.features:
        columns = [number for number, (name, _) in enumerate(design.columns) if name == feature]
        part = Design(tuple(design.columns[number] for number in columns))
        if isinstance(X[feature].dtype, pd.StringDtype | pd.CategoricalDtype) and part.columns[0][1] is not None:
            code, values = pd.factorize(X[feature], use_na_sentinel=True)
            distinct = part.matrix(pd.DataFrame({feature: values}))
            # The last row is that of missing values, which are of no category.
            matrix[:, columns] = np.vstack([distinct, np.zeros((1, len(columns)))])[code]
        else:
            matrix[:, columns] = part.matrix(X)
    return matrix


def _pairs(members: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of conditions of which enough customers are, and fewer than of either condition alone."""
    numbers = members[:: max(len(members) // _ROWS_OF_PAIRS, 1)].astype(np.float32)
    shares = numbers.mean(axis=0)
    joint = numbers.T @ numbers / len(numbers)
    kept = (joint >= _LEAST) & (joint <= _SAME * np.minimum(shares, shares[:, None]))
    first, second = np.nonzero(np.triu(kept, 1))
    return first, second

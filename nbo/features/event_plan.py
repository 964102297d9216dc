"""What to compute for features of events, so that the same is computed once; found once for many builds."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np

from nbo.features.aggregates import AGGREGATES, of_nothing
from nbo.features.combined import combined
from nbo.features.conditions import Condition, categories_where
from nbo.features.feature import Feature
from nbo.features.history import History
from nbo.features.mixes import pivoted
from nbo.features.past import Past, Rows

__all__ = ["EventPlan", "rows_read"]

# Aggregates that are computed for all categories of a pivot in one go.
_ADDITIVE = ("count", "sum")
T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class _Call:
    """One aggregate of one column, over several windows; `leaves` are the numbers of the results."""

    aggregate: str
    column: str
    weights: tuple[tuple[str, float], ...]
    windows: list[str]
    leaves: list[int]

    def run(self, history: History, found: list[Any]) -> None:
        if _sees_nothing(history) and (not self.column or self.column in history.table):
            for leaf in self.leaves:
                found[leaf] = of_nothing(self.aggregate)
            return
        column = history.weighed(self.column, self.weights) if self.weights else self.column
        values = AGGREGATES[self.aggregate](history, column, self.windows)
        for leaf, value in zip(self.leaves, values, strict=True):
            found[leaf] = value


@dataclass(frozen=True)
class _Alone:
    """Calls for the rows that also meet the conditions of a pivot."""

    rows: Rows
    calls: list[_Call]

    def run(self, past: Past, found: list[Any]) -> None:
        history = past.history(*self.rows)
        for call in self.calls:
            call.run(history, found)


@dataclass(frozen=True)
class _Together:
    """Counts and sums for categories of one column, all at once; or one by one, where a row may count for two."""

    category: str
    conditions: list[Condition]
    # Window, column to add up, and for each result its number and that of its condition.
    tables: list[tuple[str, str, list[int], list[int]]]
    one_by_one: list[_Alone]

    def run(self, history: History, past: Past, found: list[Any]) -> None:
        if _sees_nothing(history) and self.category in history.table:
            for _, column, leaves, _ in self.tables:
                found_here = "sum" if column else "count"
                for leaf in leaves:
                    found[leaf] = of_nothing(found_here)
            return
        slots = _slots(history, self.category, self.conditions)
        if slots is None:
            for alone in self.one_by_one:
                alone.run(past, found)
            return
        for window, column, leaves, numbers in self.tables:
            table = pivoted(history, slots, len(self.conditions), window, column)
            for leaf, number in zip(leaves, numbers, strict=True):
                found[leaf] = table[number]


class EventPlan:
    """What to compute for features of events, so that the same is computed once; found once for many builds.

    Parameters
    ----------
    features : sequence of Feature
        Aggregates, and ratios and differences of them.
    """

    def __init__(self, features: Sequence[Feature]) -> None:
        named = {feature.feature: feature for feature in features}
        leaves = dict.fromkeys(_bare(leaf) for feature in features for leaf in _leaves(feature, named))
        numbers = {leaf: number for number, leaf in enumerate(leaves)}
        self._n_leaves = len(numbers)
        self._tables = [_table(rows, some, numbers) for rows, some in _grouped(list(leaves), _rows_of).items()]
        self._made = {name: _made(feature, numbers, named) for name, feature in named.items()}

    def computed(self, past: Past) -> dict[str, Any]:
        """Compute the features for the questions of a past.

        Parameters
        ----------
        past : Past

        Returns
        -------
        dict of str to array of shape (n,)
            By the names of the features.
        """
        found: list[Any] = [None] * self._n_leaves
        for plain, together, alone in self._tables:
            plain.run(past, found)
            for one in together:
                one.run(past.history(*plain.rows), past, found)
            for other in alone:
                other.run(past, found)
        return {name: _value(made, found) for name, made in self._made.items()}


def rows_read(features: Sequence[Feature]) -> set[Rows]:
    """Say which rows of which tables features are computed from, and which rows those are chosen from.

    Parameters
    ----------
    features : sequence of Feature

    Returns
    -------
    set of rows
        As :meth:`Past.history <nbo.features.past.Past.history>` takes them.
    """
    named = {feature.feature: feature for feature in features}
    leaves = [leaf for feature in features for leaf in _leaves(feature, named)]
    rows = {_rows_of(leaf, pivot) for leaf in leaves for pivot in {(), leaf.pivot}}
    return rows | {(leaf.table, leaf.time, end, ()) for leaf in leaves for end in {"", leaf.open_until}}


def _leaves(feature: Feature, named: dict[str, Feature]) -> Iterator[Feature]:
    """Give what a feature is made of in the end."""
    if not feature.parts:
        yield feature
    for part in feature.parts:
        yield from _leaves(named[part] if isinstance(part, str) else part, named)


def _bare(feature: Feature) -> Feature:
    """Leave out how a feature is called and what is said of it, to compute the same once."""
    return replace(feature, feature="", unit="", meaning="", data_type="", kind="number")


def _made(feature: Feature, numbers: dict[Feature, int], named: dict[str, Feature]) -> Any:
    """Say what a feature is made of: the number of a leaf, or the feature and what its parts are made of."""
    if not feature.parts:
        return numbers[_bare(feature)]
    parts = (named[part] if isinstance(part, str) else part for part in feature.parts)
    return feature, [_made(part, numbers, named) for part in parts]


def _value(made: Any, found: list[Any]) -> Any:
    if isinstance(made, int):
        return found[made]
    feature, parts = made
    return combined(feature, [_value(part, found) for part in parts])


def _rows_of(feature: Feature, pivot: tuple[Condition, ...] = ()) -> Rows:
    return feature.table, feature.time, feature.open_until, (*feature.where, *pivot)


def _table(
    rows: Rows, features: list[Feature], numbers: dict[Feature, int]
) -> tuple[_Alone, list[_Together], list[_Alone]]:
    """Plan all that is computed from some rows of a table."""
    together = [f for f in features if f.aggregate in _ADDITIVE and len(f.pivot) == 1 and not f.weights]
    rest = [feature for feature in features if feature.pivot and feature not in together]
    plain = _Alone(rows, _calls([feature for feature in features if not feature.pivot], numbers))
    grouped = _grouped(together, lambda feature: feature.pivot[0][0])
    return plain, [_together(c, some, rows, numbers) for c, some in grouped.items()], _alone(rest, rows, numbers)


def _calls(features: list[Feature], numbers: dict[Feature, int]) -> list[_Call]:
    groups = _grouped(features, lambda f: (f.aggregate, f.column, f.weights))
    return [_Call(*which, [f.window for f in some], [numbers[f] for f in some]) for which, some in groups.items()]


def _alone(features: list[Feature], rows: Rows, numbers: dict[Feature, int]) -> list[_Alone]:
    table, time, open_until, where = rows
    return [
        _Alone((table, time, open_until, (*where, *pivot)), _calls(some, numbers))
        for pivot, some in _grouped(features, lambda feature: feature.pivot).items()
    ]


def _together(category: str, features: list[Feature], rows: Rows, numbers: dict[Feature, int]) -> _Together:
    conditions = list(dict.fromkeys(feature.pivot[0] for feature in features))
    tables = []
    for (aggregate, column, window), some in _grouped(features, lambda f: (f.aggregate, f.column, f.window)).items():
        slots = [conditions.index(feature.pivot[0]) for feature in some]
        tables.append((window, column if aggregate == "sum" else "", [numbers[feature] for feature in some], slots))
    return _Together(category, conditions, tables, _alone(features, rows, numbers))


def _sees_nothing(history: History) -> bool:
    """Tell whether there is one question, as of one customer, and no row for it."""
    return len(history) == 1 and not len(history.rows)


def _slots(history: History, category: str, conditions: list[Condition]) -> np.ndarray | None:
    """Give numbers to the categories that are asked for; None if one row could count for two of them."""
    if all(len(condition) == 2 for condition in conditions):
        slots = {condition[1]: number for number, condition in enumerate(conditions)}
        texts = history.table.codes(category).texts
        numbers = np.array([*(slots.get(text, len(slots)) for text in texts), len(slots)], dtype=np.int16)
        return np.asarray(numbers[history.codes(category)])
    masks = [categories_where(history.table, condition) for condition in conditions]
    having = [mask for mask in masks if mask is not None]
    if len(having) < len(masks) or (np.sum(having, axis=0) > 1).any():
        return None
    numbers = np.full(len(having[0]), len(conditions), dtype=np.int16)
    for number, mask in enumerate(having):
        numbers[mask] = number
    return np.asarray(numbers[history.codes(category)])


def _grouped(items: list[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    groups: dict[K, list[T]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups

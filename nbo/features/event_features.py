"""What the builders on event tables share: aggregates over windows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, ClassVar, TypeVar

import numpy as np

from nbo.features.aggregates import AGGREGATES
from nbo.features.base import FeatureBuilder
from nbo.features.combined import combined
from nbo.features.conditions import categories_where
from nbo.features.feature import Feature
from nbo.features.history import History
from nbo.features.mixes import pivoted
from nbo.features.past import Past

__all__ = ["EventFeatures", "columns_there", "computed"]

# Aggregates that are computed for all categories of a pivot in one go.
_ADDITIVE = ("count", "sum")
T = TypeVar("T")


class EventFeatures(FeatureBuilder):
    """Aggregates of event tables over windows; a subclass plans which."""

    # Whether the features, with their parts, name every column that `_own` reads.
    own_as_said: ClassVar[bool] = False

    def _columns(self, past: Past) -> dict[str, Any]:
        own = self._own(past)
        return computed([feature for feature in self.features_ if feature.feature not in own], past) | own

    def _own(self, past: Past) -> dict[str, Any]:
        """Compute those of the features that no aggregate gives, by name; none by default."""
        return {}


def computed(features: list[Feature], past: Past) -> dict[str, Any]:
    """Compute features for the questions of a past, and what ratios and differences are made of.

    Parameters
    ----------
    features : list of Feature
        Aggregates, and ratios and differences of them.
    past : Past

    Returns
    -------
    dict of str to array of shape (n,)
        By the names of the features.
    """
    named = {feature.feature: feature for feature in features}
    found: dict[Feature, Any] = {}
    leaves = dict.fromkeys(_bare(leaf) for feature in features for leaf in _leaves(feature, named))
    for (name, time, open_until, where), some in _grouped(list(leaves), _rows_of).items():
        history = past.history(name, time, open_until, where)
        found |= _aggregated([feature for feature in some if not feature.pivot], history)
        found |= _pivots([feature for feature in some if feature.pivot], history, past)
    return {name: _value(feature, found, named) for name, feature in named.items()}


def columns_there(table: Any, *names: str) -> list[str]:
    """Give those of the names that the table has."""
    return [name for name in names if name in table]


def _leaves(feature: Feature, named: dict[str, Feature]) -> Iterator[Feature]:
    """Give what a feature is made of in the end."""
    if not feature.parts:
        yield feature
    for part in feature.parts:
        yield from _leaves(named[part] if isinstance(part, str) else part, named)


def _bare(feature: Feature) -> Feature:
    """Leave out how a feature is called and what is said of it, to compute the same once."""
    return replace(feature, feature="", unit="", meaning="", data_type="", kind="number")


def _value(feature: Feature, found: dict[Feature, Any], named: dict[str, Feature]) -> Any:
    if not feature.parts:
        return found[_bare(feature)]
    parts = [_value(named[part] if isinstance(part, str) else part, found, named) for part in feature.parts]
    return combined(feature, parts)


def _rows_of(feature: Feature) -> tuple[Any, ...]:
    return feature.table, feature.time, feature.open_until, feature.where


def _aggregated(features: list[Feature], history: History) -> dict[Feature, Any]:
    found: dict[Feature, Any] = {}
    for (aggregate, column, weights), some in _grouped(features, lambda f: (f.aggregate, f.column, f.weights)).items():
        numbers = history.weighed(column, weights) if weights else column
        columns = AGGREGATES[aggregate](history, numbers, [feature.window for feature in some])
        found |= dict(zip(some, columns, strict=True))
    return found


def _pivots(features: list[Feature], history: History, past: Past) -> dict[Feature, Any]:
    """Compute the features of single categories: what adds up for all of them at once, the rest one by one."""
    found: dict[Feature, Any] = {}
    together = [f for f in features if f.aggregate in _ADDITIVE and len(f.pivot) == 1 and not f.weights]
    for category, some in _grouped(together, lambda feature: feature.pivot[0][0]).items():
        slots = _slots(history, category, list(dict.fromkeys(feature.pivot[0] for feature in some)))
        if slots is not None:
            found |= _all_slots(some, history, *slots)
    alone = [feature for feature in features if feature not in found]
    for pivot, some in _grouped(alone, lambda feature: feature.pivot).items():
        name, time, open_until, where = _rows_of(some[0])
        found |= _aggregated(some, past.history(name, time, open_until, (*where, *pivot)))
    return found


def _slots(
    history: History, category: str, conditions: list[tuple[Any, ...]]
) -> tuple[np.ndarray, dict[tuple[Any, ...], int]] | None:
    """Give numbers to the categories that are asked for; None if one row could count for two of them."""
    masks = [categories_where(history.table, condition) for condition in conditions]
    having = [mask for mask in masks if mask is not None]
    if len(having) < len(masks):
        return None
    if (np.sum(having, axis=0) > 1).any():
        return None
    numbers = np.full(len(having[0]), len(conditions), dtype=np.int16)
    for number, mask in enumerate(having):
        numbers[mask] = number
    return numbers[history.codes(category)], {condition: number for number, condition in enumerate(conditions)}


def _all_slots(
    features: list[Feature], history: History, slots: np.ndarray, numbers: dict[tuple[Any, ...], int]
) -> dict[Feature, Any]:
    found: dict[Feature, Any] = {}
    for (aggregate, column, window), some in _grouped(features, lambda f: (f.aggregate, f.column, f.window)).items():
        table = pivoted(history, slots, len(numbers), window, column if aggregate == "sum" else "")
        found |= {feature: table[numbers[feature.pivot[0]]] for feature in some}
    return found


def _grouped(items: list[T], key: Callable[[T], Any]) -> dict[Any, list[T]]:
    groups: dict[Any, list[T]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups

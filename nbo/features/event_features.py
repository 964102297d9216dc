"""What the builders on event tables share: aggregates over windows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from nbo.features.aggregates import AGGREGATES
from nbo.features.base import FeatureBuilder
from nbo.features.conditions import categories_where
from nbo.features.feature import Feature
from nbo.features.history import History
from nbo.features.mixes import pivoted
from nbo.features.past import Past

__all__ = ["EventFeatures", "columns_there"]

# Aggregates that are computed for all categories of a pivot in one go.
_ADDITIVE = ("count", "sum")
T = TypeVar("T")


class EventFeatures(FeatureBuilder):
    """Aggregates of event tables over windows; a subclass plans which."""

    def _columns(self, past: Past) -> dict[str, Any]:
        simple = [feature for feature in self.features_ if not feature.parts]
        found: dict[str, Any] = {}
        for (name, time, open_until, where), features in _grouped(simple, _rows_of).items():
            history = past.history(name, time, open_until, where)
            found |= _aggregated([feature for feature in features if not feature.pivot], history)
            found |= _pivots([feature for feature in features if feature.pivot], history, past)
        for feature in self.features_:
            if feature.parts:
                found[feature.feature] = _ratio([np.asarray(found[part]) for part in feature.parts]) * feature.scale
        return found


def columns_there(table: Any, *names: str) -> list[str]:
    """Give those of the names that the table has."""
    return [name for name in names if name in table]


def _rows_of(feature: Feature) -> tuple[Any, ...]:
    return feature.table, feature.time, feature.open_until, feature.where


def _aggregated(features: list[Feature], history: History) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for (aggregate, column), some in _grouped(features, lambda feature: (feature.aggregate, feature.column)).items():
        columns = AGGREGATES[aggregate](history, column, [feature.window for feature in some])
        found |= {feature.feature: values for feature, values in zip(some, columns, strict=True)}
    return found


def _pivots(features: list[Feature], history: History, past: Past) -> dict[str, Any]:
    """Compute the features of single categories: what adds up for all of them at once, the rest one by one."""
    found: dict[str, Any] = {}
    together = [f for f in features if f.aggregate in _ADDITIVE and len(f.pivot) == 1]
    for category, some in _grouped(together, lambda feature: feature.pivot[0][0]).items():
        slots = _slots(history, category, list(dict.fromkeys(feature.pivot[0] for feature in some)))
        if slots is not None:
            found |= _all_slots(some, history, *slots)
    alone = [feature for feature in features if feature.feature not in found]
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
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for (aggregate, column, window), some in _grouped(features, lambda f: (f.aggregate, f.column, f.window)).items():
        table = pivoted(history, slots, len(numbers), window, column if aggregate == "sum" else "")
        found |= {feature.feature: table[:, numbers[feature.pivot[0]]] for feature in some}
    return found


def _ratio(parts: list[np.ndarray]) -> np.ndarray:
    below = sum(parts[1:], start=np.zeros(len(parts[0])))
    return np.divide(parts[0], below, out=np.full(len(below), np.nan), where=below != 0)


def _grouped(items: list[T], key: Callable[[T], Any]) -> dict[Any, list[T]]:
    groups: dict[Any, list[T]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups

"""What the builders on event tables share: aggregates over windows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd

from nbo.features.aggregates import AGGREGATES, Values, finite_numbers
from nbo.features.base import FeatureBuilder, with_columns
from nbo.features.feature import Conditions, Feature
from nbo.features.keys import as_texts
from nbo.features.windows import History
from nbo.tables import CustomerTables

__all__ = ["EventFeatures", "columns_there", "rows_where"]


class EventFeatures(FeatureBuilder):
    """Aggregates of event tables over windows; a subclass plans which."""

    def _frame(self, tables: CustomerTables, name: str) -> pd.DataFrame:
        """Give a table as the features' filters take it."""
        return tables.get(name)

    def _columns(self, tables: CustomerTables, spine: pd.DataFrame) -> dict[str, np.ndarray | pd.Series]:
        simple = [feature for feature in self.features_ if not feature.parts]
        found: dict[str, np.ndarray | pd.Series] = {}
        for table, features in _grouped(simple, lambda feature: feature.table).items():
            frame = with_columns(tables, table, self._frame(tables, table), _needed(features))
            for some in _grouped(features, lambda feature: (feature.time, feature.open_until)).values():
                found |= _of_one_clock(some, frame, spine)
        for feature in self.features_:
            if feature.parts:
                found[feature.feature] = _ratio([np.asarray(found[part]) for part in feature.parts]) * feature.scale
        return found


def columns_there(frame: pd.DataFrame, *names: str) -> list[str]:
    """Give those of the names that the frame has."""
    return [name for name in names if name in frame]


def rows_where(frame: pd.DataFrame, where: Conditions) -> np.ndarray:
    """Mark the rows that meet conditions.

    Parameters
    ----------
    frame : DataFrame of shape (m, ...)
    where : tuple of (str, str)
        Column and value, as text; all must hold.

    Returns
    -------
    ndarray of bool, shape (m,)
    """
    keep = np.ones(len(frame), dtype=bool)
    for column, value in where:
        keep &= (as_texts(frame[column]) == value).to_numpy(dtype=bool)
    return keep


def _of_one_clock(features: list[Feature], frame: pd.DataFrame, spine: pd.DataFrame) -> dict[str, np.ndarray]:
    """Compute features of one table whose rows count from the same time on."""
    any_of_them = features[0]
    history = History.before(frame, spine, any_of_them.table, time=any_of_them.time)
    if any_of_them.open_until:
        history = history.still_open(frame[any_of_them.open_until])
    found = {}
    for where, some in _grouped(features, lambda feature: feature.where).items():
        part = history.where(rows_where(frame, where)) if where else history
        values: dict[tuple[str, bool], Values] = {}
        for feature in some:
            key = (feature.column, feature.aggregate == "distinct")
            if key not in values:
                values[key] = _values(part, frame, feature)
            found[feature.feature] = AGGREGATES[feature.aggregate](part, values[key], feature.window)
    return found


def _values(history: History, frame: pd.DataFrame, feature: Feature) -> Values:
    if not feature.column:
        return Values(history, np.empty(0))
    if feature.aggregate == "distinct":
        return Values(history, pd.factorize(frame[feature.column])[0][history.rows])
    numbers = finite_numbers(frame[feature.column], f"{feature.table}.{feature.column}")
    return Values(history, numbers[history.rows])


def _ratio(parts: list[np.ndarray]) -> np.ndarray:
    below = sum(parts[1:], start=np.zeros(len(parts[0])))
    return np.divide(parts[0], below, out=np.full(len(below), np.nan), where=below != 0)


def _needed(features: Iterable[Feature]) -> list[str]:
    """Columns that the features read, each once."""
    names = [name for f in features for name in (f.column, f.time, f.open_until, *(column for column, _ in f.where))]
    return [name for name in dict.fromkeys(names) if name]


def _grouped(features: list[Feature], key: Callable[[Feature], Any]) -> dict[Any, list[Feature]]:
    groups: dict[Any, list[Feature]] = {}
    for feature in features:
        groups.setdefault(key(feature), []).append(feature)
    return groups

"""Which rows of a state no window can reach any more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.errors import InputError
from nbo.features.aggregates import AGGREGATES
from nbo.features.feature import Feature
from nbo.features.feature_set import FeatureSet
from nbo.features.moments import length
from nbo.features.online.state_table import StateTable
from nbo.features.window import Window
from nbo.tables import CONTRACTS
from nbo.times import check_duration

__all__ = ["Retention"]

# Rows to add before it is worth looking through all of them again.
_OFTEN = 10_000
# Each day of four years, at its end: among them is the one from which a window of months reaches back furthest.
_DAYS = np.arange("2024-01-01", "2028-01-01", dtype="datetime64[D]").astype("datetime64[us]").astype(np.int64) - 1


class Retention:
    """Which rows of a state no window can reach any more.

    Parameters
    ----------
    features : FeatureSet
    keep : str or timedelta
        How far back rows are kept at least; longer than the longest window.

    Attributes
    ----------
    forgotten : int or None
        Rows from before this moment, in microseconds of UTC, may be gone.

    Raises
    ------
    InputError
        If a feature may need rows that are older.
    """

    def __init__(self, features: FeatureSet, keep: Any) -> None:
        self.keep = length(check_duration(keep, "keep"))
        self.forgotten: int | None = None
        self._times: dict[str, set[str]] = {}
        self._windows: set[str] = set()
        for builder in features.builders:
            for feature in builder.features_:
                for leaf in _leaves(feature):
                    self._add(leaf, keep)
        self._left = _OFTEN

    def _add(self, feature: Feature, keep: Any) -> None:
        own = CONTRACTS[feature.table].time
        if own is None or own == c.VALID_FROM:
            return
        start = None
        if feature.aggregate in AGGREGATES and not feature.aggregate.startswith("decayed"):
            start, _ = Window.of(feature.window).span(_DAYS)
        if start is None or int((_DAYS - start).max()) > self.keep:
            raise InputError(
                f"keep must be longer than what features look back; {feature.feature} looks back further than "
                f"{keep!r}. Leave keep out, or take windows of a limited length only."
            )
        self._windows.add(feature.window)
        self._times.setdefault(feature.table, {str(own)}).add(feature.time or str(own))

    def check(self, moment: pd.Timestamp) -> None:
        """Refuse a moment for which rows that windows reach may be gone.

        Parameters
        ----------
        moment : Timestamp

        Raises
        ------
        InputError
            If it lies too far back.
        """
        if self.forgotten is None:
            return
        as_of = np.array([moment.as_unit("us").value // 1000])
        starts = [start for start in (Window.of(text).span(as_of)[0] for text in self._windows) if start is not None]
        if starts and int(min(start[0] for start in starts)) < self.forgotten:
            gone = pd.Timestamp(self.forgotten, unit="us")
            raise InputError(f"as_of must lie later: rows from before {gone} are forgotten; got {moment}.")

    def added(self, n: int, tables: Mapping[str, StateTable]) -> None:
        """Count rows that came in, and forget old ones once in a while."""
        self._left -= n
        if self._left < 0:
            self.forget(tables)
            self._left = max(_OFTEN, sum(map(len, tables.values())))

    def forget(self, tables: Mapping[str, StateTable]) -> None:
        """Forget rows that happened longer than `keep` before the newest row, or before now where that is earlier.

        Parameters
        ----------
        tables : mapping of str to StateTable
        """
        newest = {name: _newest(tables[name], times) for name, times in self._times.items() if name in tables}
        if not any(map(len, newest.values())):
            return
        latest = max(int(times.max()) for times in newest.values() if len(times))
        latest = min(latest, pd.Timestamp.now("UTC").as_unit("us").value // 1000)
        self.forgotten = max(latest - self.keep, self.forgotten or latest - self.keep)
        for name, times in newest.items():
            reached = np.flatnonzero(times >= self.forgotten)
            if len(reached) < len(times):
                tables[name].keep(reached)


def _leaves(feature: Feature) -> Iterator[Feature]:
    """Give what a feature is made of; parts that are names are features of their own."""
    if not feature.parts:
        yield feature
    for part in feature.parts:
        if isinstance(part, Feature):
            yield from _leaves(part)


def _newest(table: StateTable, times: set[str]) -> np.ndarray:
    """Give the latest of some times of each row."""
    table.settle()
    columns = [np.asarray(table.columns[name].values).copy() for name in sorted(times) if name in table.columns]
    return np.maximum.reduce(columns)

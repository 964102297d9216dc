"""What all feature builders share."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns
from nbo.errors import InputError
from nbo.features.feature import DICTIONARY_COLUMNS, Feature
from nbo.features.keys import as_texts
from nbo.features.windows import known_before
from nbo.tables import CustomerTables, Spine
from nbo.times import check_duration

__all__ = ["FeatureBuilder", "check_spine", "check_windows", "known_rows", "top_values", "with_columns"]


class FeatureBuilder(ABC):
    """Point-in-time columns of one data type.

    A builder is made with keyword arguments, which it only stores. `fit` fixes the columns: by
    which tables and columns are there, and by the categories most frequent in rows known
    before the spine's latest `as_of`. From then on `build` gives these columns, in this
    order, whatever tables come: a table that is missing then counts as one without rows.

    A subclass says which tables it reads (`tables`), which features they give (`_plan`) and how
    to compute them (`_columns`).

    Attributes
    ----------
    features_ : list of Feature
        The columns, fixed by `fit`.
    """

    data_type: ClassVar[str]
    tables: ClassVar[tuple[str, ...]]
    features_: list[Feature]

    @abstractmethod
    def _plan(self, tables: CustomerTables, latest: pd.Timestamp) -> list[Feature]:
        """Choose the features; learn only from rows known before `latest`."""

    @abstractmethod
    def _columns(self, tables: CustomerTables, spine: pd.DataFrame) -> dict[str, np.ndarray | pd.Series]:
        """Compute `features_` for the rows of a spine."""

    def fit(self, tables: CustomerTables, spine: Spine) -> FeatureBuilder:
        """Fix the columns.

        Parameters
        ----------
        tables : CustomerTables
        spine : Spine
            Categories are learnt from rows known before its latest `as_of`.

        Returns
        -------
        FeatureBuilder
            Itself; an earlier fit is forgotten.

        Raises
        ------
        InputError
            If none of the builder's tables is there, or an argument is not allowed.
        TypeError
            If `spine` is no Spine.
        """
        check_spine(spine)
        if not any(tables.has(name) for name in self.tables):
            raise InputError(
                f"{type(self).__name__} needs one of the tables {', '.join(self.tables)}; "
                f"there are: {', '.join(tables.names) or 'none'}."
            )
        self.features_ = _with_own_names(self._plan(tables, spine.frame[c.AS_OF].max()))
        return self

    def build(self, tables: CustomerTables, spine: Spine) -> pd.DataFrame:
        """Compute the columns.

        Parameters
        ----------
        tables : CustomerTables
        spine : Spine of n rows

        Returns
        -------
        DataFrame of shape (n, k)
            One row per spine row, in its order, index 0 .. n-1. Numbers are int64 or
            float64, categories str.

        Raises
        ------
        InputError
            If the builder is not fitted, a table lacks a column that the features need, an
            event has no time, or an amount is no finite number.
        """
        self._check_fitted()
        check_spine(spine)
        columns = self._columns(tables, spine.frame)
        return pd.DataFrame({f.feature: columns[f.feature] for f in self.features_}, index=range(len(spine)))

    def describe(self) -> pd.DataFrame:
        """Give the feature dictionary.

        Returns
        -------
        DataFrame of shape (k, 9)
            One row per column of `build`, in its order: feature, data_type, table, column,
            aggregate, window, filter, unit, meaning.

        Raises
        ------
        InputError
            If the builder is not fitted.
        """
        self._check_fitted()
        return pd.DataFrame([feature.describe() for feature in self.features_], columns=DICTIONARY_COLUMNS)

    def get_params(self) -> dict[str, Any]:
        """Give the keyword arguments, as they were given."""
        return {name: getattr(self, name) for name in inspect.signature(type(self)).parameters}

    def to_dict(self) -> dict[str, Any]:
        """Give arguments and fixed columns as JSON values; :meth:`from_dict` takes them back."""
        params = {name: list(v) if isinstance(v, tuple) else v for name, v in self.get_params().items()}
        fitted = [feature.to_dict() for feature in self.features_] if self._is_fitted else None
        return {"builder": type(self).__name__, "params": params, "features": fitted}

    @staticmethod
    def from_dict(state: dict[str, Any]) -> FeatureBuilder:
        """Make the builder of :meth:`to_dict` again, of any imported kind.

        Parameters
        ----------
        state : dict
            With the keys builder, params and features.

        Returns
        -------
        FeatureBuilder

        Raises
        ------
        InputError
            If no imported builder has that name.
        """
        kinds = {kind.__name__: kind for kind in _kinds_below(FeatureBuilder)}
        if state.get("builder") not in kinds:
            names = ", ".join(sorted(kinds))
            raise InputError(f"builder must be one of {names}; got {state.get('builder')!r}. Import it first.")
        builder: FeatureBuilder = kinds[state["builder"]](**state["params"])
        if state["features"] is not None:
            builder.features_ = [Feature.from_dict(feature) for feature in state["features"]]
        return builder

    def __repr__(self) -> str:
        params = ", ".join(f"{name}={value!r}" for name, value in self.get_params().items())
        return f"{type(self).__name__}({params})"

    @property
    def _is_fitted(self) -> bool:
        return hasattr(self, "features_")

    def _check_fitted(self) -> None:
        if not self._is_fitted:
            raise InputError(f"{type(self).__name__} is not fitted; call fit(tables, spine) first.")


def _kinds_below(kind: type) -> list[type]:
    """List all classes below one that can be made."""
    found: list[type] = []
    direct: type
    for direct in kind.__subclasses__():
        found += [direct, *_kinds_below(direct)]
    return [one for one in found if not inspect.isabstract(one)]


def _with_own_names(features: list[Feature]) -> list[Feature]:
    """Give a number to names that two categories would share, such as "a b" and "a_b"."""
    seen: Counter[str] = Counter()
    named = []
    for feature in features:
        seen[feature.feature] += 1
        n = seen[feature.feature]
        named.append(feature if n == 1 else replace(feature, feature=f"{feature.feature}_{n}"))
    return named


def check_spine(spine: Any) -> None:
    """Refuse what is no Spine.

    Parameters
    ----------
    spine : object

    Raises
    ------
    TypeError
        If it is something else, such as a frame.
    """
    if not isinstance(spine, Spine):
        raise TypeError(f"spine must be a Spine; got {type(spine).__name__}. Use Spine.of(frame).")


def check_windows(windows: Any) -> list[str]:
    """Take lengths of time for windows, shortest first.

    Parameters
    ----------
    windows : sequence of str
        Such as ("30D", "90D"); at least one, none twice.

    Returns
    -------
    list of str

    Raises
    ------
    InputError
        If one is not a text for a length of time above zero, or stands twice.
    """
    if isinstance(windows, str) or not all(isinstance(window, str) for window in windows) or not len(windows):
        raise InputError(f"windows must be texts such as ('30D', '90D'), one or more; got {windows!r}.")
    lengths = {window: check_duration(window, "windows") for window in windows}
    if len(set(lengths.values())) < len(windows):
        raise InputError(f"windows must differ; got {windows!r}.")
    return sorted(lengths, key=lambda window: lengths[window])


def with_columns(tables: CustomerTables, name: str, frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Make sure that a table has the columns that features read.

    Parameters
    ----------
    tables : CustomerTables
    name : str
    frame : DataFrame
        The table. If it is not among `tables`, it has no rows, and gets the columns that no
        contract knows by name.
    columns : list of str

    Returns
    -------
    DataFrame

    Raises
    ------
    InputError
        If the table is there and lacks a column.
    """
    if tables.has(name):
        check_columns(frame, columns, name)
        return frame
    return frame.reindex(columns=list(dict.fromkeys([*frame.columns, *columns])))


def known_rows(frame: pd.DataFrame, table: str, latest: pd.Timestamp) -> pd.DataFrame:
    """Give the rows that categories may be learnt from: those known before the latest `as_of`."""
    return frame[known_before(frame, table, latest)] if latest is not pd.NaT else frame.iloc[:0]


def top_values(values: pd.Series, top: int) -> list[str]:
    """Give the most frequent values as text, the first in the alphabet among equals."""
    if not isinstance(top, int) or top < 0:
        raise InputError(f"the number of values to take must be 0 or more; got {top!r}.")
    counts = as_texts(values.dropna()).value_counts()
    return sorted(counts.index, key=lambda value: (-counts[value], value))[:top]

"""What all feature builders share."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from nbo.checks import check_one_of
from nbo.errors import InputError
from nbo.features.feature import DICTIONARY_COLUMNS, Feature, with_own_names
from nbo.features.past import Past
from nbo.features.window import Window
from nbo.tables import CustomerTables, Spine, StoredTables

__all__ = ["FeatureBuilder", "Tables", "check_spine", "check_texts", "check_windows"]

Tables = CustomerTables | StoredTables | str | Path


class FeatureBuilder(ABC):
    """Point-in-time columns of one data type.

    A builder is made with keyword arguments, which it only stores. `fit` fixes the columns: by
    which tables and columns are there, and by the categories most frequent in rows known
    before the spine's latest `as_of`. From then on `build` gives these columns, in this
    order, whatever tables come: a table that is missing then counts as one without rows.

    A subclass says which tables it reads (`tables`), which features they give (`_plan`) and how
    to compute them (`_columns`); both take what the spine may see, a :class:`~nbo.features.past.Past`.

    Attributes
    ----------
    features_ : list of Feature
        The columns, fixed by `fit`.
    """

    data_type: str
    tables: tuple[str, ...]
    by_default: ClassVar[bool] = True
    # Keys by which other customers' rows matter: household_id, account_id or related_id.
    links: tuple[str, ...] = ()
    features_: list[Feature]

    @abstractmethod
    def _plan(self, past: Past) -> list[Feature]:
        """Choose the features; learn only from rows known before the spine's latest `as_of`."""

    @abstractmethod
    def _columns(self, past: Past) -> dict[str, Any]:
        """Compute `features_`, an array of numbers or texts each, for the questions of `past`."""

    def fit(self, tables: Tables, spine: Spine) -> FeatureBuilder:
        """Fix the columns.

        Parameters
        ----------
        tables : CustomerTables, StoredTables, str or Path
            A folder's columns are read when they are needed.
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
        return self.fit_past(Past(tables, spine))

    def fit_past(self, past: Past) -> FeatureBuilder:
        """Do the work of :meth:`fit`, where builders share what they find."""
        if not any(past.has(name) for name in self.tables):
            raise InputError(f"{type(self).__name__} needs one of the tables {', '.join(self.tables)}; none is there.")
        self.features_ = with_own_names(self._plan(past))
        return self

    def build(self, tables: Tables, spine: Spine) -> pd.DataFrame:
        """Compute the columns.

        Parameters
        ----------
        tables : CustomerTables, StoredTables, str or Path
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
        check_spine(spine)
        return self.build_past(Past(tables, spine))

    def build_past(self, past: Past) -> pd.DataFrame:
        """Do the work of :meth:`build`, where builders share what they find."""
        return past.spread(self.columns(past))

    def columns(self, past: Past) -> dict[str, Any]:
        """Give the columns for the questions of `past`, an array of numbers or texts each."""
        self._check_fitted()
        columns = self._columns(past)
        return {feature.feature: columns[feature.feature] for feature in self.features_}

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

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Give the names of the columns, as scikit-learn's transformers do.

        Parameters
        ----------
        input_features : None
            Only for scikit-learn's sake.

        Returns
        -------
        ndarray of object, shape (k,)

        Raises
        ------
        InputError
            If the builder is not fitted.
        """
        return self.describe()["feature"].to_numpy(dtype=object)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Give the keyword arguments, as they were given; `deep` is there only for scikit-learn's sake."""
        return {name: getattr(self, name) for name in inspect.signature(type(self)).parameters}

    def set_params(self, **params: Any) -> FeatureBuilder:
        """Change keyword arguments, as scikit-learn's estimators do; the columns stay until the next `fit`.

        Parameters
        ----------
        **params
            By name; an argument that is not there is refused.

        Returns
        -------
        FeatureBuilder
        """
        for name in params:
            check_one_of(name, list(self.get_params()), "params")
        vars(self).update(params)
        return self

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
    """Take windows, shortest first.

    Parameters
    ----------
    windows : sequence of str
        Such as ("30D", "3mo", "30D_before_30D"); at least one, none twice.

    Returns
    -------
    list of str

    Raises
    ------
    InputError
        If one is no window, or stands twice.
    """
    if isinstance(windows, str) or not all(isinstance(window, str) for window in windows) or not len(windows):
        raise InputError(f"windows must be texts such as ('30D', '90D'), one or more; got {windows!r}.")
    try:
        read = {window: Window.of(window) for window in windows}
    except InputError as error:
        raise InputError(f"windows must be windows: {error}") from error
    if len({window.lengths for window in read.values()}) < len(windows):
        raise InputError(f"windows must differ; got {windows!r}.")
    return sorted(windows, key=lambda text: (read[text].reach, read[text].days))


def check_texts(values: Any, what: str) -> list[str]:
    """Take texts, each once.

    Parameters
    ----------
    values : sequence of str
    what : str
        Name for messages.

    Returns
    -------
    list of str

    Raises
    ------
    InputError
        If it is a text, or holds anything else than texts.
    """
    if isinstance(values, str) or not all(isinstance(value, str) for value in values):
        raise InputError(f"{what} must be a sequence of texts; got {values!r}.")
    return list(dict.fromkeys(values))

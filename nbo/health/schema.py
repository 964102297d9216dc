"""Whether the features and tables that a model asks for are there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.features import FeatureProfile
from nbo.features.windows import known_before
from nbo.health.finding import Finding
from nbo.tables import CONTRACTS, CustomerTables

__all__ = ["missing_features", "table_findings"]

_DAY = pd.Timedelta(days=1)
# A table is silent only if so many rows would have been expected since its last one.
_EXPECTED = 20.0
_PACE = 90


def missing_features(names: list[str], X: pd.DataFrame) -> list[Finding]:
    """Tell which features are missing.

    Parameters
    ----------
    names : list of str
        Features that the model asks for.
    X : DataFrame of shape (n, any)

    Returns
    -------
    list of Finding
        One row for all where none is missing.
    """
    missing = [name for name in names if name not in X.columns]
    found = [Finding("missing_feature", name, 1.0, f"{name} is not there") for name in missing]
    return found or [Finding("missing_feature", "all", 0.0, f"all {len(names)} features are there")]


def table_findings(
    features: Any, tables: CustomerTables, profile: FeatureProfile | None, as_of: pd.Timestamp
) -> list[Finding]:
    """Tell which tables and columns are missing, and which tables have become silent.

    Parameters
    ----------
    features : FeatureSet
        Fitted.
    tables : CustomerTables
    profile : FeatureProfile or None
        Of training: a table whose features did not vary then is not missed.
    as_of : Timestamp

    Returns
    -------
    list of Finding
    """
    dictionary = features.describe()
    if profile is not None:
        varied = [column.feature for column in profile.columns if column.distinct > 1]
        dictionary = dictionary[dictionary["feature"].isin(varied)]
    found = []
    for name, part in dictionary.groupby("table", sort=True):
        frame = tables.get(name)
        gone = int(not len(frame))
        n_features = f"{len(part)} feature{'s' * (len(part) != 1)}"
        found.append(Finding("missing_table", name, gone, f"{n_features} read {name}, which has {len(frame):,} rows"))
        if not gone:
            found += _missing_columns(name, sorted(set(part["column"])), frame)
            found += _silence(name, frame, as_of)
    return found


def _missing_columns(name: str, columns: list[str], frame: pd.DataFrame) -> list[Finding]:
    of_contract = {column.name for column in CONTRACTS[name].columns}
    missing = [column for column in columns if column in of_contract and column not in frame]
    return [Finding("missing_column", f"{name}.{column}", 1.0, f"{name} has no {column} now") for column in missing]


def _silence(name: str, frame: pd.DataFrame, as_of: pd.Timestamp) -> list[Finding]:
    time = CONTRACTS[name].time
    if time is None or time == c.VALID_FROM or time not in frame:
        return []
    times = frame.loc[known_before(frame, as_of, name), time]
    if times.empty:
        return []
    last = times.max()
    days = (as_of - last) / _DAY
    pace = float((times > last - _PACE * _DAY).sum()) / _PACE
    words = f"the last row is of {last:%Y-%m-%d %H:%M}, after {pace:.3g} rows a day"
    return [Finding("table_silence", name, days if pace * days > _EXPECTED else np.nan, words)]

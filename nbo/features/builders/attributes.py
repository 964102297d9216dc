"""Which columns of an attribute table are features."""

from __future__ import annotations

import pandas as pd

from nbo import columns as c
from nbo.features.feature import Feature, feature_name
from nbo.features.past import Past
from nbo.tables import CONTRACTS

__all__ = ["attribute_features"]

_NOT_ATTRIBUTES = (c.VALID_FROM, c.KNOWN_AT, c.AGE)
_CATEGORY = "category"


def attribute_features(past: Past, table: str, max_categories: int) -> list[Feature]:
    """Choose the columns of an attribute table that are features.

    These are the numbers, flags and categories that the contract knows, and extra columns of
    numbers, flags or texts. Keys (also extra columns called ``id`` or ``..._id``), times and
    lists are not, nor are categories that have too many values.

    Parameters
    ----------
    past : Past
    table : str
    max_categories : int
        Most values that a category may have, in rows known before the latest moment of the spine.

    Returns
    -------
    list of Feature
        In the order of the contract, then of the names of the extra columns.
    """
    columns = past.table(table)
    order = [column.name for column in CONTRACTS[table].columns]
    names = sorted(columns.columns, key=lambda name: (order.index(name) if name in order else len(order), name))
    features = []
    for name in names:
        kind = _kind(columns[name], name, table)
        if kind == _CATEGORY and len(past.value_counts(table, name)) > max_categories:
            continue
        if kind:
            features.append(_attribute(table, name, kind))
    return features


def _kind(values: pd.Series, name: str, table: str) -> str:
    """Say whether a column is a number, flag or category; empty if it is no attribute."""
    known = CONTRACTS[table].column(name)
    if known is not None:
        return known.kind if known.kind in ("number", "flag", _CATEGORY) and name not in _NOT_ATTRIBUTES else ""
    if name == "id" or name.endswith("_id"):
        return ""
    if pd.api.types.is_numeric_dtype(values.dtype):
        return "number"
    is_text = pd.api.types.is_string_dtype(values.dtype) or isinstance(values.dtype, pd.CategoricalDtype)
    return _CATEGORY if is_text else ""


def _attribute(table: str, name: str, kind: str) -> Feature:
    known = CONTRACTS[table].column(name)
    unit = known.unit if known else ""
    said = known.meaning.rstrip(". ") if known else f"Extra column {name} of {table}"
    said += f" ({name})" if known and known.name.endswith("*") else ""
    meaning = f"{said}, as known at as_of."
    return Feature(feature_name(table, name), table, name, "as_of", unit=unit, meaning=meaning, kind=kind)

"""What the columns of a model are: their data type and their meaning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from nbo import columns as c
from nbo.checks import check_columns
from nbo.features import FeatureSet
from nbo.tables import CONTRACTS

__all__ = ["describe_columns"]

# Longest first, so that a table whose name begins like another's is not taken for it.
_TABLES = sorted(CONTRACTS, key=len, reverse=True)
_OFFER = "offer__"
_WHAT_WE_DID = CONTRACTS["decisions"].data_type
_OTHER = "other"


def describe_columns(names: Sequence[str], features: Any = None) -> pd.DataFrame:
    """Say of each column which data type it is of, and what it means.

    Parameters
    ----------
    names : sequence of str
        Columns of a model.
    features : FeatureSet, DataFrame or mapping of str to str, optional
        A fitted set, its ``describe()``, or column to data type. What it does not name is told by
        the name: ``<table>__...`` is of the table's data type, the offer and its channel are what
        we did, and the rest is "other".

    Returns
    -------
    DataFrame
        ``column``, ``data_type`` and ``meaning``, which is the name where nothing else is known.

    Raises
    ------
    InputError
        If a frame of features lacks the columns `feature` and `data_type`.
    TypeError
        If features are neither a set, a frame nor a mapping.

    Examples
    --------
    >>> describe_columns(["events__count__30D", "offer_id", "x0"])["data_type"].tolist()
    ['behavioral', 'what we did', 'other']
    """
    data_types, meanings = _known(features)
    return pd.DataFrame(
        {
            "column": list(names),
            "data_type": [data_types.get(name) or _data_type(name) for name in names],
            "meaning": [meanings.get(name) or name for name in names],
        }
    )


def _known(features: Any) -> tuple[dict[str, str], dict[str, str]]:
    if features is None:
        return {}, {}
    if isinstance(features, Mapping):
        return dict(features), {}
    dictionary = features.describe() if isinstance(features, FeatureSet) else features
    if not isinstance(dictionary, pd.DataFrame):
        raise TypeError(
            "features must be a FeatureSet, its describe() or a mapping of columns to data types; "
            f"got {type(features).__name__}."
        )
    check_columns(dictionary, ["feature", "data_type"], "features")
    by_name = dictionary.set_index("feature").to_dict()
    return by_name["data_type"], by_name.get("meaning", {})


def _data_type(name: str) -> str:
    if name in (c.OFFER_ID, c.CHANNEL) or name.startswith(_OFFER):
        return _WHAT_WE_DID
    table = name.partition("__")[0] if "__" in name else ""
    # A builder may put a label behind the table: transactions_abroad__count__30D.
    found = (known for known in _TABLES if table == known or table.startswith(f"{known}_"))
    return next((CONTRACTS[known].data_type for known in found), _OTHER)

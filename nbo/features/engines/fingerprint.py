"""What a build goes by, so that the same build is known again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

import nbo
from nbo.features.needs import Needs
from nbo.tables import CustomerTables, Spine, StoredTables

__all__ = ["fingerprint"]


def fingerprint(
    features: dict[str, Any], tables: CustomerTables | StoredTables, spine: Spine, needs: Needs
) -> dict[str, str]:
    """Say what a build goes by: with the same fingerprint come the same files, to the bit.

    Files count by name, size and time of their last change, tables in memory by what they hold.

    Parameters
    ----------
    features : dict
        What ``FeatureSet.to_dict()`` gives.
    tables : CustomerTables or StoredTables
    spine : Spine
    needs : dict of str to list of str, or None
        What is read of each table.

    Returns
    -------
    dict of str to str
        A code for each of features, spine and tables, and the version of nbo.
    """
    read = sorted(name for name in needs if tables.has(name))
    if isinstance(tables, StoredTables):
        content = [state for name in read for state in _states(tables, name)]
    else:
        content = [[name, *_content(tables.get(name), needs[name])] for name in read]
    return {
        "features": _digest([json.dumps(features, sort_keys=True)]),
        "spine": _digest(_content(spine.frame, None)),
        "tables": _digest([json.dumps(content)]),
        "nbo": nbo.__version__,
    }


def _states(tables: StoredTables, name: str) -> Iterable[list[Any]]:
    for path in tables.stored(name).paths:
        stat = path.stat()
        yield [path.relative_to(tables.folder).as_posix(), stat.st_size, stat.st_mtime_ns]


def _content(frame: pd.DataFrame, columns: list[str] | None) -> list[str]:
    """Give a code for each column that is read; the order of rows counts."""
    names = [str(name) for name in frame.columns if columns is None or name in columns]
    return [f"{name} {frame[name].dtype} {_digest([_hashes(frame[name]).tobytes()])}" for name in names]


def _hashes(values: pd.Series) -> np.ndarray:
    if values.dtype == object:
        # Lists and arrays: the same items are the same text, however they came.
        values = values.map(lambda value: repr(value.tolist() if isinstance(value, np.ndarray) else value))
    return pd.util.hash_pandas_object(values, index=False).to_numpy()


def _digest(parts: Iterable[str | bytes]) -> str:
    code = hashlib.sha256()
    for part in parts:
        code.update(part.encode() if isinstance(part, str) else part)
    return code.hexdigest()

"""The builders that tables allow."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from nbo.errors import InputError
from nbo.features.base import FeatureBuilder

__all__ = ["default_builders"]

_DATA_TYPES = ("demographic", "transaction", "environmental", "behavioral", "social", "what we did")


def default_builders(tables: Any) -> list[FeatureBuilder]:
    """Make the builders that tables allow, by which tables are there; no row is read.

    Parameters
    ----------
    tables : CustomerTables, StoredTables or mapping of table names

    Returns
    -------
    list of FeatureBuilder
        By data type; not fitted.

    Raises
    ------
    InputError
        If no table is there that a builder reads.
    """
    import nbo.features as room

    names = list(tables) if isinstance(tables, Mapping) else tables.names
    kinds = [kind for kind in (getattr(room, name) for name in room.__all__) if _is_default(kind)]
    builders = [kind() for kind in kinds if any(name in names for name in kind.tables)]
    if not builders:
        readable = ", ".join(name for kind in kinds for name in kind.tables)
        raise InputError(f"no features without one of the tables {readable}; there are: {names or 'none'}.")
    return sorted(builders, key=lambda builder: _DATA_TYPES.index(builder.data_type))


def _is_default(kind: Any) -> bool:
    builder = inspect.isclass(kind) and issubclass(kind, FeatureBuilder) and not inspect.isabstract(kind)
    return builder and kind.by_default

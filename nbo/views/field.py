"""One field of a snapshot: its value, and where and when it came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from nbo.views.formats import plain

__all__ = ["HIDDEN", "Field", "masked"]

HIDDEN = "hidden"


@dataclass(frozen=True)
class Field:
    """One field of a snapshot.

    Parameters
    ----------
    value : object
        Plain Python values, Timestamps, or lists and dicts of them; None if not known.
    table : str
        The table it came from, or "model".
    time : Timestamp, optional
        Event time of the newest row used, UTC; from when the row holds for an attribute. None
        if there is no row, or the row holds since ever.
    """

    value: Any
    table: str
    time: pd.Timestamp | None = None

    @classmethod
    def of(cls, value: Any, table: str, times: pd.Series | None = None) -> Field:
        """Make a field out of rows with these times; the newest is kept."""
        newest = None if times is None or times.empty else plain(times.max())
        return cls(plain(value), table, newest)


def masked(value: Any, hidden: set[str]) -> Any:
    """Hide named entries, however deep they stand.

    Parameters
    ----------
    value : object
        Dicts and lists are walked through.
    hidden : set of str
        Keys whose values become "hidden".

    Returns
    -------
    object

    Examples
    --------
    >>> masked({"name": "Ann", "orders": [{"amount": 9.0, "day": 1}]}, {"name", "amount"})
    {'name': 'hidden', 'orders': [{'amount': 'hidden', 'day': 1}]}
    """
    if isinstance(value, dict):
        return {key: HIDDEN if key in hidden else masked(entry, hidden) for key, entry in value.items()}
    if isinstance(value, list):
        return [masked(entry, hidden) for entry in value]
    return value

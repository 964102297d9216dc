"""One field of a snapshot: its value, and where and when it came from."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import pandas as pd

from nbo.views.formats import plain

__all__ = ["HIDDEN", "Field", "masked", "secrets_of"]

HIDDEN = "hidden"
_SHORTEST = 3
# What stands in them is called as the data call it, a channel or a kind of event, not as a field.
_CALLED_BY_DATA = frozenset({"consents", "counts"})


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


def masked(value: Any, hidden: set[str], secrets: Collection[Any] = ()) -> Any:
    """Hide named entries, however deep they stand, and what they hold wherever else it stands.

    Parameters
    ----------
    value : object
        Dicts and lists are walked through.
    hidden : set of str
        Keys whose values become "hidden".
    secrets : collection, default=()
        Texts and times to hide as well, texts and days also as words inside of other texts.

    Returns
    -------
    object

    Examples
    --------
    >>> masked({"name": "Ann", "orders": [{"amount": 9.0, "day": 1}]}, {"name", "amount"})
    {'name': 'hidden', 'orders': [{'amount': 'hidden', 'day': 1}]}
    >>> masked({"reason": "Ann called, as Annette did"}, set(), {"Ann"})
    {'reason': 'hidden called, as Annette did'}
    >>> masked({"email": "ann@example.org", "consents": {"email": True}}, {"email"})
    {'email': 'hidden', 'consents': {'email': True}}
    """
    times = {time for time in secrets if isinstance(time, pd.Timestamp)}
    texts = [*(text for text in secrets if isinstance(text, str)), *(f"{time:%Y-%m-%d}" for time in times)]
    texts.sort(key=len, reverse=True)
    words = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, texts))})(?!\w)") if texts else None

    def hide(entry: Any, named: str = "") -> Any:
        if isinstance(entry, dict):
            secret = set() if named in _CALLED_BY_DATA else hidden
            return {key: HIDDEN if key in secret else hide(part, key) for key, part in entry.items()}
        if isinstance(entry, list):
            return [hide(part) for part in entry]
        if isinstance(entry, str):
            return entry if words is None else words.sub(HIDDEN, entry)
        return HIDDEN if isinstance(entry, pd.Timestamp) and entry in times else entry

    return hide(value)


def secrets_of(value: Any, hidden: set[str]) -> set[Any]:
    """Find the texts and times that named entries hold, however deep they stand.

    Parameters
    ----------
    value : object
        Dicts and lists are walked through.
    hidden : set of str
        Keys.

    Returns
    -------
    set
        Texts of three letters or more: shorter ones, such as a gender of one letter, stand for too much else.

    Examples
    --------
    >>> sorted(secrets_of({"name": "Ann", "orders": [{"name": "Bob", "amount": 9.0}]}, {"name", "amount"}))
    ['Ann', 'Bob']
    """
    if isinstance(value, list):
        return set().union(*(secrets_of(part, hidden) for part in value))
    if not isinstance(value, dict):
        return set()
    own = {part for key, part in value.items() if key in hidden and isinstance(part, str | pd.Timestamp)}
    own = {part for part in own if not isinstance(part, str) or len(part) >= _SHORTEST}
    return own.union(*(secrets_of(part, hidden) for part in value.values()))

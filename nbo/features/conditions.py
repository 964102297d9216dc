"""Conditions that a row of a table must meet to count."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from numbers import Real
from typing import Any, Final

import numpy as np

from nbo.errors import InputError
from nbo.features.history import History
from nbo.tables import TableColumns

__all__ = ["Condition", "as_text", "categories_where", "check_conditions", "in_words", "name_of", "rows_where"]

# ("kind", "sale"), ("category", "in", ("books", "toys")) or ("amount", ">=", 100.0)
Condition = tuple[Any, ...]
_SETS: Final = ("in", "not in")
_NUMBERS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
}
_ALLOWED = "(column, value), (column, 'in' or 'not in', values) or (column, '>=', '>', '<=' or '<', number)"


def check_conditions(conditions: Iterable[Any], what: str = "where") -> tuple[Condition, ...]:
    """Take conditions as tuples that compare and hash.

    Parameters
    ----------
    conditions : iterable of tuple
        ``(column, value)``: the column, as text, is this value. ``(column, "in", values)`` and
        ``(column, "not in", values)``. ``(column, ">=", number)``, also ``>``, ``<=`` and
        ``<``. A missing value meets none.
    what : str, default="where"
        Name for messages.

    Returns
    -------
    tuple of tuple

    Raises
    ------
    InputError
        If one is of another form.

    Examples
    --------
    >>> check_conditions([("kind", "sale"), ["category", "in", ["books", "toys"]]])
    (('kind', 'sale'), ('category', 'in', ('books', 'toys')))
    """
    if isinstance(conditions, str):
        raise InputError(f"{what} must be a sequence of {_ALLOWED}; got {conditions!r}.")
    return tuple(_checked(condition, what) for condition in conditions)


def _checked(condition: Any, what: str) -> Condition:
    parts = tuple(condition) if isinstance(condition, list | tuple) else ()
    if parts and isinstance(parts[0], str):
        if len(parts) == 2 and _is_value(parts[1]):
            return parts[0], as_text(parts[1])
        if len(parts) == 3 and parts[1] in _SETS and not isinstance(parts[2], str):
            return parts[0], parts[1], tuple(as_text(value) for value in parts[2])
        if len(parts) == 3 and parts[1] in _NUMBERS and isinstance(parts[2], Real):
            return parts[0], parts[1], float(parts[2])
    raise InputError(f"a condition of {what} must be {_ALLOWED}; got {condition!r}.")


def _is_value(value: Any) -> bool:
    """Tell whether a value can be one of a category: a text, a number or a flag."""
    return isinstance(value, str | Real | np.bool_)


def as_text(value: Any) -> str:
    """Give a value as the text that stands for it in a category; 2.0 is the text 2."""
    return str(value).removesuffix(".0") if isinstance(value, float | np.floating) else str(value)


def rows_where(rows: History | TableColumns, conditions: Iterable[Condition]) -> np.ndarray:
    """Mark the rows that meet all conditions.

    Parameters
    ----------
    rows : History or TableColumns of m rows
    conditions : iterable of tuple
        As :func:`check_conditions` gives them.

    Returns
    -------
    ndarray of bool, shape (m,)
    """
    keep: np.ndarray | None = None
    for condition in conditions:
        met = _met(rows, condition)
        keep = met if keep is None else keep & met
    return np.ones(len(rows.rows if isinstance(rows, History) else rows), dtype=bool) if keep is None else keep


def _met(rows: History | TableColumns, condition: Condition) -> np.ndarray:
    table = rows.table if isinstance(rows, History) else rows
    column = condition[0]
    if len(condition) == 3 and condition[1] in _NUMBERS:
        values = rows.numbers(column).values if isinstance(rows, History) else table.numbers(column)
        return np.asarray(_NUMBERS[condition[1]](values, condition[2]))
    codes = rows.codes(column) if isinstance(rows, History) else table.codes(column).codes
    return np.asarray(categories_where(table, condition))[codes]


def categories_where(table: TableColumns, condition: Condition) -> np.ndarray | None:
    """Tell for each category of a column, and at last for missing, whether it meets a condition.

    Parameters
    ----------
    table : TableColumns
    condition : tuple

    Returns
    -------
    ndarray of bool, shape (k + 1,), or None
        None for a condition on numbers.
    """
    if len(condition) == 3 and condition[1] in _NUMBERS:
        return None
    having = table.codes(condition[0]).having(condition[2] if len(condition) == 3 else (condition[1],))
    if len(condition) == 3 and condition[1] == "not in":
        having[:-1] = ~having[:-1]
    return having


def in_words(conditions: Iterable[Condition]) -> list[str]:
    """Say conditions in words, such as ``kind = sale``."""
    words = []
    for condition in conditions:
        if len(condition) == 2:
            words.append(f"{condition[0]} = {condition[1]}")
        elif condition[1:] == ("not in", ()):
            words.append(f"{condition[0]} there")
        elif condition[1] in _SETS:
            words.append(f"{condition[0]} {condition[1]} {', '.join(condition[2])}")
        else:
            words.append(f"{condition[0]} {condition[1]} {condition[2]:g}")
    return words


def name_of(condition: Condition) -> str:
    """Give the part of a feature's name that shows a condition."""
    if len(condition) == 2:
        return f"{condition[0]}_{condition[1]}"
    if condition[1] in _SETS:
        return f"{condition[0]}_other" if condition[1] == "not in" else f"{condition[0]}_{'_or_'.join(condition[2])}"
    words = {">=": "from", ">": "above", "<=": "to", "<": "below"}
    return f"{condition[0]}_{words[condition[1]]}_{condition[2]:g}"

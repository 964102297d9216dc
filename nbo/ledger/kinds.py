"""Kinds of values: from a pandas column to values that a database keeps, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from pandas.api.types import infer_dtype, is_datetime64_any_dtype, is_string_dtype

from nbo.checks import check_rows
from nbo.errors import InputError
from nbo.times import check_times

__all__ = ["detect", "to_microseconds", "to_series", "to_texts", "to_values", "widen"]

_KIND_OF: Final = {
    "string": "text",
    "integer": "integer",
    "floating": "number",
    "mixed-integer-float": "number",
    "decimal": "number",
    "boolean": "flag",
    "datetime64": "time",
    "datetime": "time",
    "date": "time",
    "empty": "empty",
}
_IN_WORDS: Final = {
    "text": "text",
    "integer": "integers",
    "number": "numbers",
    "flag": "true or false",
    "time": "times",
    "any": "values of several kinds",
    "empty": "nothing",
}


def detect(values: pd.Series) -> str:
    """Tell the kind of a column's values.

    Parameters
    ----------
    values : Series

    Returns
    -------
    {"text", "integer", "number", "flag", "time", "any", "empty"}
        "empty" where no value is there and the dtype does not tell; "any" for lists, dicts
        and mixtures.

    Examples
    --------
    >>> detect(pd.Series([1, 2])), detect(pd.Series(["a", None])), detect(pd.Series([1, "a"]))
    ('integer', 'text', 'any')
    """
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(object)
    if is_datetime64_any_dtype(values.dtype):
        return "time"
    if values.notna().any():
        return _KIND_OF.get(infer_dtype(values, skipna=True), "any")
    return "text" if values.dtype != object and is_string_dtype(values.dtype) else "empty"


def widen(stored: str, given: str, what: str) -> str:
    """Find the kind that holds what the ledger has and what comes new.

    Parameters
    ----------
    stored, given : str
        Kinds of :func:`detect`.
    what : str
        The column, for messages.

    Returns
    -------
    str

    Raises
    ------
    InputError
        If times meet another kind: both are kept as numbers and could not be told apart.

    Examples
    --------
    >>> widen("integer", "number", "decisions.age"), widen("text", "number", "decisions.age")
    ('number', 'any')
    """
    if stored == given or given == "empty":
        return stored
    if stored == "empty":
        return given
    if "time" in (stored, given):
        raise InputError(
            f"{what} must be {_IN_WORDS[stored]}, as it is in this ledger; it is {_IN_WORDS[given]}. "
            "Convert it, or give the column another name."
        )
    return "number" if {stored, given} == {"integer", "number"} else "any"


def to_values(values: pd.Series, kind: str, what: str) -> list[Any]:
    """Turn a column into plain values, None where missing.

    Parameters
    ----------
    values : Series of shape (n,)
    kind : str
        A kind of :func:`detect`.
    what : str
        The column, for messages.

    Returns
    -------
    list of shape (n,)
        Times become whole microseconds since 1970 in UTC.

    Raises
    ------
    InputError
        If a value is not of the kind, or of no kind that can be kept.

    Examples
    --------
    >>> to_values(pd.Series([0.5, None]), "number", "decisions.value")
    [0.5, None]
    """
    there = values.notna().to_numpy()
    if there.all():
        return _ENCODERS[kind](values, what)
    found = iter(_ENCODERS[kind](values[there], what))
    return [next(found) if is_there else None for is_there in there]


def to_texts(values: pd.Series, what: str) -> tuple[list[str | None], str]:
    """Turn a column of text or of integers into text, and tell which it was.

    Parameters
    ----------
    values : Series of shape (n,)
        Integers become their decimal text.
    what : str
        The column, for messages.

    Returns
    -------
    list of str or None, shape (n,)
    {"text", "integer", "empty"}

    Raises
    ------
    InputError
        If a value is neither, or text and integers are mixed.

    Examples
    --------
    >>> to_texts(pd.Series([17, 18]), "decisions.customer_id")
    (['17', '18'], 'integer')
    """
    kind = detect(values)
    if kind not in ("text", "integer", "empty"):
        wrong = np.array([not isinstance(value, str) for value in values]) & values.notna().to_numpy()
        check_rows(wrong, values, what, "all text or all integers", "Convert it with .astype(str).")
    return [value if value is None else str(value) for value in to_values(values, kind, what)], kind


def to_series(values: Sequence[Any], kind: str) -> pd.Series:
    """Turn plain values back into a column.

    Parameters
    ----------
    values : sequence of shape (n,)
        As :func:`to_values` gives them; keys of kind "integer" as decimal text.
    kind : str
        A kind of :func:`detect`.

    Returns
    -------
    Series of shape (n,)
        str, int64, float64, bool, datetime64[us] or object. Integers and flags of which some
        are missing come as Int64 and boolean.

    Examples
    --------
    >>> to_series([1, None], "integer").dtype, to_series([], "time").dtype
    (Int64Dtype(), dtype('<M8[us]'))
    """
    return _DECODERS[kind](list(values))


def to_microseconds(moment: pd.Timestamp) -> int:
    """Count the microseconds from 1970 to a moment.

    Parameters
    ----------
    moment : Timestamp
        UTC without a zone.

    Returns
    -------
    int

    Examples
    --------
    >>> to_microseconds(pd.Timestamp("1970-01-01 00:00:01"))
    1000000
    """
    return int(moment.asm8.astype("datetime64[us]").astype("int64"))


def _plain(value: Any, what: str) -> Any:
    if isinstance(value, np.ndarray | list | tuple):
        return [_plain(item, what) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item, what) for key, item in value.items()}
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, str | bool | int | float):
        return value
    raise InputError(
        f"{what} must be text, numbers, times, true or false, or lists and dicts of them; "
        f"got a {type(value).__name__}: {value!r}."
    )


def _encode_times(values: pd.Series, what: str) -> list[int]:
    return check_times(values, what).astype("int64").tolist()


def _encode_numbers(values: pd.Series, what: str) -> list[float]:
    numbers = pd.to_numeric(values, errors="coerce").astype("float64")
    check_rows(numbers.isna().to_numpy(), values, what, "numbers")
    # SQLite keeps no sign of zero.
    return (numbers + 0.0).tolist()


_ENCODERS: Final[Mapping[str, Callable[[pd.Series, str], list[Any]]]] = {
    "text": lambda values, what: values.astype(object).tolist(),
    "integer": lambda values, what: [int(value) for value in values],
    "number": _encode_numbers,
    "flag": lambda values, what: [bool(value) for value in values],
    "time": _encode_times,
    "any": lambda values, what: [_plain(value, what) for value in values],
    "empty": lambda values, what: [],
}


def _decode_integers(values: list[Any]) -> pd.Series:
    if not values:
        return pd.Series([], dtype="int64")
    if None in values:
        return pd.Series(values, dtype="Int64")
    # Inferred, because ids that are hashes may need uint64.
    return pd.Series([int(value) for value in values])


def _decode_times(values: list[Any]) -> pd.Series:
    microseconds = np.array([np.iinfo("int64").min if value is None else value for value in values], dtype="int64")
    return pd.Series(microseconds.view("datetime64[us]"))


_DECODERS: Final[Mapping[str, Callable[[list[Any]], pd.Series]]] = {
    "text": lambda values: pd.Series(values, dtype="str"),
    "integer": _decode_integers,
    "number": lambda values: pd.Series(values, dtype="float64"),
    "flag": lambda values: pd.Series(values, dtype="boolean" if None in values else "bool"),
    "time": _decode_times,
    "any": lambda values: pd.Series(values, dtype="object"),
    "empty": lambda values: pd.Series(np.nan, index=range(len(values)), dtype="float64"),
}

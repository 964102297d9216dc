"""Give the columns of a table their types, where that loses nothing, and say what was done."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbo.checks import check_rows
from nbo.tables.schema import Column, TableContract
from nbo.times import parsed_times, time_texts

__all__ = ["check_single", "empty_frame", "is_settled", "mixed_zones", "typed_column", "typed_frame", "untypable"]

_DTYPES = {
    "key": "str",
    "time": "datetime64[us]",
    "number": "float64",
    "category": "str",
    "text": "str",
    "flag": "boolean",
    "list": "object",
}
# Columns of these types need no look at their values.
_SETTLED = {
    "key": ("str", "int64"),
    "time": ("datetime64[us]",),
    "number": ("float64", "int64"),
    "category": ("str",),
    "text": ("str",),
    "flag": ("boolean", "bool"),
}
_FLAGS = {"true": True, "yes": True, "1": True, "1.0": True, "false": False, "no": False, "0": False, "0.0": False}


def empty_frame(contract: TableContract) -> pd.DataFrame:
    """Make a frame without rows that has all columns of a contract, typed.

    Parameters
    ----------
    contract : TableContract

    Returns
    -------
    DataFrame
        0 rows.
    """
    named = [column for column in contract.columns if not column.name.endswith("*")]
    return pd.DataFrame({column.name: pd.Series(dtype=_DTYPES[column.kind]) for column in named})


def is_settled(dtype: object, column: Column) -> bool:
    """Tell whether values of a type can be taken as those of a column, without a look at them."""
    return str(dtype) in _SETTLED.get(column.kind, ())


def typed_frame(frame: pd.DataFrame, contract: TableContract) -> tuple[pd.DataFrame, list[dict[str, str]]]:
    """Type the columns that the contract knows, each only if every value can be typed.

    A column with a value that cannot is left as it came, so that `validate` can show it.

    Parameters
    ----------
    frame : DataFrame
        The table as given; not changed.
    contract : TableContract

    Returns
    -------
    DataFrame
        The same rows and columns, with types and a fresh RangeIndex.
    list of dict
        One entry per column whose type was changed: table, column, before, after.

    Raises
    ------
    InputError
        If a cell of a known column holds several values, such as a list.
    """
    typed = frame.reset_index(drop=True)
    changes = []
    for name, dtype in typed.dtypes.items():
        column = contract.column(str(name))
        if column is None or is_settled(dtype, column):
            continue
        values = typed_column(typed[name], column, contract.name)
        before, after = str(frame[name].dtype), str(values.dtype)
        if before != after:
            changes.append({"table": contract.name, "column": str(name), "before": before, "after": after})
            typed = typed.assign(**{str(name): values})
    return typed, changes


def typed_column(values: pd.Series, column: Column, table: str) -> pd.Series:
    """Type a column, if every value can be typed; else leave it as it came.

    Parameters
    ----------
    values : Series of length n
    column : Column
    table : str
        Name for messages.

    Returns
    -------
    Series of length n

    Raises
    ------
    InputError
        If a cell holds several values, such as a list, where the contract has one.
    """
    if column.kind == "list":
        return values
    check_single(values, f"{table}.{column.name if not column.name.endswith('*') else values.name}")
    return values if untypable(values, column).any() else _typed(values, column)


def untypable(values: pd.Series, column: Column) -> pd.Series:
    """Mark the values that the column's type cannot hold.

    Parameters
    ----------
    values : Series
    column : Column

    Returns
    -------
    Series of bool
        Missing values are not marked.
    """
    there = values.notna()
    if column.kind == "time" and not pd.api.types.is_datetime64_any_dtype(values.dtype):
        return there & parsed_times(values).isna()
    if column.kind == "number" and pd.api.types.is_complex_dtype(values.dtype):
        return there
    if column.kind == "number" and not pd.api.types.is_numeric_dtype(values.dtype):
        real = ~values.map(lambda value: isinstance(value, complex)).astype(bool)
        return there & pd.to_numeric(values.where(real), errors="coerce").isna()
    if column.kind == "flag" and not pd.api.types.is_bool_dtype(values.dtype):
        return there & ~values.astype("str").str.strip().str.lower().isin(list(_FLAGS))
    if column.kind == "key" and not _is_key_dtype(values):
        return there & ~values.map(lambda value: isinstance(value, str | int) and not isinstance(value, bool))
    return pd.Series(False, index=values.index)


def mixed_zones(values: pd.Series) -> pd.Series:
    """Mark the times whose zone offset is not that of the first time in the column.

    Parameters
    ----------
    values : Series
        Times as text or as datetime objects.

    Returns
    -------
    Series of bool
    """
    texts = time_texts(values)
    # A bare date has no clock and so no zone to differ in.
    clocked = texts.str.contains(r"\d{2}:\d{2}", na=False)
    offsets = texts.str.extract(r"(Z|[+-]\d{2}:?\d{2})$", expand=False).fillna("none").replace({"Z": "+00:00"})
    offsets = offsets.str.replace(r"^([+-]\d{2})(\d{2})$", r"\1:\2", regex=True).where(clocked)
    first = offsets.dropna()
    if first.empty:
        return pd.Series(False, index=values.index)
    return clocked & (offsets != first.iloc[0])


def _typed(values: pd.Series, column: Column) -> pd.Series:
    """Typed values; every one can be typed, except that zones may still be mixed."""
    if column.kind == "time":
        return _typed_times(values)
    if column.kind == "number" and (
        not pd.api.types.is_numeric_dtype(values.dtype) or pd.api.types.is_bool_dtype(values.dtype)
    ):
        return pd.to_numeric(values).astype("float64")
    if column.kind == "flag" and not pd.api.types.is_bool_dtype(values.dtype):
        flags = values.map(lambda value: _FLAGS[str(value).strip().lower()], na_action="ignore")
        return flags.astype("boolean")
    if values.dtype == object and column.kind in ("category", "text", "key") and values.map(_is_text).all():
        return values.astype("str")
    return values


def _typed_times(values: pd.Series) -> pd.Series:
    if not pd.api.types.is_datetime64_any_dtype(values.dtype) and mixed_zones(values).any():
        return values
    return parsed_times(values)


def check_single(values: pd.Series, what: str) -> None:
    """Refuse a column in which a cell holds several values, such as a list.

    Parameters
    ----------
    values : Series
    what : str
        Name for messages.

    Raises
    ------
    InputError
        If a cell does.
    """
    if values.dtype == object:
        wrong = np.array([not pd.api.types.is_scalar(value) for value in values], dtype=bool)
        check_rows(wrong, values, what, "one value in each row")


def _is_text(value: object) -> bool:
    return isinstance(value, str) or value is None or value is pd.NA or value != value


def _is_key_dtype(values: pd.Series) -> bool:
    dtype = values.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        dtype = dtype.categories.dtype
    return not pd.api.types.is_object_dtype(dtype) and (
        pd.api.types.is_integer_dtype(dtype) or pd.api.types.is_string_dtype(dtype)
    )

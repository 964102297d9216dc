"""Checks on what a caller gave, with one wording for all errors.

Every message says what is wrong, how many rows, the first of them, what is allowed and, where
there is one, the way out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from nbo.errors import InputError

__all__ = [
    "check_columns",
    "check_frame",
    "check_keys",
    "check_matrix",
    "check_numbers",
    "check_one_of",
    "check_probabilities",
    "check_rows",
]


def check_rows(wrong: np.ndarray, values: Any, what: str, allowed: str, way_out: str = "") -> None:
    """Refuse rows that are marked wrong, and show the first.

    Parameters
    ----------
    wrong : ndarray of bool, shape (n,)
        True where a row is not allowed.
    values : array-like of shape (n,)
        What the rows hold.
    what : str
        The argument or column, such as "feedback.reward".
    allowed : str
        What it must be, to follow "must be".
    way_out : str, optional
        A sentence that says what to do.

    Raises
    ------
    InputError
        If any row is wrong.

    Examples
    --------
    >>> check_rows(np.array([False, True]), [0.5, 2.0], "reward", "in [0, 1]")
    Traceback (most recent call last):
    nbo.errors.InputError: reward must be in [0, 1]; 1 of 2 rows is not, first at row 1: 2.0.
    """
    wrong = np.asarray(wrong, dtype=bool)
    n_wrong = int(wrong.sum())
    if not n_wrong:
        return
    first = int(wrong.argmax())
    value = values.iloc[first] if hasattr(values, "iloc") else values[first]
    value = value.item() if isinstance(value, np.generic) else value
    shown = value if isinstance(value, float | int | pd.Timestamp) or value is pd.NaT else repr(value)
    verb = "is" if n_wrong == 1 else "are"
    message = f"{what} must be {allowed}; {n_wrong} of {len(wrong)} rows {verb} not, first at row {first}: {shown}."
    raise InputError(f"{message} {way_out}".rstrip())


def check_frame(frame: Any, what: str) -> pd.DataFrame:
    """Take a frame of any library as a pandas frame.

    Parameters
    ----------
    frame : DataFrame or any object with the Arrow C stream protocol
        pandas, polars, pyarrow, DuckDB ...; a pandas frame is returned as it is, not copied.
    what : str
        Name for messages.

    Returns
    -------
    DataFrame

    Raises
    ------
    TypeError
        If it is not a frame.
    InputError
        If its columns have names of several levels.
    """
    if isinstance(frame, pd.DataFrame):
        if frame.columns.nlevels > 1:
            raise InputError(
                f"{what} must have one name for each column; its columns have {frame.columns.nlevels} levels of names, "
                f"such as {frame.columns[0]!r}."
            )
        return frame
    if isinstance(frame, pd.Series):
        raise TypeError(f"{what} must be a frame; got a Series. Use `.to_frame()`.")
    if hasattr(frame, "__arrow_c_stream__"):
        import pyarrow as pa

        return pa.table(frame).to_pandas()
    raise TypeError(
        f"{what} must be a frame (pandas, polars, pyarrow, DuckDB or any with the Arrow stream protocol); "
        f"got {type(frame).__name__}."
    )


def check_columns(frame: Any, columns: Iterable[str], what: str) -> None:
    """Refuse a frame that lacks columns, or has one of them twice.

    Parameters
    ----------
    frame : DataFrame or TableColumns
    columns : iterable of str
        Names that it must have.
    what : str
        Name of the frame for messages.

    Raises
    ------
    InputError
        Names all missing columns and those that are there.
    """
    columns = list(columns)
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        names = ", ".join(map(repr, missing))
        have = ", ".join(repr(column) for column in list(frame.columns)[:20]) or "no columns"
        more = f" and {len(frame.columns) - 20} more" if len(frame.columns) > 20 else ""
        plural = "s" if len(missing) > 1 else ""
        raise InputError(f"{what} lacks the column{plural} {names}. It has: {have}{more}.")
    if not frame.columns.is_unique:
        for column in columns:
            n_times = int((frame.columns == column).sum())
            if n_times > 1:
                raise InputError(f"{what} must have each column once; {column!r} comes {n_times} times.")


def check_keys(values: pd.Series, what: str) -> None:
    """Refuse missing keys, and what is neither text nor a number.

    Parameters
    ----------
    values : Series
    what : str
        Name for messages.

    Raises
    ------
    InputError
        If any is missing, or a time, a list ...
    """
    check_rows(values.isna().to_numpy(), values, what, "there in every row")
    kinds = values.cat.categories.dtype if isinstance(values.dtype, pd.CategoricalDtype) else values.dtype
    if pd.api.types.is_object_dtype(kinds):
        wrong = np.array([not isinstance(value, str | Real) for value in values], dtype=bool)
    else:
        fine = pd.api.types.is_string_dtype(kinds) or _is_real(kinds)
        wrong = np.full(len(values), not fine)
    check_rows(wrong, values, what, "texts or whole numbers")


def check_numbers(values: Any, what: str, allowed: str = "numbers") -> np.ndarray:
    """Take real numbers as floats.

    Parameters
    ----------
    values : array-like of shape (n,)
        Numbers, flags, or texts that are numbers; may be missing.
    what : str
        Name for messages.
    allowed : str, default="numbers"
        What they must be, for messages.

    Returns
    -------
    ndarray of float, shape (n,)
        NaN where missing.

    Raises
    ------
    InputError
        If a row is not a number, or there is more than one column.
    """
    if np.ndim(values) != 1:
        raise InputError(f"{what} must have one dimension; got {np.ndim(values)}.")
    series = pd.Series(values)
    if not _is_real(series.dtype):
        # Times and complex numbers would be cast in silence.
        plain = np.array([isinstance(value, str | Real | Decimal) for value in series], dtype=bool)
        check_rows(~plain & series.notna().to_numpy(), series, what, allowed)
        series = series.astype(object)
    numbers = pd.to_numeric(series, errors="coerce")
    check_rows((numbers.isna() & series.notna()).to_numpy(), series, what, allowed)
    return numbers.to_numpy(dtype=float, na_value=np.nan)


def check_probabilities(values: Any, what: str, *, zero: bool = True) -> np.ndarray:
    """Take probabilities as floats.

    Parameters
    ----------
    values : array-like of shape (n,)
    what : str
        Name for messages.
    zero : bool, default=True
        Whether 0 is allowed.

    Returns
    -------
    ndarray of float, shape (n,)

    Raises
    ------
    InputError
        If any is missing or outside [0, 1], or 0 where that is not allowed.
    """
    numbers = check_numbers(values, what)
    wrong = ~((numbers >= 0) & (numbers <= 1)) if zero else ~((numbers > 0) & (numbers <= 1))
    check_rows(wrong, numbers, what, "in [0, 1]" if zero else "in (0, 1]")
    return numbers


def check_matrix(values: Any, shape: tuple[int, int], what: str) -> np.ndarray:
    """Take a matrix of a stated shape.

    Parameters
    ----------
    values : array-like of shape `shape`
    shape : (int, int)
        Rows (customers) and columns (offers).
    what : str
        Name for messages.

    Returns
    -------
    ndarray

    Raises
    ------
    InputError
        If the shape is another.
    """
    try:
        matrix = np.asarray(values)
    except ValueError as error:
        raise InputError(
            f"{what} must have the shape {shape} (customers, offers); its rows differ in length."
        ) from error
    if matrix.shape != shape:
        raise InputError(f"{what} must have the shape {shape} (customers, offers); got {matrix.shape}.")
    return matrix


def check_one_of(value: Any, allowed: Sequence[Any], what: str) -> Any:
    """Refuse a value that is not in a closed set.

    Parameters
    ----------
    value : object
    allowed : sequence
        The values allowed.
    what : str
        Name for messages.

    Returns
    -------
    object
        The value.

    Raises
    ------
    InputError
        If it is not allowed.
    """
    if value not in allowed:
        raise InputError(f"{what} must be one of {', '.join(map(repr, allowed))}; got {value!r}.")
    return value


def _is_real(dtype: Any) -> bool:
    numeric = pd.api.types.is_numeric_dtype(dtype) or pd.api.types.is_bool_dtype(dtype)
    return bool(numeric and not pd.api.types.is_complex_dtype(dtype) and not pd.api.types.is_timedelta64_dtype(dtype))

"""What a column of a frame holds, as numbers."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from pandas.api import types

from nbo.checks import check_rows
from nbo.errors import InputError

__all__ = ["codes_of", "codes_of_texts", "frequent_texts", "kind_of", "numbers_of", "text_of"]

logger = logging.getLogger(__name__)

# Answers of pandas' infer_dtype for columns of Python objects.
_NUMBERS = {"boolean", "integer", "floating", "mixed-integer-float", "decimal"}
_TEXTS = {"string", "categorical", "mixed", "mixed-integer"}
_TIME_KINDS = "Mm"


def kind_of(series: pd.Series, name: str, category: bool) -> str:
    """Tell what a column holds.

    Parameters
    ----------
    series : Series of shape (n,)
    name : str
        For messages.
    category : bool
        Whether numbers are categories too.

    Returns
    -------
    {"number", "category", "empty"}

    Raises
    ------
    InputError
        If it holds times, or anything else that is neither numbers, flags nor text.
    TypeError
        If a row is not one value but a list, a dict ...
    """
    dtype = series.dtype
    inferred = types.infer_dtype(series, skipna=True) if types.is_object_dtype(dtype) else ""
    if getattr(dtype, "kind", "O") in _TIME_KINDS or isinstance(dtype, pd.PeriodDtype | pd.IntervalDtype):
        inferred = "time"
    if category and inferred != "time":
        if inferred.startswith("mixed"):
            _check_scalars(series, name)
        return "category"
    if (types.is_numeric_dtype(dtype) or types.is_bool_dtype(dtype)) and dtype.kind != "c":
        return "empty" if series.isna().all() else "number"
    if inferred == "empty" or series.isna().all():
        return "empty"
    if inferred in _NUMBERS:
        return "number"
    # pandas counts every column of objects as text, hence what was inferred comes first.
    text = inferred in _TEXTS if inferred else isinstance(dtype, pd.CategoricalDtype) or types.is_string_dtype(dtype)
    mixed = inferred.startswith("mixed")
    if not text or (mixed and _holds_times(series)):
        raise InputError(
            f"column {name!r} holds {inferred or dtype}, which is neither numbers, flags nor text; first at row "
            f"{int(series.notna().to_numpy().argmax())}. Turn a time into a number, such as the days until as_of, "
            "or drop it."
        )
    if mixed:
        _check_scalars(series, name)
    return "category"


def _holds_times(series: pd.Series) -> bool:
    return any(isinstance(value, dt.date | dt.time | dt.timedelta | np.datetime64) for value in series)


def _check_scalars(series: pd.Series, name: str) -> None:
    wrong = np.array([not types.is_scalar(value) for value in series], dtype=bool)
    if wrong.any():
        first = int(wrong.argmax())
        raise TypeError(
            f"X: each argument must be a string or a number; {wrong.sum()} of {len(series)} rows of column {name!r} "
            f"are not, first at row {first}: a {type(series.iloc[first]).__name__}."
        )


def text_of(value: Any) -> str:
    """Give a category as text.

    Parameters
    ----------
    value : object
        Not missing.

    Returns
    -------
    str
        The same for 7 and 7.0.
    """
    # An integer column becomes floats as soon as one row is missing; its categories stay the same.
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def codes_of(series: pd.Series, values: list[str]) -> np.ndarray:
    """Give the code of each row's category.

    Parameters
    ----------
    series : Series of shape (n,)
    values : list of str
        The categories; the code is the position.

    Returns
    -------
    ndarray of float, shape (n,)
        NaN where it is missing or not among them.
    """
    codes, uniques = pd.factorize(series)
    texts = pd.Index([text_of(value) for value in uniques], dtype=object)
    found = pd.Index(values, dtype=object).get_indexer(texts).astype(float)
    found[found < 0] = np.nan
    return np.append(found, np.nan)[codes]


def codes_of_texts(texts: Iterable[Any], values: list[str]) -> list[float]:
    """Give the codes of few texts, without tables of keys, which take longer to make than to read.

    Parameters
    ----------
    texts : iterable of str
        Whatever is no text is missing.
    values : list of str
        As for :func:`codes_of`.

    Returns
    -------
    list of float
        NaN where it is missing or not among them.

    Examples
    --------
    >>> codes_of_texts(["gold", None, "new"], ["basic", "gold"])
    [1.0, nan, nan]
    """
    return [float(values.index(text)) if isinstance(text, str) and text in values else float("nan") for text in texts]


def frequent_texts(series: pd.Series, name: str, most: int) -> list[str]:
    """Give the most frequent texts of a column; a warning is logged where there are others.

    Parameters
    ----------
    series : Series of shape (n,)
        Of categories, texts, or numbers that stand for categories.
    name : str
        For messages.
    most : int
        How many.

    Returns
    -------
    list of str
        At most so many, sorted; of equally frequent ones the first by name.

    Examples
    --------
    >>> frequent_texts(pd.Series(["b", "a", "b", None, "c"]), "plan", 2)
    ['a', 'b']
    """
    codes, uniques = pd.factorize(series)
    counts = pd.Series([text_of(value) for value in uniques], dtype=object).to_frame("text")
    counts["n"] = np.bincount(codes[codes >= 0], minlength=len(uniques))
    totals = counts.groupby("text", sort=True)["n"].sum().sort_values(ascending=False, kind="stable")
    if len(totals) > most:
        told = "column %r has %d categories; the %d most frequent are kept, the others count as missing"
        logger.warning(told, name, len(totals), most)
    return sorted(totals.index[:most])


def _numbers(series: pd.Series) -> np.ndarray:
    if types.is_object_dtype(series.dtype):
        codes, uniques = pd.factorize(series)
        return np.append(np.array([float(value) for value in uniques]), np.nan)[codes]
    return series.to_numpy(dtype=float, na_value=np.nan)


def numbers_of(series: pd.Series, name: str, rows: slice) -> np.ndarray:
    """Give the numbers of some rows.

    Parameters
    ----------
    series : Series of shape (n,)
        Numbers or flags of any type.
    name : str
        For messages.
    rows : slice
        Which rows.

    Returns
    -------
    ndarray of float, shape (n_rows,)
        NaN where it is missing.

    Raises
    ------
    InputError
        If one is infinite; the message counts the rows of the whole series.
    """
    numbers = _numbers(series.iloc[rows])
    if np.isinf(numbers).any():
        every = _numbers(series)
        check_rows(np.isinf(every), every, f"column {name!r}", "finite or missing", "Make infinity (inf) missing.")
    return numbers

"""Histories of purchases: checked, and equal ones merged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from nbo.checks import check_columns, check_numbers, check_rows
from nbo.errors import InputError
from nbo.models.btyd.collapsed import Collapsed, collapse
from nbo.models.targets import take_weights

__all__ = ["UNIT", "check_unit", "take_columns", "take_histories", "take_numbers", "weighted"]

#: Where the frame of a purchase summary says its unit of time, in its `attrs`.
UNIT: Final = "unit"

# Rounding may push the last purchase past the end by so much of it.
_ROUNDING = 1e-9


def check_unit(frame: Any, unit: str) -> None:
    """Refuse histories whose unit of time is not that of the model, where the frame says it.

    Parameters
    ----------
    frame : frame of any library
        :func:`nbo.purchase_summary` writes its unit into the `attrs` of the frame; much that pandas does keeps it.
    unit : str
        Of the model.

    Raises
    ------
    InputError
        If the two differ.

    Examples
    --------
    >>> frame = pd.DataFrame({"T": [70.0]})
    >>> frame.attrs["unit"] = "D"
    >>> check_unit(frame, "W")
    Traceback (most recent call last):
    nbo.errors.InputError: X was summarized in the unit 'D', and the model counts time in 'W': give it unit='D'.
    """
    known = getattr(frame, "attrs", {}).get(UNIT, unit)
    if known != unit:
        raise InputError(
            f"X was summarized in the unit {known!r}, and the model counts time in {unit!r}: give it unit={known!r}."
        )


def take_numbers(frame: pd.DataFrame, name: str) -> np.ndarray:
    """Take a column of numbers.

    Parameters
    ----------
    frame : DataFrame of shape (n, ...)
    name : str

    Returns
    -------
    ndarray of float, shape (n,)
        NaN where missing.

    Raises
    ------
    InputError
        If the column is missing, or a value is no number.
    """
    check_columns(frame, [name], "X")
    column = frame[name]
    # Where the type says it, no value needs a look.
    plain = isinstance(column.dtype, np.dtype) and column.dtype.kind in "fiu"
    return column.to_numpy(dtype=float) if plain else check_numbers(column, name)


def take_columns(frame: pd.DataFrame, names: Sequence[str]) -> dict[str, np.ndarray]:
    """Take columns of finite numbers.

    Parameters
    ----------
    frame : DataFrame of shape (n, ...)
    names : sequence of str

    Returns
    -------
    dict of str to ndarray of shape (n,)

    Raises
    ------
    InputError
        If one is missing, or a value is no finite number.
    """
    check_columns(frame, names, "X")
    columns = {}
    for name in names:
        values = take_numbers(frame, name)
        check_rows(~np.isfinite(values), values, name, "a finite number in every row")
        columns[name] = values
    return columns


def take_histories(
    frame: pd.DataFrame, end: str, covariates: Sequence[str] = (), whole: bool = False
) -> dict[str, np.ndarray]:
    """Take histories of purchases.

    Parameters
    ----------
    frame : DataFrame of shape (n, ...)
        Columns `frequency`, `recency`, the one named `end`, and the covariates.
    end : {"T", "periods"}
        How long each customer was observed.
    covariates : sequence of str, optional
    whole : bool, default=False
        Whether times are whole periods with at most one purchase in each.

    Returns
    -------
    dict of str to ndarray of shape (n,)

    Raises
    ------
    InputError
        If a column is missing, or a row can't be a history.
    """
    columns = take_columns(frame, ["frequency", "recency", end, *covariates])
    frequency, recency, length = (columns[name] for name in ("frequency", "recency", end))
    check_rows(
        (frequency < 0) | (frequency != np.floor(frequency)), frequency, "frequency", "a whole number, 0 or more"
    )
    check_rows(length < 0, length, end, "0 or more")
    check_rows(recency < 0, recency, "recency", "0 or more")
    check_rows(
        recency > length * (1 + _ROUNDING), recency, "recency", f"at most {end}", "Both start at the first purchase."
    )
    wrong = (frequency == 0) & (recency > 0)
    check_rows(
        wrong, recency, "recency", "0 where frequency is 0", "It is the time from the first to the last purchase."
    )
    wrong = (frequency > 0) & (recency == 0)
    check_rows(wrong, recency, "recency", "above 0 where frequency is above 0", "Purchases of one moment count as one.")
    if whole:
        for name, values in (("recency", recency), (end, length)):
            check_rows(values != np.floor(values), values, name, "a whole number of periods")
        wrong = frequency > recency
        check_rows(wrong, frequency, "frequency", "at most recency", "A period has one purchase at most.")
    return {**columns, "recency": np.minimum(recency, length)}


def weighted(columns: dict[str, np.ndarray], sample_weight: Any) -> Collapsed:
    """Merge equal rows for a fit; rows of weight 0 are as good as absent.

    Parameters
    ----------
    columns : dict of str to ndarray of shape (n,)
    sample_weight : array-like of shape (n,) or None

    Returns
    -------
    Collapsed

    Raises
    ------
    InputError
        If there are no rows, or a weight is not allowed.
    """
    n_rows = len(next(iter(columns.values())))
    if not n_rows:
        raise InputError("X must have at least one row; it has none.")
    weight = take_weights(sample_weight, n_rows)
    if weight is None:
        return collapse(columns)
    some = weight > 0
    return collapse({name: values[some] for name, values in columns.items()}, weight[some])

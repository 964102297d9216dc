"""Repeat purchases over time, expected and actual."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo import columns as c
from nbo.errors import InputError
from nbo.models.btyd.purchase_days import PurchaseDays, purchase_days
from nbo.models.btyd.purchase_model import PurchaseModel
from nbo.models.btyd.purchase_summary import days_per_unit
from nbo.times import check_time

__all__ = ["purchase_tracking"]


def purchase_tracking(model: PurchaseModel, transactions: Any, as_of: Any, until: Any) -> pd.DataFrame:
    """Compare the repeat purchases that a model expects with the actual ones, period by period.

    The customers are those who bought before `as_of`, the moment of the fit. What is expected of a customer
    is only from the day of the first purchase on: rows after `as_of` test the model, those before show
    how well it fits.

    Parameters
    ----------
    model : BGNBD, MBGNBD or ParetoNBD
        Fitted, without covariates; a period is its unit of time.
    transactions : DataFrame or CustomerTables
        Rows of the table `transactions`, also later ones than those of the fit.
    as_of : str or Timestamp
        Moment of the fit.
    until : str or Timestamp
        End of what is known, at or after `as_of`.

    Returns
    -------
    DataFrame
        One row per period that is over: ``end`` (its last day), ``held_out`` (whether it ends after `as_of`),
        ``actual`` and ``expected`` repeat purchases in it, and their sums so far, ``actual_total`` and
        ``expected_total``.

    Raises
    ------
    InputError
        If a time, a column or the model is not allowed.

    Examples
    --------
    >>> from nbo.models import MBGNBD, purchase_summary
    >>> days = pd.date_range("2026-01-01", periods=6, freq="5D")
    >>> sales = pd.DataFrame({"customer_id": ["a", "b", "c", "a", "b", "a"], "event_time": days})
    >>> model = MBGNBD(penalty=1.0).fit(purchase_summary(sales, "2026-01-22"))
    >>> table = purchase_tracking(model, sales, as_of="2026-01-22", until="2026-02-01")
    >>> table["actual_total"].tolist(), table["held_out"].tolist()
    ([0, 0, 2, 3], [False, False, True, True])
    """
    if model._covariates():
        raise InputError("model must have no covariates: a new customer's would have to be known.")
    if model._whole:
        raise InputError(f"model must count time in continuous units; {type(model).__name__} counts periods.")
    fitted, end = check_time(as_of), check_time(until, "until")
    if end < fitted:
        raise InputError(f"until must be at or after as_of, {fitted}; got {end}.")
    length = days_per_unit(model.unit)
    days = purchase_days(transactions, end, c.AMOUNT)
    known = purchase_days(transactions, fitted, c.AMOUNT)
    if not len(known.customers):
        raise InputError(f"transactions must have a sale before as_of, {fitted}.")
    first, repeats = _first_and_repeats(days, known)
    begin = first.min()
    n_periods = int(np.floor((days.last - begin) / length + 1e-9))
    ends = begin + length * np.arange(1, n_periods + 1)
    expected = _expected(model, first, ends, length)
    actual = np.searchsorted(np.sort(repeats), ends + 1e-9, side="right")
    return pd.DataFrame(
        {
            "end": np.floor(ends + 1e-9).astype("datetime64[D]").astype("datetime64[us]"),
            "held_out": ends > known.last + 1e-9,
            "actual": np.diff(actual, prepend=0),
            "expected": np.diff(expected, prepend=0.0),
            "actual_total": actual,
            "expected_total": expected,
        }
    )


def _first_and_repeats(days: PurchaseDays, known: PurchaseDays) -> tuple[np.ndarray, np.ndarray]:
    """Give the first days of the customers known at the fit, and the days of their later purchases."""
    own = days.customers.isin(known.customers)
    start = days.start
    repeat = np.ones(len(days.day), dtype=bool)
    repeat[start] = False
    return days.day[start[own]], days.day[repeat & own[days.customer]]


def _expected(model: PurchaseModel, first: np.ndarray, ends: np.ndarray, length: float) -> np.ndarray:
    """Sum what is expected of all customers until each end."""
    begun, n = np.unique(first, return_counts=True)
    lived = np.maximum(ends[:, None] - begun, 0.0) / length
    return np.asarray(model.expected_purchases_new(lived.ravel()).reshape(lived.shape) @ n)

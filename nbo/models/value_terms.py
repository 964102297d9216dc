"""What a customer's value is: how far ahead, of what, and what later money is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nbo.checks import check_one_of
from nbo.errors import InputError
from nbo.models.btyd.purchase_summary import days_per_unit
from nbo.models.purchase_value import HISTORY_COLUMNS, PurchaseValue
from nbo.numbers import check_number
from nbo.times import check_duration

__all__ = ["LIFETIME", "ValueTerms", "chosen_method"]

LIFETIME = "lifetime"
_SUMMARY = {"customer_id", "first_purchase", "monetary", *HISTORY_COLUMNS}
_DAYS_A_YEAR = 365.25


@dataclass(frozen=True)
class ValueTerms:
    """How far ahead a value looks, and what later money is worth.

    Parameters
    ----------
    length : Timedelta or None
        The horizon; None is the whole life.
    margin : float
        Share of the money of a purchase that is earned.
    discount_rate : float
        Per year.
    """

    length: pd.Timedelta | None
    margin: float
    discount_rate: float

    @classmethod
    def of(cls, horizon: Any, margin: float, discount_rate: float) -> ValueTerms:
        """Check them.

        Parameters
        ----------
        horizon : str or timedelta
            A length of time, or "lifetime".
        margin, discount_rate : float

        Returns
        -------
        ValueTerms

        Raises
        ------
        InputError
            If one is not allowed.
        """
        length = None if isinstance(horizon, str) and horizon == LIFETIME else check_duration(horizon, "horizon")
        check_number(margin, "margin", "above 0", lambda value: 0 < value < np.inf)
        check_number(discount_rate, "discount_rate", "0 or more", lambda value: 0 <= value < np.inf)
        if length is None and discount_rate == 0:
            raise InputError(
                "horizon='lifetime' needs a discount_rate above 0, such as 0.1 a year: "
                "without one, purchases to come may add up without an end."
            )
        return cls(length, margin, discount_rate)

    @property
    def factor(self) -> float:
        """Present value of one unit of money spread evenly over the horizon; 1 for the whole life."""
        if self.length is None or not self.discount_rate:
            return 1.0
        force = np.log1p(self.discount_rate) * (self.length / pd.Timedelta("1D")) / _DAYS_A_YEAR
        return float(-np.expm1(-force) / force)

    def periods(self, unit: str) -> float | None:
        """Give the horizon in a unit of time; None for the whole life."""
        days = days_per_unit(unit)
        return None if self.length is None else float(self.length / pd.Timedelta("1D")) / days

    def fit(self, frame: pd.DataFrame, unit: str, weight: np.ndarray | None) -> PurchaseValue:
        """Fit the models of the histories of some customers.

        Parameters
        ----------
        frame : DataFrame of n rows
            With the columns of a purchase summary.
        unit : {"D", "W", "M", "Q", "Y"}
            Its unit of time.
        weight : ndarray of shape (n,), optional

        Returns
        -------
        PurchaseValue
        """
        return PurchaseValue.fit(frame, unit, self.periods(unit), self.margin, self.discount_rate, weight)


def chosen_method(method: str, columns: pd.Index, horizon: pd.Timedelta | None) -> str:
    """Choose the way to predict by what there is to learn from.

    Parameters
    ----------
    method : {"auto", "btyd", "gbm", "stacked"}
    columns : Index
        Of the features.
    horizon : Timedelta or None
        None for the whole life.

    Returns
    -------
    {"btyd", "gbm", "stacked"}

    Raises
    ------
    InputError
        If the columns lack those of a purchase summary, or boosting can't look as far ahead.

    Examples
    --------
    >>> chosen_method("auto", pd.Index(["frequency", "recency", "T", "monetary_all", "age"]), None)
    Traceback (most recent call last):
    nbo.errors.InputError: horizon='lifetime' needs method='btyd': no label tells what is spent in a whole life.
    """
    check_one_of(method, ("auto", "btyd", "gbm", "stacked"), "method")
    lacking = [name for name in HISTORY_COLUMNS if name not in columns]
    if method == "auto":
        method = "gbm" if lacking else "btyd" if set(columns) <= _SUMMARY else "stacked"
    elif method != "gbm" and lacking:
        raise InputError(
            f"method={method!r} needs the columns {', '.join(HISTORY_COLUMNS)}, as nbo.purchase_summary gives them; "
            f"X lacks {', '.join(lacking)}."
        )
    if method != "btyd" and horizon is None:
        raise InputError("horizon='lifetime' needs method='btyd': no label tells what is spent in a whole life.")
    return method

"""How values are shown to people: numbers, money, times, what is missing."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["MISSING", "Share", "label", "plain", "shown", "shown_column"]

MISSING = "–"
# Columns whose names people would not read as they are meant.
_LABELS = {
    "n": "Number",
    "n_before": "Number before",
    "n_new": "Number now",
    "base_n": "Number without action",
    "base_mean": "Mean without action",
    "told_by": "How it is known",
    "p_adjusted": "Adjusted p-value",
    "most_of_95_percent": "Most of 95 %",
    "customer_id": "Customer",
    "offer_id": "Offer",
}
# Names of ours that stand in cells; names that a business gave stay as they are.
_NAMES = {
    "acquisition_cost", "contact_cost", "cost_to_serve", "other_cost", "no_offer", "no_answer", "churn_probability",
}  # fmt: skip


class Share(float):
    """A number that is shown as percent, where it stands among others that are not.

    Examples
    --------
    >>> shown(Share(0.125))
    '12.5 %'
    """


# Columns of ours that hold money, which is told to the cent.
_MONEY = {
    "acquire", "acquisition_cost", "amount", "clv", "contact_cost", "contribution", "cost_to_serve", "discount",
    "excess", "goods", "loss", "margin", "other_cost", "profit", "profit_per_customer", "retain", "returns", "revenue",
    "serve", "service_cost", "spent", "total", "unallocated",
}  # fmt: skip


def label(name: str) -> str:
    """Turn the name of a column or field into words.

    Parameters
    ----------
    name : str

    Returns
    -------
    str

    Examples
    --------
    >>> label("cost_to_serve"), label("offer_id")
    ('Cost to serve', 'Offer')
    """
    if name in _LABELS:
        return _LABELS[name]
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def plain(value: Any) -> Any:
    """Turn a value into one of plain Python, None where it is missing.

    Parameters
    ----------
    value : object
        Such as a NumPy number, a Timestamp or NaN.

    Returns
    -------
    object
        Times stay Timestamps; lists and dicts are taken as they are.
    """
    if isinstance(value, list | tuple | dict | set | np.ndarray):
        return value
    if value is None or pd.isna(value):
        return None
    return value.item() if isinstance(value, np.generic) else value


def shown(value: Any) -> str:
    """Write one value for people.

    Parameters
    ----------
    value : object

    Returns
    -------
    str

    Examples
    --------
    >>> shown(1234567.891), shown(0.1234), shown(3), shown(True), shown(None)
    ('1,234,567.89', '0.123', '3', 'yes', '–')
    >>> shown("cost_to_serve"), shown("my_offer")
    ('cost to serve', 'my_offer')
    >>> shown(pd.Timestamp("2026-06-30")), shown(pd.Timestamp("2026-06-30 09:30"))
    ('2026-06-30', '2026-06-30 09:30')
    """
    value = plain(value)
    if value is None:
        return MISSING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, Share):
        return f"{100 * value:,.1f} %"
    if isinstance(value, float):
        return f"{value:,.{_decimals(np.array([value]))}f}"
    if isinstance(value, datetime.date):
        return _time_text(pd.Timestamp(value))
    if isinstance(value, list | tuple | set | np.ndarray):
        return ", ".join(map(shown, value))
    return value.replace("_", " ") if isinstance(value, str) and value in _NAMES else str(value)


def shown_column(values: pd.Series, percent: bool = False) -> list[str]:
    """Write a column for people, all numbers with the same decimals.

    Parameters
    ----------
    values : Series of shape (n,)
    percent : bool, default=False
        Whether floats are shares, to be shown as percent.

    Returns
    -------
    list of str

    Examples
    --------
    >>> shown_column(pd.Series([1.5, 12.0, None]))
    ['1.50', '12.00', '–']
    >>> shown_column(pd.Series([1.0, 0.0])), shown_column(pd.Series([1.0, 0.25]))
    (['1.00', '0.00'], ['1.000', '0.250'])
    >>> shown_column(pd.Series([0.125, 0.02]), percent=True)
    ['12.5 %', '2.0 %']
    >>> shown_column(pd.Series([1844.0, 3000.0], name="profit"))
    ['1,844.00', '3,000.00']
    """
    if pd.api.types.is_float_dtype(values.dtype):
        numbers = values.to_numpy(dtype=float, na_value=np.nan) * (100 if percent else 1)
        decimals, unit = _decimals(numbers), ""
        if percent:
            decimals, unit = 1, " %"
        elif values.name in _MONEY:
            decimals = 2
        return [f"{number:,.{decimals}f}{unit}" if np.isfinite(number) else _not_finite(number) for number in numbers]
    return [shown(value) for value in values]


def _decimals(numbers: np.ndarray) -> int:
    """Three figures behind the point for shares, two for sums, none for whole numbers that are large."""
    finite = np.abs(numbers[np.isfinite(numbers)])
    largest = finite.max(initial=0.0)
    if largest >= 1000 and np.all(finite == np.round(finite)):
        return 0
    if largest > 1 or np.all(finite == np.round(finite)):
        return 2
    return 3 if largest >= 0.01 else 5


def _not_finite(number: float) -> str:
    return MISSING if np.isnan(number) else "∞" if number > 0 else "−∞"


def _time_text(moment: pd.Timestamp) -> str:
    return moment.strftime("%Y-%m-%d" if moment == moment.normalize() else "%Y-%m-%d %H:%M")

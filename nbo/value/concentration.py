"""Which few customers make most of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo.checks import check_numbers, check_one_of, check_rows
from nbo.errors import InputError
from nbo.numbers import check_number
from nbo.value.concentration_result import Concentration

__all__ = ["concentration"]


def concentration(values: Any, *, customers: Any = None, of: str = "net", level: float = 0.95) -> Concentration:
    """Tell how much of a total the customers with the most of it have.

    The intervals take the customers as a sample of all who might have been. They hold about as often as `level`
    says where the tail is not too heavy; where a few customers have most of the total, less often: the guide
    has measured how often.

    Parameters
    ----------
    values : array-like of shape (n,)
        Profit, margin, revenue ... of each customer; a Series may name the customers by its index.
    customers : array-like of shape (n,), optional
        Their ids; the index of a Series, or positions, by default.
    of : {"net", "positive"}, default="net"
        Shares of what: the sum of all values, of which those above 0 may have more than all, or the sum of those
        above 0, where the others count as 0. Everybody counts as a customer in both.
    level : float, default=0.95
        How often intervals shall hold, in (0, 1).

    Returns
    -------
    Concentration

    Raises
    ------
    InputError
        If a value is missing or infinite, there is not one id for each, or an argument is not allowed.

    Examples
    --------
    >>> found = concentration([6.0, 2.0, 1.0, 1.0, 0.0], customers=["ann", "bob", "cy", "di", "eve"])
    >>> found.share_of_top(0.4).value, found.fewest_for(0.75).value, found.members(0.4)
    (0.8, 0.35, ['ann', 'bob'])
    """
    numbers = check_numbers(values, "values")
    check_rows(~np.isfinite(numbers), numbers, "values", "finite, none missing")
    check_one_of(of, ("net", "positive"), "of")
    check_number(level, "level", "in (0, 1)", lambda share: 0 < share < 1)
    if customers is None:
        names = values.index if isinstance(values, pd.Series) else pd.RangeIndex(len(numbers))
    else:
        names = pd.Index(customers)
    if len(names) != len(numbers):
        raise InputError(f"customers must be one for each of {len(numbers)} values; got {len(names)}.")
    counted = np.maximum(numbers, 0.0) if of == "positive" else numbers
    order = np.argsort(-counted, kind="stable")
    return Concentration(counted[order], names[order], of, float(level))

"""What each customer is worth, as a caller gives it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbo.checks import check_keys, check_numbers, check_rows
from nbo.tables.key_positions import key_positions

__all__ = ["given_values"]


def given_values(given: Any, customers: pd.Index, what: str) -> np.ndarray:
    """Find the number of each customer among those that a caller gave.

    Parameters
    ----------
    given : Series
        Numbers by customer id; customers who are not asked for are left out.
    customers : Index
        Different ids.
    what : str
        Name for messages.

    Returns
    -------
    ndarray of float, shape (n,)
        NaN where none is given.

    Raises
    ------
    InputError
        If an id is none or of another kind than the customers', a customer stands twice, or a number is infinite.
    TypeError
        If it is no Series.

    Examples
    --------
    >>> given_values(pd.Series({"ann": 40.0, "cy": 9.5}), pd.Index(["ann", "bob"]), "clv").tolist()
    [40.0, nan]
    """
    if not isinstance(given, pd.Series):
        raise TypeError(f"{what} must be a Series by customer id; got {type(given).__name__}.")
    keys, numbers = pd.Series(given.index), check_numbers(given, what)
    check_keys(keys, f"{what}'s index")
    check_rows(keys.duplicated().to_numpy(), keys, f"{what}'s index", "each customer once")
    check_rows(np.isinf(numbers), numbers, what, "finite, or missing")
    place = key_positions(keys, customers, f"{what}'s index")
    found = np.full(len(customers), np.nan)
    found[place[place >= 0]] = numbers[place >= 0]
    return found
